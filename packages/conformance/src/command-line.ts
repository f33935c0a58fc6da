import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installedSubjects, SUBJECT_NAMES } from './subjects/index.ts';
import type { Target } from './subjects/target-subject.ts';

/** What was asked for. */
export interface Command {
  readonly subjects: readonly string[];
  readonly target: Target | undefined;
  /** Where the trust anchor is written for a server that runs already. */
  readonly caFile: string;
  readonly yes: boolean;
  /** Results of an earlier run, which these are added to. */
  readonly earlier: string | undefined;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  isWanted(caseId: string): boolean;
}

/** A command line that cannot be understood. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE';
  override readonly name = 'UsageError';
}

export const HELP = `Grades DNS forwarders.

  pnpm conformance --subject NAME[,NAME…]        start and grade: ${SUBJECT_NAMES.join(', ')}, or all
  pnpm conformance --target ADDR:PORT --upstream-port N        grade a server that runs already

  --case ID        only this case, or those that begin so (U, U4); repeatable, comma separated
  --with FILE      results that --json wrote earlier: what is graded now is added to them, or replaces what was there
  --json FILE      write every result
  --markdown FILE  write the matrix as a page
  --ca-file FILE   where to write the trust anchor for --target (default: a file in the temporary folder)
  --yes            do not wait for Enter
  --help           this
`;

/** @throws {UsageError} ERR_USAGE: with what was wrong and what it may be. */
export function parseCommand(words: readonly string[]): Command | 'help' {
  const values = parsed(words);
  if (values.help === true) return 'help';
  const subjects = list(values.subject);
  const target = targetOf(values.target, values['upstream-port']);
  if (target === undefined && subjects.length === 0)
    throw new UsageError('--subject or --target is needed; see --help');
  const wanted = list(values.case);
  return {
    subjects: subjects.includes('all') ? installedSubjects() : subjects.map(checkedSubject),
    target,
    caFile: values['ca-file'] ?? join(tmpdir(), 'tridot-conformance-ca.pem'),
    yes: values.yes ?? false,
    earlier: values.with,
    json: values.json,
    markdown: values.markdown,
    isWanted: (id) => wanted.length === 0 || wanted.some((each) => matches(id, each)),
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      // pnpm hands on the two dashes that end its own options.
      args: words.filter((word, index) => !(index === 0 && word === '--')),
      options: {
        subject: { type: 'string', multiple: true },
        target: { type: 'string' },
        'upstream-port': { type: 'string' },
        case: { type: 'string', multiple: true },
        with: { type: 'string' },
        json: { type: 'string' },
        markdown: { type: 'string' },
        'ca-file': { type: 'string' },
        yes: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** `U4` stands for `U4` and `U4.header-only`, not for `U40`; a letter stands for its section. */
function matches(id: string, wanted: string): boolean {
  if (/^[A-Z]$/.test(wanted)) return id.startsWith(wanted);
  return id === wanted || id.startsWith(`${wanted}.`);
}

function targetOf(text: string | undefined, upstreamPort: string | undefined): Target | undefined {
  if (text === undefined) return undefined;
  const groups = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+)):(?<port>\d+)$/.exec(text)?.groups;
  const address = groups?.v6 ?? groups?.v4;
  if (address === undefined) throw new UsageError(`--target is ${text}, it may be 127.0.0.1:53 or [::1]:53`);
  const port = Number(upstreamPort);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UsageError(`--upstream-port is ${upstreamPort ?? 'missing'}, it may be 1 to 65535`);
  }
  return { address, port: Number(groups?.port), upstreamPort: port };
}

function checkedSubject(name: string): string {
  if (SUBJECT_NAMES.includes(name)) return name;
  throw new UsageError(`--subject is ${name}, it may be ${SUBJECT_NAMES.join(', ')} or all`);
}

function list(values: readonly string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => value.split(',')).filter((value) => value !== '');
}
