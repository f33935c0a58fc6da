import { conformanceText } from '../compare/conformance.ts';
import type { ComparedSubject, Comparison } from '../compare/result.ts';
import { median } from '../method/statistics.ts';
import type { ReportTable } from './scenario-table.ts';

/** Tables of what is not measured under load. */
export function subjectTables(comparison: Comparison): ReportTable[] {
  return [
    subjectsTable(comparison),
    codecTable(comparison),
    fidelityTable(comparison),
    lowRateTable(comparison),
  ];
}

function subjectsTable({ subjects, conformance }: Comparison): ReportTable {
  const head = [
    'subject',
    'gate',
    'conformance',
    'first answer ms',
    'idle RSS MiB',
    'lines of code',
    'lines beneath',
    'dependencies',
    'fences',
    'installed MiB',
  ];
  return {
    id: 'subjects',
    title: 'subjects',
    cells: [
      head,
      ...subjects.map((subject) => [
        `${subject.name} ${subject.version}`.trim(),
        gateText(subject),
        conformanceText(conformance, subject.name),
        figure(subject.firstAnswerMs, 0),
        figure(subject.idleBytes, 0, 2 ** 20),
        count(subject.codeLines),
        count(subject.codeLinesBeneath),
        count(subject.dependencies),
        count(subject.fences),
        subject.installedBytes === null ? '–' : (subject.installedBytes / 2 ** 20).toFixed(1),
      ]),
    ],
  };
}

function codecTable({ codec }: Comparison): ReportTable {
  return {
    id: 'codec',
    title: 'codec: one message, read or passed on with another ID',
    cells: [
      ['message and operation', 'codec', 'ns', 'operations/s', 'bytes allocated', '× wire'],
      ...codec.rows
        .toSorted((a, b) => `${a.message}${a.operation}`.localeCompare(`${b.message}${b.operation}`))
        .map((row) => {
          const nanoseconds = median(row.nanoseconds);
          const ours = codec.rows.find(
            (each) =>
              each.codec === 'wire' && each.message === row.message && each.operation === row.operation,
          );
          return [
            `${row.operation} ${row.message}`,
            row.codec,
            nanoseconds.toFixed(0),
            Math.round(1e9 / nanoseconds).toString(),
            Math.max(0, row.allocatedBytes).toFixed(0),
            ours === undefined || ours === row ? '1' : (nanoseconds / median(ours.nanoseconds)).toFixed(1),
          ];
        }),
    ],
  };
}

function fidelityTable({ codec }: Comparison): ReportTable {
  const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join('; '));
  return {
    id: 'fidelity',
    title: 'what a codec changes when it passes a message on',
    cells: [
      ['codec', 'messages', 'changed', 'refused'],
      ...codec.fidelity.map(({ codec: name, version, messages, changed, refused }) => [
        `${name} ${version}`,
        String(messages),
        list(changed),
        list(refused),
      ]),
    ],
  };
}

function lowRateTable({ lowRate }: Comparison): ReportTable {
  const head = [
    'queries/s',
    'subject',
    'asked',
    'failed',
    'unanswered',
    'p50 ms',
    'p99 ms',
    'max ms',
    'handshakes/1000',
  ];
  return {
    id: 'low-rate',
    title: `low rate: random intervals for ${lowRate.seconds} s, upstream closes after ${lowRate.upstreamIdleMs} ms of idling`,
    cells: [
      head,
      ...lowRate.rows.map((row) => [
        String(row.queriesPerSecond),
        row.subject,
        String(row.asked),
        String(row.failed),
        String(row.unanswered),
        milliseconds(row.p50Ms),
        milliseconds(row.p99Ms),
        milliseconds(row.maxMs),
        Math.round((row.handshakes / row.asked) * 1000).toString(),
      ]),
    ],
  };
}

function gateText({ gate }: ComparedSubject): string {
  if (!gate.passed) return 'red';
  return gate.remarks.length === 0 ? 'green' : `green, ${gate.remarks.length} remarks`;
}

function figure(values: readonly number[], digits: number, unit = 1): string {
  return values.length === 0 ? '–' : (median(values) / unit).toFixed(digits);
}

function count(value: number | null): string {
  return value === null ? '–' : String(value);
}

/** JSON has no NaN: what was never answered has no latency. */
function milliseconds(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '–' : value.toFixed(1);
}
