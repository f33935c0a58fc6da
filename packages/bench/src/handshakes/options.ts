import { parseArgs } from 'node:util';
import type { Subject } from '@tridot/peers';
import { BENCH_LIMITS } from '../limits.ts';
import { BenchOptionError, named, numberOption } from '../options.ts';
import type { AskedRate, HandshakeMethod } from './result.ts';

/** The command line of `pnpm --filter bench handshakes`. */
export interface HandshakeOptions {
  readonly subjects: readonly Subject[];
  readonly method: HandshakeMethod;
  /** Where to write the result; null: nowhere. */
  readonly jsonFile: string | null;
  readonly writeDocs: boolean;
  readonly help: boolean;
}

/** Whoever forwards to DNS over TLS over connections that it keeps. */
const COMPARED = ['raw', 'unbound', 'kresd', 'dnsdist', 'smartdns', 'stubby'];

/** Queries a second, up to which subjects run side by side: they have almost nothing to do. */
export const SIDE_BY_SIDE_RATE = 100;

const RATES = [0.1, 1, 10, 1_000];

export const HELP = `usage: pnpm --filter bench handshakes [options]

  Counts the TLS handshakes that forwarders take for each 1 000 queries, at four rates: about seven minutes.

  --subjects A,B     only these; default: ${COMPARED.join(',')}, as far as installed
  --rounds N         default ${BENCH_LIMITS.rounds.default}
  --json FILE        write the result there
  --write-docs       write docs/HANDSHAKES.md
  --scale PERCENT    shorten all times to this share, to try it out; writes no docs
  --help             this text
`;

/** @throws {BenchOptionError} ERR_BENCH_OPTION: an unknown option or subject, or a number out of range. */
export function readHandshakeOptions(args: readonly string[]): HandshakeOptions {
  const { values } = parse(args);
  const scale = numberOption('handshakeScale', values.scale) / 100;
  const writeDocs = values['write-docs'] ?? false;
  if (writeDocs && scale < 1) throw new BenchOptionError('--write-docs needs the full times, not --scale');
  return {
    subjects:
      values.subjects === undefined
        ? named(COMPARED).filter((subject) => subject.installed())
        : named(values.subjects.split(',')).map(mustBeInstalled),
    method: {
      rates: RATES.map((rate) => askedRate(rate, scale)),
      rounds: numberOption('rounds', values.rounds),
      upstreamIdleMs: BENCH_LIMITS.handshakeIdleMs.default * scale,
      subjectCore: BENCH_LIMITS.subjectCore.default,
      loadCore: BENCH_LIMITS.loadCore.default,
    },
    jsonFile: values.json ?? null,
    writeDocs,
    help: values.help ?? false,
  };
}

function askedRate(queriesPerSecond: number, scale: number): AskedRate {
  const { handshakeSeconds, handshakeLoadSeconds } = BENCH_LIMITS;
  const { default: seconds } = queriesPerSecond > SIDE_BY_SIDE_RATE ? handshakeLoadSeconds : handshakeSeconds;
  // dnsperf takes whole seconds.
  return { queriesPerSecond, seconds: Math.max(1, Math.round(seconds * scale)) };
}

function mustBeInstalled(subject: Subject): Subject {
  if (subject.installed()) return subject;
  throw new BenchOptionError(`${subject.name} is not installed`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: {
        subjects: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'string' },
        'write-docs': { type: 'boolean' },
        scale: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (cause) {
    throw new BenchOptionError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
