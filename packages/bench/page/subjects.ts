import type { ComparedSubject, Comparison } from '../src/compare/result.ts';
import { median } from '../src/method/statistics.ts';
import { barsFigure } from './bars.ts';
import type { PlotFigure } from './figure.ts';
import type { Entry, Spread } from './model.ts';

/** Memory idle and after load, and the time to the first answer. */
export function memoryFigures(subjects: readonly ComparedSubject[], entries: readonly Entry[]): PlotFigure[] {
  const mebibytes = { unit: 'MiB', best: 'least', digits: 0 } as const;
  const idle = subjects.flatMap(({ name, idleBytes }) => bar(name, idleBytes, 2 ** 20));
  const loaded = subjects.flatMap(({ name }) =>
    bar(
      name,
      entries
        .filter(({ subject, scenario }) => subject === name && scenario.level === 'end-to-end')
        .flatMap(({ residentMebibytes }) => residentMebibytes ?? []),
    ),
  );
  const start = subjects.flatMap(({ name, firstAnswerMs }) => bar(name, firstAnswerMs));
  return [
    ...some({ caption: 'Idle, after the first answer', bars: idle, ...mebibytes }),
    ...some({ caption: 'After load, over the scenarios', bars: loaded, ...mebibytes }),
    ...some({ caption: 'Start to first answer', bars: start, unit: 'ms', best: 'least', digits: 0 }),
  ];
}

/** Lines of code and what is installed. */
export function codeFigures(subjects: readonly ComparedSubject[]): PlotFigure[] {
  const lines = { unit: 'lines', best: 'least', digits: 0 } as const;
  const of = (pick: (subject: ComparedSubject) => number | null, unit = 1) =>
    subjects.flatMap((subject) => {
      const value = pick(subject);
      return value === null ? [] : bar(subject.name, [value], unit);
    });
  return [
    ...some({ caption: 'The strategy itself', bars: of(({ codeLines }) => codeLines), ...lines }),
    ...some({
      caption: 'What it stands on, beside Node',
      bars: of(({ codeLinesBeneath }) => codeLinesBeneath),
      ...lines,
    }),
    ...some({
      caption: 'Installed, without Node or shared libraries',
      bars: of(({ installedBytes }) => installedBytes, 2 ** 20),
      ...{ unit: 'MiB', best: 'least', digits: 1 },
    }),
  ];
}

/** Time of each operation of each codec. */
export function codecFigures({ codec }: Comparison): PlotFigure[] {
  const groups = new Map<string, typeof codec.rows>();
  for (const row of codec.rows) {
    const title = `${row.operation === 'read' ? 'Read' : 'Pass on'}: ${row.message}`;
    groups.set(title, [...(groups.get(title) ?? []), row]);
  }
  return [...groups].map(([caption, rows]) =>
    barsFigure({
      caption,
      bars: rows.flatMap(({ codec: name, nanoseconds }) => bar(name, nanoseconds)),
      ...{ unit: 'ns', best: 'least', digits: 0, scale: 'log' },
    }),
  );
}

function some(options: Parameters<typeof barsFigure>[0]): PlotFigure[] {
  return options.bars.length === 0 ? [] : [barsFigure(options)];
}

function bar(subject: string, values: readonly number[], unit = 1): { subject: string; value: Spread }[] {
  if (values.length === 0) return [];
  const scaled = values.map((value) => value / unit);
  return [
    { subject, value: { middle: median(scaled), least: Math.min(...scaled), most: Math.max(...scaled) } },
  ];
}
