import { parseArgs } from 'node:util';
import { SUBJECTS, type Subject } from '@tridot/peers';
import { BENCH_LIMITS } from './limits.ts';
import type { Method } from './method/result.ts';
import { SCENARIOS, type Scenario, SPEED_SCENARIOS } from './method/scenario.ts';

/** A command line of this package. */
export interface BenchOptions {
  readonly subjects: readonly Subject[];
  readonly scenarios: readonly Scenario[];
  readonly method: Method;
  /** Queries of the memory run, for each half. */
  readonly queries: number;
  /** Where to write the result; null: nowhere. */
  readonly jsonFile: string | null;
  readonly writeDocs: boolean;
}

/** A command line that cannot be followed. */
export class BenchOptionError extends Error {
  readonly code = 'ERR_BENCH_OPTION';
  override readonly name = 'BenchOptionError';
}

/**
 * Reads the arguments that all commands share.
 *
 * @param defaultSubjects names of subjects when none are asked for; of these, those that are not installed are left out.
 * @throws {BenchOptionError} ERR_BENCH_OPTION: an unknown option, subject or scenario, or a number out of range.
 */
export function readBenchOptions(args: readonly string[], defaultSubjects: readonly string[]): BenchOptions {
  const { values } = parse(args);
  return {
    subjects:
      values.subjects === undefined
        ? named(defaultSubjects).filter((subject) => subject.installed())
        : named(values.subjects.split(',')).map(mustBeInstalled),
    scenarios: scenariosNamed(values.scenarios?.split(',') ?? SPEED_SCENARIOS),
    method: {
      seconds: numberOption('seconds', values.seconds),
      warmUpSeconds: numberOption('warmUpSeconds', values['warm-up']),
      rounds: numberOption('rounds', values.rounds),
      clients: BENCH_LIMITS.clients.default,
      inFlight: BENCH_LIMITS.inFlight.default,
      connections: BENCH_LIMITS.connections.default,
      fixedRate: numberOption('fixedRate', values.rate),
      subjectCore: BENCH_LIMITS.subjectCore.default,
      loadCore: BENCH_LIMITS.loadCore.default,
      nodeFlags: values['node-flag'] ?? [],
    },
    queries: numberOption('memoryQueries', values.queries),
    jsonFile: values.json ?? null,
    writeDocs: values['write-docs'] ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: {
        subjects: { type: 'string' },
        scenarios: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        'warm-up': { type: 'string' },
        rate: { type: 'string' },
        queries: { type: 'string' },
        json: { type: 'string' },
        'node-flag': { type: 'string', multiple: true },
        'write-docs': { type: 'boolean' },
      },
    });
  } catch (cause) {
    throw new BenchOptionError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws {BenchOptionError} ERR_BENCH_OPTION: a name is unknown. */
export function named(names: readonly string[]): Subject[] {
  return names.map((name) => {
    const found = SUBJECTS.find((subject) => subject.name === name);
    if (found !== undefined) return found;
    const known = SUBJECTS.map((subject) => subject.name).join(', ');
    throw new BenchOptionError(`unknown subject "${name}": known are ${known}`);
  });
}

function mustBeInstalled(subject: Subject): Subject {
  if (subject.installed()) return subject;
  throw new BenchOptionError(`${subject.name} is not installed`);
}

function scenariosNamed(ids: readonly string[]): Scenario[] {
  return ids.map((id) => {
    const found = SCENARIOS.find((scenario) => scenario.id === id);
    if (found !== undefined) return found;
    const known = SCENARIOS.map((scenario) => scenario.id).join(', ');
    throw new BenchOptionError(`unknown scenario "${id}": known are ${known}`);
  });
}

/** @throws {BenchOptionError} ERR_BENCH_OPTION: not a whole number, or out of range. */
export function numberOption(name: keyof typeof BENCH_LIMITS, written: string | undefined): number {
  const { default: standard, min, max } = BENCH_LIMITS[name];
  if (written === undefined) return standard;
  const value = Number(written);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new BenchOptionError(`${name} is "${written}": it may be a whole number from ${min} to ${max}`);
}
