import type { Limit } from '@tridot/listener';

/** What a setting holds, and so how text from a flag or the environment becomes its value. */
export type OptionKind =
  /** Repeatable flag; commas in the environment; a list in YAML. */
  | 'list'
  | 'text'
  /** A file: relative to the working directory, or to the configuration file that names it. */
  | 'file'
  /** As many of them as wanted, given like a list. */
  | 'files'
  | 'choice'
  /** `--x` and `--no-x`; true and false. */
  | 'switch'
  | 'number'
  /** A number that need not be whole. */
  | 'fraction'
  /** What only YAML can say well; JSON on the command line and in the environment. */
  | 'json';

/** One setting, in each place where it can be given. */
export interface Option {
  /** Where it lies in the YAML file, joined by dots. */
  readonly key: string;
  readonly flag: string;
  readonly environment: string;
  readonly kind: OptionKind;
  /** What stands for the value in `--help`. */
  readonly placeholder: string;
  readonly description: string;
  /** The default in words. */
  readonly defaultText: string;
  /** What it may be, in words. */
  readonly allowed: string;
  readonly choices?: readonly string[];
  readonly limit?: Limit;
  /** `--help` lists only these; `docs/OPTIONS.md` lists all. */
  readonly inHelp: boolean;
  /** A reload leaves it as it is. */
  readonly needsRestart?: boolean;
}

/** The flag and the variable of a setting, from the words that both are made of. */
export function names(key: string, words: string): Pick<Option, 'key' | 'flag' | 'environment'> {
  return { key, flag: `--${words}`, environment: `TRIDOT_${words.replaceAll('-', '_').toUpperCase()}` };
}
