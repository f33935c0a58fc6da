/**
 * Forwarders as child processes: each writes its configuration into a directory of its own, starts, is waited for until
 * it answers, and is ended by its pid. The bench loads them and the conformance command grades them.
 */
import { dnsdist } from './dnsdist.ts';
import { kresd } from './kresd.ts';
import { perQueryTls } from './per-query-tls.ts';
import { smartdns } from './smartdns.ts';
import { stubby } from './stubby.ts';
import type { Subject } from './subject.ts';
import { STRATEGY_NAMES, strategySubject } from './tridot.ts';
import { unbound } from './unbound.ts';

export { type ChildOptions, type StartingChild, startChild } from './child.ts';
export { type AnsweringOptions, startAnsweringDnsdist } from './dnsdist.ts';
export { freePort } from './free-port.ts';
export { kresdConfiguration } from './kresd.ts';
export { PEER_LIMITS } from './limits.ts';
export { type NodeProgram, startNodeProgram } from './node-program.ts';
export { findProgram, versionOf } from './program.ts';
export { whenAnswering, whenListening } from './readiness.ts';
export {
  type RunningSubject,
  type StartOptions,
  type Subject,
  type SubjectKind,
  SubjectStartError,
} from './subject.ts';
export { STRATEGY_NAMES, strategySubject } from './tridot.ts';
export { unboundConfiguration } from './unbound.ts';

/** Every subject there is, installed or not, ours first. */
export const SUBJECTS: readonly Subject[] = [
  ...STRATEGY_NAMES.map((name) => strategySubject(name)),
  kresd,
  unbound,
  smartdns,
  dnsdist,
  stubby,
  perQueryTls,
];
