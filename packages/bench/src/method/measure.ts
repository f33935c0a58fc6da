/**
 * One run: a fresh process, a warm-up, a load, and what the process used for each query of the load.
 *
 *   load (core 1) ── UDP, TCP ──► subject (core 0) ── TLS ──► upstream (core 1)
 */

import { freePort, type RunningSubject, type Subject } from '@tridot/peers';
import { BENCH_LIMITS } from '../limits.ts';
import { runConnections } from '../load/connections.ts';
import { runDnsperf } from '../load/dnsperf.ts';
import type { LoadFigures } from '../load/figures.ts';
import type { NamesFiles } from '../load/names.ts';
import type { LoadUpstream } from '../load/upstream.ts';
import { readProcess } from './process-figures.ts';
import type { Method, RunFigures } from './result.ts';
import { type Scenario, usesCache } from './scenario.ts';

/** @throws {SubjectStartError} ERR_SUBJECT_START, and what a load throws; the subject is stopped then too. */
export async function measureRun(
  subject: Subject,
  scenario: Scenario,
  upstream: LoadUpstream,
  names: NamesFiles,
  method: Method,
): Promise<RunFigures> {
  const running = await startSubject(subject, usesCache(scenario), upstream, method);
  const run = (part: Part) => loadOnce(running.port, scenario, part, { upstream, names, method });
  try {
    if (method.warmUpSeconds > 0) await run('warm-up');
    const before = readProcess(running.pid);
    const figures = await run('measured');
    const after = readProcess(running.pid);
    return {
      cpuMicros: ((after.cpuSeconds - before.cpuSeconds) / figures.completed) * 1e6,
      queriesPerSecond: figures.queriesPerSecond,
      completed: figures.completed,
      lost: figures.lost,
      failed: figures.completed - (figures.rcodes.NOERROR ?? 0),
      latencyMs: figures.latencyMs,
      residentBytes: after.residentBytes,
      peakResidentBytes: after.peakResidentBytes,
    };
  } finally {
    await running.stop();
  }
}

type Part = 'warm-up' | 'measured';

interface Stage {
  readonly upstream: LoadUpstream;
  readonly names: NamesFiles;
  readonly method: Method;
}

function loadOnce(port: number, scenario: Scenario, part: Part, stage: Stage): Promise<LoadFigures> {
  const { upstream, names, method } = stage;
  const { load, transport } = scenario;
  const measured = part === 'measured';
  const seconds = measured ? method.seconds : method.warmUpSeconds;
  const repeated = scenario.names === 'cached';
  if (transport === 'tcp-connection') {
    return runConnections({
      ...{ port, seconds, core: method.loadCore, connections: load === 'single' ? 1 : method.connections },
      prefix: measured || repeated ? 'c' : 'd',
      names: repeated ? BENCH_LIMITS.repeatedNames.default : 0,
    });
  }
  const passes = repeated ? warmUpQueriesOf(method) / BENCH_LIMITS.repeatedNames.default : 1;
  return runDnsperf({
    ...{ port, transport, seconds, core: method.loadCore, directory: upstream.directory },
    namesFile: repeated ? names.repeated : measured ? names.fresh : names.warmUp,
    clients: load === 'single' ? 1 : method.clients,
    inFlight: load === 'single' ? 1 : method.inFlight,
    rate: load === 'fixed' ? method.fixedRate : 0,
    eachLatency: measured && load !== 'saturated',
    ...(measured ? {} : { passes: Math.ceil(passes) }),
  });
}

export function warmUpQueriesOf({ warmUpQueries }: Method): number {
  return warmUpQueries ?? BENCH_LIMITS.warmUpQueries.default;
}

/** A subject that forwards to the upstream, with the port that it serves. */
export async function startSubject(
  subject: Subject,
  cache: boolean,
  upstream: Pick<LoadUpstream, 'port' | 'authName' | 'caFile'>,
  method: Pick<Method, 'subjectCore' | 'nodeFlags'>,
): Promise<RunningSubject & { readonly port: number }> {
  const port = await freePort();
  const running = await subject.start({
    port,
    upstreamPort: upstream.port,
    authName: upstream.authName,
    caFile: upstream.caFile,
    cache,
    core: method.subjectCore,
    nodeFlags: method.nodeFlags,
  });
  return {
    port,
    pid: running.pid,
    ended: running.ended,
    log: () => running.log(),
    stop: () => running.stop(),
  };
}
