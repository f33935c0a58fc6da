import { BENCH_LIMITS } from '../limits.ts';
import { median } from '../method/statistics.ts';
import type { Cells } from '../report/text-table.ts';
import { type PairedRatio, pairedRatio } from './pairs.ts';
import { type BlockedPart, type CacheParts, type HitRatePart, VARIANTS } from './result.ts';

/** What is wanted, what was measured, and whether it is met; for the parts that were measured. */
export function findings(parts: CacheParts): Cells {
  const { hits, rate, miss, missAtRate, million, blocked } = parts;
  const hitRate = parts['hit-rate'];
  return [
    ['what', 'wanted', 'measured', 'verdict'],
    ...(hits === undefined
      ? []
      : [
          bounded(
            'cached answer over UDP, CPU in bare dgram echoes',
            pairedRatio(hits, 'raw', 'echo'),
            BENCH_LIMITS.cacheHitRatio.default,
          ),
        ]),
    ...(rate === undefined ? [] : [latency(rate)]),
    ...(miss === undefined
      ? []
      : [
          bounded(
            'new name, CPU in that with the cache off',
            pairedRatio(miss, VARIANTS.cacheOn, VARIANTS.cacheOff),
            BENCH_LIMITS.cacheMissRatio.default,
          ),
          bounded(
            'the same with a small cache that is full',
            pairedRatio(miss, VARIANTS.cacheFull, VARIANTS.cacheOff),
            BENCH_LIMITS.cacheMissRatio.default,
          ),
        ]),
    ...(missAtRate === undefined
      ? []
      : [
          bounded(
            `new name at ${missAtRate.method.fixedRate} queries a second, CPU in that with the cache off`,
            pairedRatio(missAtRate, VARIANTS.cacheOn, VARIANTS.cacheOff),
            BENCH_LIMITS.cacheMissRatio.default,
          ),
        ]),
    ...(hitRate === undefined ? [] : [sameMemory(hitRate)]),
    ...(million === undefined
      ? []
      : [
          [
            'memory while as many new names go through the cache again',
            'flat',
            `${mebibytes(million.verdict.before)} MiB, then ${mebibytes(million.verdict.after)}`,
            million.verdict.flat ? 'met' : 'not met',
          ],
        ]),
    ...(blocked === undefined ? [] : lookUpAndCosts(blocked)),
  ];
}

/** `1.02 (0.99 to 1.04)`; a dash when there is none. */
export function intervalText(ratio: PairedRatio | null): string {
  if (ratio === null) return '–';
  return `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`;
}

export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

/** Met by the median; surely when all of the interval is below the bound. */
function bounded(what: string, ratio: PairedRatio | null, most: number): string[] {
  const judge = ({ median: middle, low, high }: PairedRatio) => {
    if (middle <= most) return high <= most ? 'met' : 'met by the median, not by all of the interval';
    return low > most ? 'not met' : 'not met by the median';
  };
  return [what, `at most ${most}`, intervalText(ratio), ratio === null ? 'no figure' : judge(ratio)];
}

function latency({ rows, method }: NonNullable<CacheParts['rate']>): string[] {
  const p99 = rows
    .map(({ subject, rounds }) => ({
      subject,
      ms: median(rounds.map((run) => run?.latencyMs.p99 ?? Number.NaN).filter(Number.isFinite)),
    }))
    .filter(({ ms }) => Number.isFinite(ms))
    .toSorted((a, b) => a.ms - b.ms);
  const measured = p99.map(({ subject, ms }) => `${subject} ${ms.toFixed(2)}`).join(', ');
  return [
    `p99 at ${method.fixedRate} cached answers a second, ms`,
    'beside others',
    measured || '–',
    'stated',
  ];
}

function sameMemory({ rows, cacheBytes }: HitRatePart): string[] {
  const rateOf = (name: string) => rows.find(({ subject }) => subject === name)?.hitRate ?? Number.NaN;
  const measured = rows.map(({ subject, hitRate }) => `${subject} ${percent(hitRate)}`).join(', ');
  const better = rateOf('raw') >= rateOf('unbound');
  const verdict = Number.isNaN(rateOf('raw') + rateOf('unbound')) ? 'stated' : better ? 'met' : 'not met';
  return [`hit rate with ${mebibytes(cacheBytes)} MiB`, 'not below unbound’s', measured, verdict];
}

function lookUpAndCosts({ names, startMs, residentBytes, lookUp }: BlockedPart): string[][] {
  const ratio = pairedRatio(lookUp, VARIANTS.withList, VARIANTS.noList);
  const startSeconds = (median(startMs.withList) - median(startMs.without)) / 1000;
  const bytes = median(residentBytes.withList) - median(residentBytes.without);
  return [
    [
      `look-up in ${names} blocked names, CPU of a new name in that without a list`,
      'not measurable',
      intervalText(ratio),
      ratio === null ? 'no figure' : hiddenOrNot(ratio),
    ],
    [
      'start and memory with that list',
      'stated',
      `${startSeconds.toFixed(1)} s and ${mebibytes(bytes)} MiB more`,
      'stated',
    ],
  ];
}

/** What cannot be seen was looked for well enough only where the interval is narrow. */
function hiddenOrNot({ low, high }: PairedRatio): string {
  if (low > 1) return 'not met';
  return high - low <= BENCH_LIMITS.pairInterval.default ? 'met' : 'too noisy to tell';
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
