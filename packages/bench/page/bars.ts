import { axisX, barX, gridX, ruleX, ruleY, text } from '@observablehq/plot';
import { colorOf } from './colors.ts';
import type { PlotFigure } from './figure.ts';
import type { Spread } from './model.ts';
import { powersOfTen } from './powers-of-ten.ts';

/** A bar with the spread of its rounds. */
export interface Bar {
  readonly subject: string;
  readonly value: Spread;
  readonly faded?: boolean;
}

export interface BarsOptions {
  readonly caption: string;
  readonly bars: readonly Bar[];
  readonly unit: string;
  /** Shortest first, or longest first. */
  readonly best: 'least' | 'most';
  readonly digits: number;
  /** Default `linear`. */
  readonly scale?: 'linear' | 'log';
  /** Bars that would squeeze the others are cut off; their figure still stands beside them. Default false. */
  readonly cutOff?: boolean;
}

const ROW = 26;
/** Of a letter, in pixels, at most on average. */
const LETTER = 7;
/** A bar longer than so many times the median is cut off. */
const TOO_LONG = 4;

/** Lying bars, best on top, with their figures at the right. */
export function barsFigure(options: BarsOptions): PlotFigure {
  const { caption, bars, unit, best, digits, cutOff, scale = 'linear' } = options;
  const sign = best === 'least' ? 1 : -1;
  const sorted = bars.toSorted((a, b) => sign * (a.value.middle - b.value.middle));
  const limit = cutOff === true ? limitOf(sorted) : Math.max(...sorted.map(({ value }) => value.most));
  const clamp = (value: number) => Math.min(value, limit);
  // A logarithmic scale has no zero to begin at.
  const start =
    scale === 'log' ? 10 ** Math.floor(Math.log10(Math.min(...sorted.map(({ value }) => value.least)))) : 0;
  const ticks = scale === 'log' ? powersOfTen(start, limit) : 4;
  const figures = sorted.map(
    ({ value }) => figure(value.middle, digits) + (value.middle > limit ? ' »' : ''),
  );
  return {
    caption,
    options: () => ({
      height: sorted.length * ROW + 26,
      marginLeft: marginFor(sorted.map(({ subject }) => subject)),
      marginRight: marginFor(figures),
      marginTop: 4,
      marginBottom: 22,
      x: { type: scale, domain: [start, limit], label: null },
      y: { domain: sorted.map(({ subject }) => subject), label: null, tickSize: 0 },
      marks: [
        gridX({ ticks, strokeOpacity: 0.12 }),
        axisX({ ticks, tickFormat: (value: number) => value.toLocaleString('en', { notation: 'compact' }) }),
        barX(sorted, {
          x1: start,
          x2: ({ value }: Bar) => clamp(value.middle),
          y: 'subject',
          fill: ({ subject }: Bar) => colorOf(subject),
          fillOpacity: ({ faded }: Bar) => (faded === true ? 0.45 : 0.9),
          insetTop: 3,
          insetBottom: 3,
          title: titleOf(unit, digits),
        }),
        ruleY(
          sorted.filter(({ value }) => value.least < limit),
          {
            y: 'subject',
            x1: ({ value }: Bar) => value.least,
            x2: ({ value }: Bar) => clamp(value.most),
            strokeWidth: 1.5,
          },
        ),
        ruleX([start]),
        text(sorted, {
          y: 'subject',
          frameAnchor: 'right',
          textAnchor: 'start',
          dx: 6,
          text: (_bar: Bar, index: number) => figures[index] ?? '',
          fill: 'currentColor',
        }),
      ],
    }),
  };
}

function marginFor(texts: readonly string[]): number {
  return Math.max(...texts.map((each) => each.length)) * LETTER + 12;
}

function titleOf(unit: string, digits: number) {
  return ({ subject, value }: Bar) =>
    `${subject}: ${figure(value.middle, digits)} ${unit} (${figure(value.least, digits)} to ${figure(value.most, digits)})`;
}

function limitOf(sorted: readonly Bar[]): number {
  const middles = sorted.map(({ value }) => value.middle).toSorted((a, b) => a - b);
  const typical = middles[middles.length >> 1] ?? 0;
  const short = sorted.filter(({ value }) => value.middle <= typical * TOO_LONG);
  return Math.max(...short.map(({ value }) => value.most));
}

function figure(value: number, digits: number): string {
  return value.toLocaleString('en', {
    maximumFractionDigits: digits,
    minimumFractionDigits: value < 100 ? digits : 0,
  });
}
