/** The required behaviour of a forwarder as cases, and a runner that holds any server to them. See README.md. */
export { type ConformanceCase, type Level, type Need, titleOf } from './case.ts';
export { CASES } from './cases/index.ts';
export { FENCE_CASES } from './fence-cases.ts';
export { machineAbilities, machineHasIpv6 } from './machine.ts';
export type { Outcome } from './outcome.ts';
export { type CaseResult, problemsOf, type RunOptions, runCases, type Verdict } from './runner.ts';
export type {
  Exit,
  Health,
  RunningSubject,
  Settings,
  Setup,
  Subject,
  SubjectStart,
  Transport,
  UpstreamTarget,
} from './subject.ts';
export { PROGRAM_NAMES, type Program, tridotSubject } from './subjects/tridot-subject.ts';
