/**
 * What each way of serving DNS costs. The programs are `compare/command.ts`, `speed-command.ts`, `memory-command.ts`,
 * `cache-command.ts`, `handshakes-command.ts`, `connections-command.ts` and `guard/command.ts`; these are the parts that others may use.
 */
export { runDnsperf } from './load/dnsperf.ts';
export type { LatencyFigures, LoadFigures } from './load/figures.ts';
export { type LoadUpstream, startCountingUpstream, startLoadUpstream } from './load/upstream.ts';
export { measureRun, startSubject } from './method/measure.ts';
export { type ProcessFigures, readProcess } from './method/process-figures.ts';
export type { Method, RunFigures } from './method/result.ts';
export { median, type Ratio, ratioOf, type Summary, summarize } from './method/statistics.ts';
