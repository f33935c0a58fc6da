import type { Subject } from '@tridot/peers';
import { measureCodecs } from '../codec/measure-codecs.ts';
import { nodeBytes, staticFactsOf } from '../facts/facts.ts';
import { measureStartUp } from '../facts/startup.ts';
import { passGate } from '../gate.ts';
import type { GateResult } from '../gate-result.ts';
import { BENCH_LIMITS } from '../limits.ts';
import { type LoadUpstream, startLoadUpstream } from '../load/upstream.ts';
import { measureLowRate } from '../low-rate/low-rate.ts';
import { describeEnvironment } from '../method/environment.ts';
import type { Method } from '../method/result.ts';
import { measureRounds } from '../method/rounds.ts';
import { rotated } from '../method/statistics.ts';
import type { ConformanceMatrix } from './conformance.ts';
import { type Plan, pairingsOfPlan } from './plan.ts';
import type { ComparedSubject, Comparison } from './result.ts';

export interface CompareRun {
  readonly plan: Plan;
  readonly subjects: readonly Subject[];
  readonly conformance: ConformanceMatrix | null;
  readonly onProgress: (line: string) => void;
}

/** Runs everything, in this order: gate, start, codecs, rounds, low rate. */
export async function compare(run: CompareRun): Promise<Comparison> {
  const { plan, onProgress } = run;
  const method = methodOf(plan);
  const environment = describeEnvironment(method.nodeFlags);
  const gates = await passGates(run, method);
  const green = run.subjects.filter(({ name }) => gates.get(name)?.passed);
  const upstream = await startLoadUpstream(method.loadCore);
  try {
    const starts = await measureStarts(green, upstream, run, method);
    onProgress('codecs');
    const codec = await measureCodecs({
      ...{
        rounds: plan.codecRounds,
        milliseconds: plan.codecMilliseconds,
        core: method.subjectCore,
        onProgress,
      },
    });
    const pairings = pairingsOfPlan(plan, green);
    const measured = await measureRounds({ pairings, upstream, method, onProgress });
    onProgress('low rate');
    const lowRate = await measureLowRate({
      ...{ subjects: green, rates: plan.lowRates, seconds: plan.lowRateSeconds, method, onProgress },
    });
    return {
      kind: 'comparison',
      effort: plan.effort,
      ...{ environment, method, codec, conformance: run.conformance },
      upstream: upstream.description,
      nodeBytes: nodeBytes(),
      subjects: run.subjects.map((subject) => compared(subject, gates, starts)),
      ...measured,
      lowRate: {
        seconds: plan.lowRateSeconds,
        upstreamIdleMs: BENCH_LIMITS.upstreamIdleMs.default,
        rows: lowRate,
      },
    };
  } finally {
    await upstream.stop();
  }
}

function methodOf({ rounds, seconds }: Plan): Method {
  return {
    ...{ rounds, seconds },
    warmUpSeconds: BENCH_LIMITS.warmUpSeconds.default,
    clients: BENCH_LIMITS.clients.default,
    inFlight: BENCH_LIMITS.inFlight.default,
    connections: BENCH_LIMITS.connections.default,
    fixedRate: BENCH_LIMITS.fixedRate.default,
    subjectCore: BENCH_LIMITS.subjectCore.default,
    loadCore: BENCH_LIMITS.loadCore.default,
    nodeFlags: [],
  };
}

/** Ours must also have passed the conformance suite, where it has been run. */
async function passGates(run: CompareRun, method: Method): Promise<Map<string, GateResult>> {
  const gates = new Map<string, GateResult>();
  for (const subject of run.subjects) {
    const gate = await passGate(subject, method, run.plan.thoroughGate);
    const undeclared = run.conformance?.subjects.find(({ name }) => name === subject.name)?.undeclared ?? 0;
    const red = subject.kind === 'tridot' && undeclared > 0;
    const failures = red ? [...gate.failures, `${undeclared} conformance cases fail`] : gate.failures;
    gates.set(subject.name, { ...gate, passed: failures.length === 0, failures });
    run.onProgress(`gate: ${subject.name}: ${failures.length === 0 ? 'passed' : failures.join('; ')}`);
  }
  return gates;
}

interface Starts {
  readonly firstAnswerMs: number[];
  readonly idleBytes: number[];
}

async function measureStarts(
  subjects: readonly Subject[],
  upstream: LoadUpstream,
  { plan, onProgress }: CompareRun,
  method: Method,
): Promise<Map<string, Starts>> {
  const starts = new Map<string, Starts>(
    subjects.map(({ name }) => [name, { firstAnswerMs: [], idleBytes: [] }]),
  );
  for (let round = 0; round < plan.startRounds; round += 1) {
    for (const subject of rotated(subjects, round)) {
      const { firstAnswerMs, idleBytes } = await measureStartUp(subject, upstream, method);
      onProgress(`start: ${subject.name}: ${firstAnswerMs.toFixed(0)} ms`);
      starts.get(subject.name)?.firstAnswerMs.push(Number(firstAnswerMs.toFixed(1)));
      starts.get(subject.name)?.idleBytes.push(idleBytes);
    }
  }
  return starts;
}

function compared(
  subject: Subject,
  gates: ReadonlyMap<string, GateResult>,
  starts: ReadonlyMap<string, Starts>,
): ComparedSubject {
  return {
    name: subject.name,
    kind: subject.kind,
    version: subject.version(),
    gate: gates.get(subject.name) ?? { passed: false, failures: ['not run'], remarks: [] },
    firstAnswerMs: starts.get(subject.name)?.firstAnswerMs ?? [],
    idleBytes: starts.get(subject.name)?.idleBytes ?? [],
    ...staticFactsOf(subject),
  };
}
