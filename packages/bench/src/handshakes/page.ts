import { BENCH_LIMITS } from '../limits.ts';
import type { ReportTable } from '../report/scenario-table.ts';
import { markdownTable } from '../report/text-table.ts';
import { SIDE_BY_SIDE_RATE } from './options.ts';
import type { AskedRate, HandshakeResult, HandshakeRound, HandshakeRow } from './result.ts';
import { fewestHandshakes, momentsOf } from './schedule.ts';

const HEAD = [
  'subject',
  'handshakes/1000',
  'spread',
  'full',
  'resumed',
  'TCP connections',
  'queries',
  'failed',
  'unanswered',
];

/** A table for each rate. */
export function handshakeTables(result: HandshakeResult): ReportTable[] {
  return result.method.rates.map((rate) => {
    const { queriesPerSecond } = rate;
    const rows = result.rows.filter((row) => row.queriesPerSecond === queriesPerSecond);
    return {
      id: `handshakes.${queriesPerSecond}`,
      title: `${queriesPerSecond} ${queriesPerSecond === 1 ? 'query' : 'queries'} a second`,
      cells: [HEAD, ...rows.map((row) => cellsOf(row, result)), fewestCells(rate, result)],
    };
  });
}

/** `docs/HANDSHAKES.md`. */
export function handshakePage(result: HandshakeResult): string {
  const tables = handshakeTables(result).map(
    ({ title, cells }) => `## ${title}\n\n${markdownTable(cells)}\n`,
  );
  const method = methodLines(result);
  const failures = result.failures.map((failure) => `Failed: ${failure}.`);
  return `# Handshakes

<!-- Written by \`pnpm --filter bench handshakes --write-docs\`. Do not edit. -->

How many TLS handshakes forwarders to DNS over TLS take for each 1000 queries, when the upstream closes connections that are
idle for ${seconds(result.method.upstreamIdleMs)}. A handshake costs a query one round trip for TCP and one more for TLS 1.3, and both sides the
cryptography: a resumed one needs no certificate and no signature.

${tables.join('\n')}
## How it was measured

${[...method, ...failures].map((line) => `- ${line}`).join('\n')}
`;
}

function cellsOf(row: HandshakeRow, { subjects }: HandshakeResult): string[] {
  const version = subjects.find(({ name }) => name === row.subject)?.version ?? '';
  const rounds = row.rounds.filter((round) => round !== null).filter(({ asked }) => asked > 0);
  const total = (key: keyof HandshakeRound) => rounds.reduce((sum, round) => sum + round[key], 0);
  const title = `${row.subject} ${version}`.trim();
  if (rounds.length === 0) return [title, ...HEAD.slice(1).map(() => '–')];
  const asked = total('asked');
  const each = rounds.map((round) => perThousand(round.full + round.resumed, round.asked));
  return [
    title,
    figure(perThousand(total('full') + total('resumed'), asked)),
    `${figure(Math.min(...each))} to ${figure(Math.max(...each))}`,
    ...[total('full'), total('resumed'), total('connections')].map(String),
    ...[asked, total('failed'), total('unanswered')].map(String),
  ];
}

/** What a forwarder comes to that closes no connection and opens none that it does not need. */
function fewestCells(rate: AskedRate, { method }: HandshakeResult): string[] {
  const often = rate.queriesPerSecond > SIDE_BY_SIDE_RATE;
  const rounds = Array.from({ length: method.rounds }, (_, round) => {
    if (often) return { handshakes: 1, asked: rate.queriesPerSecond * rate.seconds };
    const moments = momentsOf(rate, round);
    return { handshakes: fewestHandshakes(moments, method.upstreamIdleMs), asked: moments.length };
  });
  const handshakes = rounds.reduce((sum, round) => sum + round.handshakes, 0);
  const asked = rounds.reduce((sum, round) => sum + round.asked, 0);
  return ['(fewest possible)', figure(perThousand(handshakes, asked)), ...HEAD.slice(2).map(() => '')];
}

function methodLines({ environment, method, subjects }: HandshakeResult): string[] {
  const commit = environment.commit === '' ? '' : `, commit ${environment.commit}`;
  const [seldom, often] = [true, false].map((low) =>
    method.rates.filter(({ queriesPerSecond }) => queriesPerSecond <= SIDE_BY_SIDE_RATE === low),
  );
  return [
    `${environment.cpu}, ${environment.cores} cores, Linux ${environment.kernel}; Node ${environment.node} (OpenSSL ${environment.openssl})${commit}; ${environment.date}; load average at the start ${environment.loadAverage.toFixed(1)}.`,
    `Subjects: ${subjects.map(({ name, version }) => `${name} ${version}`.trim()).join(', ')}; each with its defaults and its cache on. \`packages/peers\` raises what they may have in flight, switches off the health checks of dnsdist and the speed check of smartdns, and has stubby keep idle connections for 10 s, as the configuration that comes with it does.`,
    `The upstream is the test bed’s: it counts TCP connections and handshakes, resumes sessions (TLS 1.3 and 1.2), announces no idle time, and ends a connection with close_notify and FIN ${seconds(method.upstreamIdleMs)} after its last query, which is about what public resolvers do. Everything is on loopback.`,
    'Every query has a new name, so that no cache answers. A subject has answered one query, and its connection has been closed again, before counting begins.',
    `${(seldom ?? []).map(describeRate).join(', ')}: at random intervals (a Poisson process), the same for every subject, all subjects and rounds at the same time, each with an upstream of its own; without an answer after ${seconds(BENCH_LIMITS.queryTimeoutMs.default)} a query is unanswered.`,
    `${(often ?? []).map(describeRate).join(', ')}: by dnsperf ${environment.dnsperf}, ${BENCH_LIMITS.clients.default} sockets, one subject after another; without an answer after ${BENCH_LIMITS.loadTimeoutSeconds.default} s a query is unanswered.`,
    `${method.rounds} rounds, a fresh process for each. Handshakes for each 1000 queries are those of all rounds over the queries of all rounds: extrapolated where the column of queries says less than 1000. The spread is the least and the most of the rounds.`,
    'Full and resumed are complete TLS handshakes; TCP connections that brought none are those more. Failed: SERVFAIL or another failure.',
    'Fewest possible: one for the first query, and one after each pause that is longer than the upstream’s idle time. Only a subject that sends queries of its own, and so keeps its connection open, can do with less.',
    'raw ends an idle connection itself, a little sooner than public resolvers do, so that no query is sent into one that is being closed. Where pauses are about as long as the upstream’s idle time that costs handshakes, which are resumed ones.',
    'A dash stands where a subject did not run.',
  ];
}

function describeRate({ queriesPerSecond, seconds: length }: AskedRate): string {
  return `${queriesPerSecond} a second for ${length} s`;
}

function perThousand(count: number, queries: number): number {
  return (count / queries) * 1_000;
}

/** Two significant digits below 10, whole numbers above. */
function figure(value: number): string {
  return value >= 10 ? value.toFixed(0) : String(Number(value.toPrecision(2)));
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1_000} s`;
}
