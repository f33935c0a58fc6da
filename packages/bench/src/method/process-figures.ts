import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its children have used. */
export interface ProcessFigures {
  /** User and system time of all threads, also of threads and waited-for children that have ended. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The most it ever was; of several processes the sum of each one's most. */
  readonly peakResidentBytes: number;
}

/**
 * Reads `/proc` for a process and its children.
 *
 * @throws the system's error (`ENOENT`, `ESRCH`) when the process is gone.
 */
export function readProcess(pid: number): ProcessFigures {
  const own = figuresOf(pid);
  return childrenOf(pid)
    .map(readProcess)
    .reduce(
      (sum, child) => ({
        cpuSeconds: sum.cpuSeconds + child.cpuSeconds,
        residentBytes: sum.residentBytes + child.residentBytes,
        peakResidentBytes: sum.peakResidentBytes + child.peakResidentBytes,
      }),
      own,
    );
}

/** Clock ticks of `/proc/PID/stat`: user, system, and the same of children that were waited for. */
export function parseStatTicks(stat: string): number {
  // The command stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  if (!Number.isFinite(ticks) || fields.length < 15) throw new Error(`not a line of /proc/PID/stat: ${stat}`);
  return ticks;
}

/** A line such as `VmRSS:     1234 kB` of `/proc/PID/status`, in bytes; 0 when there is none (a kernel thread). */
export function parseStatusBytes(status: string, field: string): number {
  const line = status.split('\n').find((each) => each.startsWith(`${field}:`));
  const kibibytes = /^\w+:\s+(\d+) kB$/.exec(line ?? '')?.[1];
  return kibibytes === undefined ? 0 : Number(kibibytes) * 1024;
}

let ticksPerSecond = 0;

function figuresOf(pid: number): ProcessFigures {
  ticksPerSecond ||= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: parseStatTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) / ticksPerSecond,
    residentBytes: parseStatusBytes(status, 'VmRSS'),
    peakResidentBytes: parseStatusBytes(status, 'VmHWM'),
  };
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((child) => child.trim() !== '')
      .map(Number),
  );
}
