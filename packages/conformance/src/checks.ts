/** What must hold after every case, so that no case need say it: still the same process, no trace, nothing leaked. */
import { equal, ok } from './assert.ts';
import { eventually } from './expectations.ts';
import { connectionsTo, openFilesOf } from './proc.ts';
import type { Health, RunningSubject } from './subject.ts';

export interface Before {
  readonly health: Health;
  readonly openFiles: number;
  readonly logLength: number;
}

/** Connections to upstreams, their timers and a log file may come and go: so many open files more are no leak. */
const OPEN_FILES_ALLOWED = 16;
const SETTLE_MS = 5_000;
const POLL_MS = 50;

export async function checkBefore(subject: RunningSubject): Promise<Before> {
  const health = await subject.health();
  return {
    health,
    openFiles: (await openFilesOf(health.pid)) ?? 0,
    logLength: subject.logs().length,
  };
}

/**
 * @param usedTcp whether the case had TCP clients: only then are connections looked for, which takes the kernel long on a
 *   machine with many.
 * @throws when something does not hold.
 */
export async function checkAfter(subject: RunningSubject, before: Before, usedTcp: boolean): Promise<void> {
  const trace = TRACE.exec(subject.logs().slice(before.logLength));
  equal(trace?.[0], undefined, `no stack trace in what it wrote: ${trace?.[0]}`);
  const after = await subject.health();
  ok(after.alive, 'the process is still there');
  equal(after.pid, before.health.pid, 'the same process');
  const ownProcess = after.pid !== process.pid;
  let left = '';
  const settled = async () => {
    const inFlight = (await subject.health()).inFlight ?? 0;
    const connections = usedTcp ? ((await connectionsTo(subject.port)) ?? 0) : 0;
    const openFiles = ownProcess ? ((await openFilesOf(after.pid)) ?? 0) : 0;
    left = `in flight ${inFlight}, connections ${connections}, open files ${openFiles} (at first ${before.openFiles})`;
    return inFlight === 0 && connections === 0 && openFiles <= before.openFiles + OPEN_FILES_ALLOWED;
  };
  await eventually('it is idle again', settled, SETTLE_MS, POLL_MS).catch(() => {
    throw new Error(`left behind: ${left}`);
  });
}

/** The first line of a trace of Node or Python, or what a C program says when it dies. */
const TRACE =
  /^\s+at .+:\d+:\d+\)?$|^Traceback \(|AddressSanitizer|[Ss]egmentation fault|[Aa]ssertion .*failed|UnhandledPromise|uncaughtException/m;
