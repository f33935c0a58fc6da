/**
 *   cases × transports ──► applicable? ──► subject + upstream ──► run ──► nothing leaked? no trace? ──► results
 *                              └─ no: n/a        (own or shared)
 */
import { type ConformanceCase, type Level, type Need, sectionOf, titleOf } from './case.ts';
import { checkAfter, checkBefore } from './checks.ts';
import { CaseContext } from './context.ts';
import type { Outcome } from './outcome.ts';
import { Bench, Certificates, type Stand } from './stand.ts';
import type { RunningSubject, Subject, Transport } from './subject.ts';
import { within } from './within.ts';

export type Verdict = 'pass' | 'fail' | 'not applicable';

/** How one case went over one transport. */
export interface CaseResult {
  /** `H6 udp`. */
  readonly key: string;
  readonly id: string;
  readonly section: string;
  readonly transport: Transport;
  readonly level: Level;
  /** With the reference. */
  readonly title: string;
  /** Why none of the forwarders of others that were graded passes it, where that is known. */
  readonly oursAlone?: string;
  readonly verdict: Verdict;
  /** Why it failed, or is not applicable. */
  readonly reason?: string;
  /** The subject is known to fail it; why. Then `pass` is an error. */
  readonly deviation?: string;
  /** Left out when it is not the same in every run. */
  readonly outcome?: Outcome;
  readonly durationMs: number;
  /** What the subject wrote; with failures alone. */
  readonly logs?: string;
}

export interface RunOptions {
  readonly subject: Subject;
  readonly cases: readonly ConformanceCase[];
  /** What the machine can do. */
  readonly machine: ReadonlySet<Need>;
  /** Case id to the reason why this subject fails it. */
  readonly deviations?: Readonly<Record<string, string>>;
  readonly onResult?: (result: CaseResult) => void;
  /** Who signs the upstream's certificate. Default: a new authority. */
  readonly certificates?: Certificates;
  /** How many cases run at the same time. Default: the subject's. */
  readonly concurrency?: number;
}

interface Job {
  readonly case: ConformanceCase;
  readonly transport: Transport;
}

/** A case takes at most so long, unless it says otherwise. */
const CASE_TIMEOUT_MS = 30_000;
/** The deadline of a whole query where it cannot be set: stub resolvers give up after 5 s. */
const PATIENCE_MS = 5_500;
/** What a deadline that was set may be exceeded by, on a busy machine. */
const SLACK_MS = 4_000;

/** Runs every case over each of its transports. Never rejects because of a case. */
export async function runCases(options: RunOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const certificates = options.certificates ?? (await Certificates.create());
  const work = async (jobs: Job[], concurrency: number) => {
    const worker = async () => {
      const bench = new Bench(options.subject, certificates);
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        const result = await runOne(job.case, job.transport, options, bench);
        results.push(result);
        options.onResult?.(result);
      }
      await bench.clear();
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  };
  const jobs = options.cases.flatMap((each) =>
    each.transports.map((transport) => ({ case: each, transport })),
  );
  const together = jobs.filter((job) => job.case.alone !== true);
  await work(together, options.concurrency ?? options.subject.concurrency ?? 8);
  await work(
    jobs.filter((job) => job.case.alone === true),
    1,
  );
  return results.sort(byId);
}

/** Whether a run is good: all that is applicable passes, and exactly the declared deviations fail. */
export function problemsOf(results: readonly CaseResult[]): string[] {
  return results.flatMap((result) => {
    if (result.deviation !== undefined && result.verdict === 'pass') {
      return [`${result.key} is declared as a deviation (${result.deviation}) and passes`];
    }
    if (result.verdict !== 'fail' || result.deviation !== undefined) return [];
    return [`${result.key} ${result.title}: ${result.reason ?? ''}`];
  });
}

async function runOne(
  each: ConformanceCase,
  transport: Transport,
  options: RunOptions,
  bench: Bench,
): Promise<CaseResult> {
  const { subject, machine } = options;
  const startedAt = performance.now();
  const deviation = options.deviations?.[each.id];
  const base = {
    key: `${each.id} ${transport}`,
    id: each.id,
    section: sectionOf(each.id),
    transport,
    level: each.level,
    title: titleOf(each),
    ...(each.oursAlone === undefined ? {} : { oursAlone: each.oursAlone }),
    ...(deviation === undefined ? {} : { deviation }),
  };
  const missing = (each.needs ?? []).filter((need) => !subject.can.has(need) && !machine.has(need));
  if (missing.length > 0) {
    return { ...base, verdict: 'not applicable', reason: `needs ${missing.join(', ')}`, durationMs: 0 };
  }
  let stand: Stand | undefined;
  try {
    stand = await bench.prepare(each.setup ?? {});
    const outcome = await runOn(stand, each, transport, subject);
    await bench.release(stand);
    const compared = each.outcome === 'varies' ? {} : { outcome };
    return { ...base, verdict: 'pass', durationMs: performance.now() - startedAt, ...compared };
  } catch (error) {
    const logs = stand?.running.logs() ?? '';
    if (stand !== undefined) await bench.discard(stand);
    const reason = error instanceof Error ? error.message : String(error);
    return { ...base, verdict: 'fail', reason, durationMs: performance.now() - startedAt, logs };
  }
}

async function runOn(
  stand: Stand,
  each: ConformanceCase,
  transport: Transport,
  subject: Subject,
): Promise<Outcome> {
  const { running, upstreams, settings } = stand;
  const before = await checkBefore(running);
  const others: RunningSubject[] = [];
  const timed = subject.can.has('deadline') ? settings.queryTimeoutMs : undefined;
  const { patience } = subject;
  const context = new CaseContext({
    id: each.id,
    transport,
    subject: running,
    upstreams,
    ca: stand.ca,
    settings,
    probed: !subject.can.has('starts-unready'),
    deadlineMs:
      (timed ?? (patience === undefined ? PATIENCE_MS : 0)) +
      (patience?.replyMs ?? (timed === undefined ? 0 : SLACK_MS)),
    startAnother: async (other) => {
      const another = await subject.start({ ...stand.start, settings: other });
      others.push(another);
      return another;
    },
  });
  let outcome: Outcome;
  try {
    const timeoutMs = Math.min(
      each.timeoutMs ?? CASE_TIMEOUT_MS,
      patience?.caseMs ?? Number.POSITIVE_INFINITY,
    );
    await within(timeoutMs, unlessItDies(each, context), 'not done');
    context.checkScripts();
  } finally {
    outcome = await context.finish();
    await Promise.all(others.map((other) => other.stop()));
  }
  if (!context.stopped) await checkAfter(running, before, context.usedTcp);
  return outcome;
}

/** Nobody waits for replies of a process that is gone. */
async function unlessItDies(each: ConformanceCase, context: CaseContext): Promise<void> {
  const run = each.run(context);
  if (context.subject.exited === undefined || each.needs?.some((need) => MAY_END.has(need)) === true)
    return run;
  const died = context.subject.exited.then(async ({ code, signal }) => {
    if (context.stopped) return run;
    throw new Error(`the process ended: ${signal ?? `exit code ${code}`}`);
  });
  run.catch(() => undefined);
  await Promise.race([run, died]);
}

/** Cases with these needs may end the process themselves. */
const MAY_END: ReadonlySet<Need> = new Set<Need>(['process', 'drains']);

function byId(one: CaseResult, other: CaseResult): number {
  return one.key.localeCompare(other.key, 'en', { numeric: true });
}
