import { parseArgs } from 'node:util';
import type { Side } from './generate.ts';
import { FUZZ_LIMITS, type Limit } from './limits.ts';

/** What the command line asks for. */
export interface CommandOptions {
  readonly help: boolean;
  readonly seed: number;
  readonly side: Side;
  readonly forMs: number | undefined;
  readonly from: number;
  readonly iterations: number | undefined;
  readonly keepIn: string;
  readonly replay: string | undefined;
}

/** An option that cannot be used. */
export class OptionError extends Error {
  readonly code = 'ERR_FUZZ_OPTION';
}

export const USAGE = `pnpm fuzz [options]
  --minutes N      how long, fractions allowed (default ${FUZZ_LIMITS.minutes.default}, or none with --iterations)
  --seed S         0 to 4294967295 (default: at random, and printed)
  --side SIDE      client, upstream or both (default both)
  --from N         first iteration (default 0)
  --iterations N   how many batches (default: as many as fit into the time)
  --keep DIR       where found inputs are stored (default fuzz-found)
  --replay FILE    try one stored input and nothing else
  --help`;

const SIDES: readonly Side[] = ['client', 'upstream', 'both'];
const MAX_UINT32 = 0xffff_ffff;
const MS_PER_MINUTE = 60_000;

/** @throws {OptionError} ERR_FUZZ_OPTION: naming the option and what it may be. */
export function parseOptions(args: readonly string[]): CommandOptions {
  const text = { type: 'string' } as const;
  const { values } = read(() =>
    parseArgs({
      args: args.filter((argument) => argument !== '--'),
      options: {
        minutes: text,
        seed: text,
        side: text,
        from: text,
        iterations: text,
        keep: text,
        replay: text,
        help: { type: 'boolean' },
      },
    }),
  );
  const side = SIDES.find((name) => name === (values.side ?? 'both'));
  if (side === undefined) throw new OptionError(`--side: expected ${SIDES.join(', ')}, not ${values.side}`);
  const iterations = optional('iterations', values.iterations, { min: 1, max: MAX_UINT32 });
  const minutes = optional('minutes', values.minutes, FUZZ_LIMITS.minutes, false);
  const length = minutes ?? (iterations === undefined ? FUZZ_LIMITS.minutes.default : undefined);
  return {
    help: values.help ?? false,
    seed:
      optional('seed', values.seed, { min: 0, max: MAX_UINT32 }) ?? Math.floor(Math.random() * MAX_UINT32),
    side,
    forMs: length === undefined ? undefined : length * MS_PER_MINUTE,
    from: optional('from', values.from, { min: 0, max: MAX_UINT32 }) ?? 0,
    iterations,
    keepIn: values.keep ?? 'fuzz-found',
    replay: values.replay,
  };
}

function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function optional(
  name: string,
  text: string | undefined,
  { min, max }: Pick<Limit, 'min' | 'max'>,
  whole = true,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  const usable = text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (usable) return value;
  throw new OptionError(
    `--${name}: expected a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not ${text}`,
  );
}
