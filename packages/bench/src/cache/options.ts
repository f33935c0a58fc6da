import { parseArgs } from 'node:util';
import { BENCH_LIMITS } from '../limits.ts';
import type { Method } from '../method/result.ts';
import { BenchOptionError, numberOption } from '../options.ts';
import { CACHE_PARTS, type CachePartName } from './result.ts';

/** The command line of `pnpm --filter bench caching`. */
export interface CacheOptions {
  readonly parts: readonly CachePartName[];
  /** For hits and rate. */
  readonly method: Method;
  readonly pairs: number;
  /** Queries of each half of the stream whose hits are counted. */
  readonly zipfQueries: number;
  /** Of each half of the run in which memory is read. */
  readonly distinctNames: number;
  readonly blockedNames: number;
  readonly jsonFile: string | null;
  readonly writeDocs: boolean;
  readonly help: boolean;
}

export const HELP = `usage: pnpm --filter bench caching [options]

  Measures what answers from memory cost, beside other forwarders and with raw against itself: a quarter of an hour in all.

  --parts A,B            only these: ${CACHE_PARTS.join(', ')}
  --write-docs           write docs/CACHE.md; needs all parts
  --json FILE            write the figures
  --rounds N             of hits and rate (${BENCH_LIMITS.cacheRounds.default})
  --pairs N              of miss and blocked (${BENCH_LIMITS.cachePairs.default})
  --seconds N            length of a run (${BENCH_LIMITS.cacheSeconds.default})
  --warm-up N            seconds of load before it (${BENCH_LIMITS.warmUpSeconds.default}); pairs have ${BENCH_LIMITS.pairWarmUpSeconds.default}
  --rate N               queries a second of rate (${BENCH_LIMITS.cacheRate.default})
  --zipf-queries N       of hit-rate, twice (${BENCH_LIMITS.zipfQueries.default})
  --distinct-names N     of million, twice (${BENCH_LIMITS.distinctNames.default})
  --blocked-names N      of blocked (${BENCH_LIMITS.blockedNames.default})
  --help                 this text
`;

/** @throws {BenchOptionError} ERR_BENCH_OPTION: an unknown option or part, or a number out of range. */
export function readCacheOptions(args: readonly string[]): CacheOptions {
  const values = parse(args);
  const parts = values.parts?.split(',').map(partNamed) ?? CACHE_PARTS;
  const writeDocs = values['write-docs'] ?? false;
  if (writeDocs && CACHE_PARTS.some((part) => !parts.includes(part))) {
    throw new BenchOptionError('--write-docs needs all parts: the page would lose the others');
  }
  return {
    parts,
    method: {
      seconds: numberOption('cacheSeconds', values.seconds),
      warmUpSeconds: numberOption('warmUpSeconds', values['warm-up']),
      rounds: numberOption('cacheRounds', values.rounds),
      clients: BENCH_LIMITS.clients.default,
      inFlight: BENCH_LIMITS.inFlight.default,
      connections: BENCH_LIMITS.connections.default,
      fixedRate: numberOption('cacheRate', values.rate),
      subjectCore: BENCH_LIMITS.subjectCore.default,
      loadCore: BENCH_LIMITS.loadCore.default,
      nodeFlags: [],
    },
    pairs: numberOption('cachePairs', values.pairs),
    zipfQueries: numberOption('zipfQueries', values['zipf-queries']),
    distinctNames: numberOption('distinctNames', values['distinct-names']),
    blockedNames: numberOption('blockedNames', values['blocked-names']),
    jsonFile: values.json ?? null,
    writeDocs,
    help: values.help ?? false,
  };
}

function partNamed(name: string): CachePartName {
  const found = CACHE_PARTS.find((part) => part === name);
  if (found !== undefined) return found;
  throw new BenchOptionError(`unknown part "${name}": known are ${CACHE_PARTS.join(', ')}`);
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: {
        parts: text,
        rounds: text,
        pairs: text,
        seconds: text,
        'warm-up': text,
        rate: text,
        'zipf-queries': text,
        'distinct-names': text,
        'blocked-names': text,
        json: text,
        'write-docs': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new BenchOptionError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
