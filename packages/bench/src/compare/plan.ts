import type { Subject } from '@tridot/peers';
import { pairingsOf } from '../levels/pairings.ts';
import { BENCH_LIMITS } from '../limits.ts';
import type { Pairing } from '../method/rounds.ts';
import { SCENARIOS, type Scenario } from '../method/scenario.ts';

/** How much is measured. */
export interface Plan {
  readonly effort: 'quick' | 'full';
  readonly rounds: number;
  readonly seconds: number;
  readonly startRounds: number;
  readonly codecRounds: number;
  readonly codecMilliseconds: number;
  readonly lowRates: readonly number[];
  readonly lowRateSeconds: number;
  /** Whether the gate also runs checks that can only lead to remarks. */
  readonly thoroughGate: boolean;
  /** Who takes part in a scenario, of those that are asked for; null: the scenario is left out. */
  readonly takesPart: (scenario: Scenario, subject: Subject) => boolean;
}

/** All scenarios, all subjects: about half an hour. */
export const FULL: Plan = {
  effort: 'full',
  rounds: BENCH_LIMITS.rounds.default,
  seconds: BENCH_LIMITS.seconds.default,
  startRounds: 5,
  codecRounds: BENCH_LIMITS.rounds.default,
  codecMilliseconds: BENCH_LIMITS.codecMilliseconds.default,
  lowRates: [0.1, 0.5, 1, 2, 10],
  lowRateSeconds: BENCH_LIMITS.lowRateSeconds.default,
  thoroughGate: true,
  takesPart: () => true,
};

/** Ours in the scenarios that say most, with peers where they matter: under three minutes. */
export const QUICK: Plan = {
  effort: 'quick',
  rounds: 2,
  seconds: 1,
  startRounds: 1,
  codecRounds: 1,
  codecMilliseconds: 50,
  lowRates: [1],
  lowRateSeconds: 12,
  thoroughGate: false,
  takesPart: (scenario, subject) => {
    const peers = QUICK_SCENARIOS.get(scenario.id);
    return peers !== undefined && (subject.kind === 'tridot' || peers.includes(subject.name));
  },
};

/** Scenario to the peers and baselines that are measured in it. */
const QUICK_SCENARIOS: ReadonlyMap<string, readonly string[]> = new Map([
  ['end-to-end.udp.new.saturated', ['kresd', 'unbound', 'smartdns', 'per-query-tls']],
  ['end-to-end.udp.new.fixed', ['kresd']],
  ['end-to-end.udp.cached.saturated', ['kresd', 'echo']],
  ['end-to-end.tcp.new.saturated', ['kresd']],
  ['listener.udp.saturated', ['echo']],
  ['listener.tcp.saturated', []],
]);

/** Every run of one round. */
export function pairingsOfPlan(plan: Plan, subjects: readonly Subject[]): Pairing[] {
  return SCENARIOS.flatMap((scenario) => pairingsOf(scenario, subjects)).filter(({ scenario, subject }) =>
    plan.takesPart(scenario, subject),
  );
}
