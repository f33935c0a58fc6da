import { parseArgs } from 'node:util';
import { SUBJECTS, type Subject } from '@tridot/peers';
import { BenchOptionError, named } from '../options.ts';

/** The command line of `pnpm compare`. */
export interface CompareOptions {
  readonly full: boolean;
  /** Serve the page afterwards, or that of the last result when nothing is measured. */
  readonly open: boolean;
  /** Make the pages anew from `results/latest.json`, and measure nothing. */
  readonly pagesOnly: boolean;
  readonly subjects: readonly Subject[];
  /** Directory to write results and pages to; null: only the terminal. */
  readonly write: boolean;
  readonly help: boolean;
}

export const HELP = `usage: pnpm compare [options]

  Measures every way of forwarding that is installed, side by side: under three minutes.
  Writes results/latest.json, docs/COMPARISON.md, docs/comparison.html and a block of README.md.

  --full             every scenario with every subject, three rounds of 3 s: about half an hour
  --open             serve the page on loopback; alone, the page of the last result
  --pages            make the pages anew from results/latest.json, measure nothing
  --subjects A,B     only these: ${SUBJECTS.map(({ name }) => name).join(', ')}
  --no-write         show the tables and write nothing
  --help             this text
`;

/** @throws {BenchOptionError} ERR_BENCH_OPTION: an unknown option or subject. */
export function readCompareOptions(args: readonly string[]): CompareOptions {
  const { values } = parse(args);
  const asked = values.subjects?.split(',');
  const subjects = asked === undefined ? SUBJECTS : named(asked);
  const open = values.open ?? false;
  const pagesOnly = values.pages ?? false;
  return {
    full: values.full ?? false,
    open,
    pagesOnly,
    subjects: subjects.filter((subject) => subject.installed()),
    write: values.write ?? true,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.filter((arg) => arg !== '--'),
      allowNegative: true,
      options: {
        full: { type: 'boolean' },
        open: { type: 'boolean' },
        pages: { type: 'boolean' },
        subjects: { type: 'string' },
        write: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (cause) {
    throw new BenchOptionError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
