import { axisX, axisY, dot, gridX, gridY, lineY, text } from '@observablehq/plot';
import type { Comparison } from '../src/compare/result.ts';
import type { LowRateRow } from '../src/low-rate/result.ts';
import { colorOf } from './colors.ts';
import type { PlotFigure } from './figure.ts';

type Pick = (row: LowRateRow) => number | null;

/** Slow queries, failures and handshakes by rate. */
export function lowRateFigures({ lowRate }: Comparison, shown: ReadonlySet<string>): PlotFigure[] {
  const rows = lowRate.rows.filter(({ subject }) => shown.has(subject));
  if (rows.length === 0) return [];
  return [
    linesFigure('99 % of queries took no longer than, ms', rows, ({ p99Ms }) => p99Ms, 'log'),
    linesFigure('Half of queries took no longer than, ms', rows, ({ p50Ms }) => p50Ms, 'log'),
    linesFigure(
      'Failed or unanswered, of 100',
      rows,
      (row) => (100 * (row.failed + row.unanswered)) / row.asked,
      'linear',
    ),
    linesFigure(
      'TLS handshakes for each 100 queries',
      rows,
      (row) => (100 * row.handshakes) / row.asked,
      'linear',
    ),
  ];
}

function linesFigure(
  caption: string,
  all: readonly LowRateRow[],
  pick: Pick,
  scale: 'log' | 'linear',
): PlotFigure {
  const rows = all.filter((row) => (pick(row) ?? 0) > 0 || (scale === 'linear' && pick(row) !== null));
  const fastest = Math.max(...rows.map(({ queriesPerSecond }) => queriesPerSecond));
  const rates = [...new Set(rows.map(({ queriesPerSecond }) => queriesPerSecond))];
  const most = Math.max(...rows.map((row) => pick(row) ?? 0));
  const stroke = ({ subject }: LowRateRow) => colorOf(subject);
  const place = { x: 'queriesPerSecond', y: pick } as const;
  return {
    caption,
    options: () => ({
      height: 260,
      marginLeft: 48,
      marginRight: 88,
      marginBottom: 24,
      x: { type: 'log', label: null },
      y: scale === 'log' ? { type: 'log', label: null } : { domain: [0, Math.max(1, most)], label: null },
      marks: [
        gridX(rates, { strokeOpacity: 0.12 }),
        gridY({ strokeOpacity: 0.12, ticks: 5 }),
        axisX(rates, { label: null, text: (value: number) => `${value}/s` }),
        axisY({ ticks: 5, tickFormat: (value: number) => value.toLocaleString('en') }),
        lineY(rows, { ...place, z: 'subject', stroke, strokeWidth: 1.5 }),
        dot(rows, { ...place, fill: stroke, r: 3, title: ({ subject }: LowRateRow) => subject }),
        text(labels(rows, pick, fastest, scale, most), {
          x: fastest,
          y: 'at',
          text: 'subject',
          textAnchor: 'start',
          dx: 8,
          fill: ({ subject }: { subject: string }) => colorOf(subject),
        }),
      ],
    }),
  };
}

/** Names at the right, in the order of the lines' ends and far enough from one another to be read. */
function labels(
  rows: readonly LowRateRow[],
  pick: Pick,
  fastest: number,
  scale: 'log' | 'linear',
  most: number,
) {
  const ends = rows
    .filter(({ queriesPerSecond }) => queriesPerSecond === fastest)
    .toSorted((a, b) => (pick(a) ?? 0) - (pick(b) ?? 0));
  const values = rows.map((row) => pick(row) ?? 0).filter((value) => scale === 'linear' || value > 0);
  const low = scale === 'log' ? Math.log(Math.min(...values)) : 0;
  const high = scale === 'log' ? Math.log(Math.max(...values)) : Math.max(1, most);
  const step = (high - low) / 15;
  let next = Number.NEGATIVE_INFINITY;
  return ends.map((row) => {
    const own = scale === 'log' ? Math.log(pick(row) ?? 1) : (pick(row) ?? 0);
    const at = Math.max(own, next);
    next = at + step;
    return { subject: row.subject, at: scale === 'log' ? Math.exp(at) : at };
  });
}
