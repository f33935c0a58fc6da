import { axisX, axisY, gridX, gridY, lineY, text } from '@observablehq/plot';
import { colorOf } from './colors.ts';
import type { PlotFigure } from './figure.ts';
import type { Entry } from './model.ts';
import { powersOfTen } from './powers-of-ten.ts';

interface Point {
  readonly subject: string;
  readonly milliseconds: number;
  /** Of all queries, in per cent, those that took longer. */
  readonly slower: number;
}

/** What 100 % of the queries took longer than is not known; the slowest one is one of some ten thousand. */
const LEAST_SHARE = 0.01;
const SHARES = [0.01, 0.1, 1, 10, 100];

/** One line for each subject: how many queries took longer than a time. Both axes are logarithmic. */
export function latencyFigure(caption: string, entries: readonly Entry[]): PlotFigure {
  const points = entries.flatMap(({ subject, latency }) =>
    latency.curve
      .map(({ percent, milliseconds }): Point => ({ subject, milliseconds, slower: 100 - percent }))
      .filter(({ slower, milliseconds }) => slower >= LEAST_SHARE && milliseconds > 0),
  );
  const ends = entries.flatMap(({ subject }) => points.findLast((point) => point.subject === subject) ?? []);
  const times = powersOfTen(
    Math.min(...points.map(({ milliseconds }) => milliseconds)),
    Math.max(...points.map(({ milliseconds }) => milliseconds)),
  );
  return {
    caption,
    options: () => ({
      height: 300,
      marginLeft: 52,
      marginRight: 84,
      marginBottom: 24,
      x: { type: 'log', label: null },
      y: { type: 'log', domain: [LEAST_SHARE, 100], label: null },
      marks: [
        gridX(times, { strokeOpacity: 0.12 }),
        gridY(SHARES, { strokeOpacity: 0.12 }),
        axisX(times, { text: (value: number) => String(value) }),
        axisY(SHARES, { text: (value: number) => `${value} %` }),
        lineY(points, {
          x: 'milliseconds',
          y: 'slower',
          z: 'subject',
          stroke: ({ subject }: Point) => colorOf(subject),
          strokeWidth: 2,
          title: ({ subject }: Point) => subject,
        }),
        text(apart(ends), {
          x: 'milliseconds',
          y: 'slower',
          text: 'subject',
          textAnchor: 'start',
          dx: 6,
          fill: ({ subject }: Point) => colorOf(subject),
        }),
      ],
    }),
  };
}

/** Labels above one another, in the order of their lines, so that they can be read. */
function apart(ends: readonly Point[]): Point[] {
  const inOrder = ends.toSorted((a, b) => a.milliseconds - b.milliseconds);
  const far = Math.max(...ends.map(({ milliseconds }) => milliseconds));
  return inOrder.map((end, index) => ({ ...end, milliseconds: far, slower: LEAST_SHARE * 1.7 ** index }));
}
