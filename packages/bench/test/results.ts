import type { Environment } from '../src/method/environment.ts';
import type { Method, RunFigures, SpeedRow } from '../src/method/result.ts';

export const run = (cpuMicros: number, queriesPerSecond = 25_000): RunFigures => ({
  cpuMicros,
  queriesPerSecond,
  completed: 100,
  lost: 0,
  failed: 0,
  latencyMs: { mean: 1, p50: 1, p99: 2, p999: 3, max: 4 },
  residentBytes: 2 ** 20,
  peakResidentBytes: 2 ** 21,
});

export const NEW = 'end-to-end.udp.new.saturated';
export const FIXED = 'end-to-end.udp.new.fixed';
export const CACHED = 'end-to-end.udp.cached.saturated';

export const row = (subject: string, scenario: string, rounds: SpeedRow['rounds']): SpeedRow => ({
  subject,
  scenario,
  rounds,
});

export const environment: Environment = {
  date: '2030-01-01',
  cpu: 'a processor',
  cores: 2,
  memoryGibibytes: 8,
  loadAverage: 0.04,
  kernel: '6.0',
  node: '24.0.0',
  v8: '13',
  openssl: '3.5',
  dnsperf: '2.10.0',
  commit: 'abc1234',
  nodeFlags: [],
};

export const method: Method = {
  seconds: 3,
  warmUpSeconds: 1,
  rounds: 2,
  clients: 10,
  inFlight: 300,
  connections: 50,
  fixedRate: 25_000,
  subjectCore: 0,
  loadCore: 1,
  nodeFlags: [],
};
