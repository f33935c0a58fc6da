import { BENCH_LIMITS } from '../limits.ts';
import { CONNECTION_GENERATOR } from '../load/connections.ts';
import type { Environment } from '../method/environment.ts';
import type { Method } from '../method/result.ts';

/** How figures came about: one line each. */
export function methodLines(environment: Environment, method: Method, upstream: string): string[] {
  const commit = environment.commit === '' ? '' : `, commit ${environment.commit}`;
  const flags = environment.nodeFlags.length === 0 ? '' : `, flags ${environment.nodeFlags.join(' ')}`;
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return [
    `${environment.cpu}, ${environment.cores} cores, ${environment.memoryGibibytes} GiB, Linux ${environment.kernel}; Node ${environment.node} (OpenSSL ${environment.openssl})${flags}${commit}; ${environment.date}; load average at the start ${environment.loadAverage.toFixed(1)}.`,
    `The subject runs on core ${method.subjectCore} alone. Load and upstream (${upstream}) share core ${method.loadCore}. Everything is on loopback.`,
    `Load is made by dnsperf ${environment.dnsperf} (${method.clients} clients, ${method.inFlight} queries in flight; one of each where it says one in flight). Where each query has a connection of its own it is ${CONNECTION_GENERATOR} with ${method.connections} at the same time, because dnsperf waits up to 100 ms before it connects anew.`,
    'CPU is user and system time of the subject’s process, all threads, divided by the queries that were answered.',
    `${method.rounds} rounds of ${method.seconds} s after a warm-up of ${method.warmUpSeconds} s or ${BENCH_LIMITS.warmUpQueries.default} queries at most, a fresh process for each, in rotated order. Figures are medians; the spread is the least and the most of the rounds.`,
    `A ratio (×) is the median of the ratios of each round, so that what slows the machine for a while cancels out. \`≈\`: the rounds disagree about who is ahead, or they differ by less than ${percent(BENCH_LIMITS.noiseFloor.default)}.`,
    `\`≥\` before queries per second: the subject’s core was idle more than ${percent(1 - BENCH_LIMITS.busyShare.default)} of the time, so that load or upstream were the limit and not the subject.`,
    `A dash stands where a subject could not serve the fixed rate, left more than ${percent(BENCH_LIMITS.failedShare.default)} unanswered or answered with a failure, or did not run.`,
    'Absolute figures belong to this machine. Ratios within one run are what can be compared.',
  ];
}
