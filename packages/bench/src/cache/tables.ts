import type { RunFigures } from '../method/result.ts';
import { median, summarize } from '../method/statistics.ts';
import { type ReportTable, scenarioTables } from '../report/scenario-table.ts';
import type { Cells } from '../report/text-table.ts';
import { findings, intervalText, mebibytes, percent } from './findings.ts';
import { cpuOf, pairedRatio } from './pairs.ts';
import {
  type BlockedPart,
  type CachePartName,
  type CacheResult,
  type HitRatePart,
  type MillionPart,
  type RoundsPart,
  VARIANTS,
} from './result.ts';

/** A table, the part it belongs to, and what must be known to read it. */
export interface CacheTable extends ReportTable {
  readonly part: CachePartName | 'findings';
  readonly notes: readonly string[];
}

/** All tables of what was measured, the findings first. */
export function cacheTables({ parts, subjects }: CacheResult): CacheTable[] {
  const { hits, rate, miss, missAtRate, million, blocked } = parts;
  const hitRate = parts['hit-rate'];
  return [
    {
      ...{ part: 'findings', id: 'findings', title: 'What is wanted, and what is there' },
      cells: findings(parts),
      notes: [],
    },
    ...(hits === undefined ? [] : [roundsTable('hits', 'Cached answers over UDP', hits, subjects)]),
    ...(rate === undefined
      ? []
      : [
          roundsTable(
            'rate',
            `Cached answers over UDP, ${rate.method.fixedRate} queries a second`,
            rate,
            subjects,
          ),
        ]),
    ...(miss === undefined ? [] : [missTable(miss)]),
    ...(missAtRate === undefined ? [] : [missAtRateTable(missAtRate)]),
    ...(hitRate === undefined ? [] : [hitRateTable(hitRate)]),
    ...(million === undefined ? [] : [millionTable(million)]),
    ...(blocked === undefined ? [] : blockedTables(blocked)),
  ];
}

function roundsTable(
  part: 'hits' | 'rate',
  title: string,
  { rows, method }: RoundsPart,
  subjects: CacheResult['subjects'],
): CacheTable {
  const [table] = scenarioTables({ rows, method, subjects });
  return { part, id: part, title, cells: table?.cells ?? [], notes: NOTES[part] };
}

const NOTES = {
  hits: [
    'echo: bare `node:dgram` that sends each datagram back. What a cached answer costs beyond it is the whole forwarder.',
  ],
  rate: [
    'Percentiles are of the latency of each query as dnsperf wrote it down; the figure is the median of the rounds.',
  ],
};

function missTable(part: RoundsPart): CacheTable {
  return {
    ...{ part: 'miss', id: 'miss', title: 'New names, with and without a cache' },
    cells: pairCells(part, VARIANTS.cacheOff),
    notes: [
      `${VARIANTS.cacheOn}: at its default size, which does not fill in such a run. ${VARIANTS.cacheFull}: it fills in the warm-up, then each new answer takes the place of another.`,
      pairNote(part),
    ],
  };
}

function missAtRateTable(part: RoundsPart): CacheTable {
  return {
    ...{ part: 'miss', id: 'miss-at-rate' },
    title: `New names, with and without a cache, ${part.method.fixedRate} queries a second`,
    cells: pairCells(part, VARIANTS.cacheOff),
    notes: [pairNote(part)],
  };
}

function pairCells(part: RoundsPart, base: string): Cells {
  return [
    ['raw with', 'CPU µs/query', 'spread', `× ${base}`, 'queries/s', 'RSS MiB'],
    ...part.rows.map(({ subject, rounds }) => {
      const cpu = cpuOf(part, subject).filter(Number.isFinite);
      const { median: middle, min, max } = summarize(cpu);
      const good = rounds.filter((run) => run !== null);
      const of = (pick: (run: RunFigures) => number) =>
        good.length === 0 ? '–' : median(good.map(pick)).toFixed(0);
      return [
        subject,
        cpu.length === 0 ? '–' : middle.toFixed(1),
        cpu.length === 0 ? '–' : `${min.toFixed(1)} to ${max.toFixed(1)}`,
        subject === base ? '1' : intervalText(pairedRatio(part, subject, base)),
        of((run) => run.queriesPerSecond),
        of((run) => run.residentBytes / 2 ** 20),
      ];
    }),
  ];
}

function pairNote(part: RoundsPart): string {
  const [base, other] = part.rows.map(({ subject }) => subject);
  const ratio = pairedRatio(part, other ?? '', base ?? '');
  const confidence = ratio === null ? '' : `, where the median lies in ${percent(ratio.confidence)} of cases`;
  return `The ratio is the median of ${ratio?.pairs ?? 0} pairs of runs; in brackets its interval${confidence}.`;
}

function hitRateTable(part: HitRatePart): CacheTable {
  const { cacheBytes, universe, exponent, seed, queries, ceiling, rows } = part;
  return {
    ...{ part: 'hit-rate', id: 'hit-rate', title: 'Hit rate with the same memory' },
    cells: [
      ['subject', 'hit rate', 'asked', 'at the upstream', 'lost', 'RSS MiB', 'before the stream MiB'],
      ...rows.map((row) => [
        row.subject,
        percent(row.hitRate),
        ...[row.asked, row.atUpstream, row.lost].map(String),
        mebibytes(row.residentBytes),
        mebibytes(row.idleResidentBytes),
      ]),
    ],
    notes: [
      `A stream of ${queries} queries that fills the cache, then ${queries} that are counted. Names come by Zipf's law with exponent ${exponent} from ${universe} names (seed ${seed}; one address each, TTL 300 s); equal for all.`,
      `Hit rate: 1 − queries at the upstream / queries asked. A cache without bound would reach ${percent(ceiling)}.`,
      `Each cache has ${mebibytes(cacheBytes)} MiB: raw \`--cache-max-bytes\`; unbound a third of it as \`msg-cache-size\` and two as \`rrset-cache-size\`, each in one slab; kresd \`cache.size\`, with its garbage collector looking every second as its packages have it (memory is kresd’s alone), and without.`,
    ],
  };
}

function millionTable({ samples, verdict }: MillionPart): CacheTable {
  return {
    ...{ part: 'million', id: 'million', title: 'Memory while new names go through the cache' },
    cells: [
      ['names', 'RSS MiB', 'peak MiB'],
      ...samples.map((sample) => [
        String(sample.queries),
        mebibytes(sample.residentBytes),
        mebibytes(sample.peakResidentBytes),
      ]),
    ],
    notes: [
      `raw with its default cache of 64 MiB; no name comes twice. Median at the end of the first half ${mebibytes(verdict.before)} MiB, at the end ${mebibytes(verdict.after)} MiB (${(verdict.growth * 100).toFixed(1)} %).`,
    ],
  };
}

function blockedTables(part: BlockedPart): CacheTable[] {
  const { names, fileBytes, startMs, residentBytes, reloadMs, residentBytesAfterReload, lookUp } = part;
  const shown = ({ without, withList }: BlockedPart['startMs'], unit: (value: number) => string) => [
    ...[without, withList].map((values) => unit(median(values))),
    unit(median(withList) - median(without)),
  ];
  const milliseconds = (value: number) => value.toFixed(0);
  return [
    {
      ...{ part: 'blocked', id: 'blocked', title: 'A long block list' },
      cells: [
        ['raw', VARIANTS.noList, VARIANTS.withList, 'difference'],
        ['start until listening, ms', ...shown(startMs, milliseconds)],
        ['RSS, MiB', ...shown(residentBytes, mebibytes)],
        ['changed file until in force, ms', '–', milliseconds(median(reloadMs)), '–'],
        ['RSS after that, MiB', '–', mebibytes(median(residentBytesAfterReload)), '–'],
      ],
      notes: [
        `One file of ${names} plain names, ${mebibytes(fileBytes)} MiB. Medians of ${startMs.without.length} starts; queries are served while the file is read again, and its settling time of 250 ms is in the figure.`,
      ],
    },
    {
      ...{ part: 'blocked', id: 'look-up', title: 'What a look-up in the list costs' },
      cells: pairCells(lookUp, VARIANTS.noList),
      notes: ['Every name new and not listed, the cache off.', pairNote(lookUp)],
    },
  ];
}
