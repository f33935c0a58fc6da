/**
 * What a subject must do before its speed says anything: a few seconds of asking, over UDP and TCP, with answers that
 * tell one name from another. It is no conformance suite; it keeps out what is fast because it is wrong.
 */

import type { Subject } from '@tridot/peers';
import {
  answers,
  connectTcp,
  createUdpClient,
  query,
  rcodeOf,
  recordsOf,
  TYPE,
  tokenAddress,
  type UdpClient,
} from '@tridot/testbed';
import type { GateResult } from './gate-result.ts';
import { BENCH_LIMITS } from './limits.ts';
import { type LoadUpstream, startCountingUpstream } from './load/upstream.ts';
import { firstLineOf } from './method/first-line.ts';
import { startSubject } from './method/measure.ts';
import type { Method } from './method/result.ts';

interface Check {
  readonly title: string;
  /** Who must pass it. `ours`: for others a failure is a remark. */
  readonly for: 'all' | 'ours';
  readonly run: (port: number) => Promise<void>;
}

const check = (title: string, whom: Check['for'], run: Check['run']): Check => ({ title, for: whom, run });

const NXDOMAIN = 3;
/** Flag of the second header word. */
const TRUNCATED = 0x0200;
const LARGE_ANSWER_BYTES = 50_000;

const CHECKS: readonly Check[] = [
  check('answers over UDP', 'all', (port) =>
    overUdp(port, (client) => askToken(client, 'gate-udp.example.com')),
  ),
  check('answers over TCP', 'all', (port) => overTcp(port, ['gate-tcp.example.com'])),
  check('mixes up no answers', 'all', (port) => overUdp(port, mixesUpNoAnswers)),
  check('passes NXDOMAIN on', 'all', (port) => overUdp(port, passesNxdomain)),
  check('lives on after garbage', 'all', (port) => overUdp(port, survivesGarbage)),
  check('answers 100 queries at once', 'ours', (port) => overUdp(port, answersManyAtOnce)),
  check('answers pipelined queries', 'ours', (port) => overTcp(port, names('gate-pipe', 20))),
  check('truncates over UDP', 'ours', (port) => overUdp(port, truncates)),
  check('gives a large answer whole over TCP', 'ours', givesLargeAnswer),
];

/**
 * Starts the subject, runs the checks, and stops it.
 *
 * @param thorough whether checks that can only lead to remarks are run too; those that fail take seconds.
 */
export async function passGate(
  subject: Subject,
  method: Pick<Method, 'subjectCore' | 'nodeFlags'>,
  thorough: boolean,
): Promise<GateResult> {
  const upstream = await startCountingUpstream();
  const checks = CHECKS.filter((each) => thorough || each.for === 'all' || subject.kind === 'tridot');
  try {
    return await runChecks(checks, subject, upstream, method);
  } finally {
    await upstream.stop();
  }
}

async function runChecks(
  checks: readonly Check[],
  subject: Subject,
  upstream: LoadUpstream,
  method: Pick<Method, 'subjectCore' | 'nodeFlags'>,
): Promise<GateResult> {
  let running: Awaited<ReturnType<typeof startSubject>>;
  try {
    running = await startSubject(subject, subject.caches, upstream, method);
  } catch (error) {
    return { passed: false, failures: [`did not start: ${firstLineOf(error)}`], remarks: [] };
  }
  const failures: string[] = [];
  const remarks: string[] = [];
  try {
    for (const { title, for: whom, run } of checks) {
      const list = whom === 'all' || subject.kind === 'tridot' ? failures : remarks;
      await run(running.port).catch((error: unknown) => list.push(`${title}: ${firstLineOf(error)}`));
    }
  } finally {
    await running.stop();
  }
  return { passed: failures.length === 0, failures, remarks };
}

async function answersManyAtOnce(client: UdpClient): Promise<void> {
  await Promise.all(names('gate-many', 100).map((name) => askToken(client, name)));
}

/** What is lost is counted in the runs. Here an answer counts only if it is the wrong one. */
async function mixesUpNoAnswers(client: UdpClient): Promise<void> {
  const asked = names('gate-mix', 50).map((name, index) => ({ name, octets: query({ name, id: index }) }));
  await Promise.all(asked.map(({ octets }) => client.send(octets)));
  for (const { bytes } of await client.listenFor(BENCH_LIMITS.gateListenMs.default)) {
    const of = asked.find(({ octets }) => answers(octets, bytes));
    if (of === undefined) throw new Error('an answer to nothing that was asked');
    if (rcodeOf(bytes) === 0) mustHoldAddress(bytes, of.name);
  }
}

async function passesNxdomain(client: UdpClient): Promise<void> {
  const rcode = rcodeOf(await client.ask(query({ name: 'nxdomain.example.com' }), PATIENCE));
  if (rcode !== NXDOMAIN) throw new Error(`rcode ${rcode}`);
}

async function truncates(client: UdpClient): Promise<void> {
  const reply = await client.ask(query({ name: 'big.example.com', type: 'TXT' }), PATIENCE);
  if ((reply.readUInt16BE(2) & TRUNCATED) === 0) throw new Error(`${reply.length} octets without TC`);
}

async function givesLargeAnswer(port: number): Promise<void> {
  const client = await connectTcp({ address: '127.0.0.1', port });
  try {
    const reply = await client.ask(query({ name: 'big.example.com', type: 'TXT' }), PATIENCE);
    if (reply.length < LARGE_ANSWER_BYTES) throw new Error(`${reply.length} octets`);
  } finally {
    await client.close();
  }
}

async function survivesGarbage(client: UdpClient): Promise<void> {
  await client.send(Buffer.from('ffff', 'hex'));
  await client.send(Buffer.alloc(40, 0xc0));
  await askToken(client, 'gate-alive.example.com');
}

const PATIENCE = { timeoutMs: BENCH_LIMITS.queryTimeoutMs.default };

async function askToken(client: UdpClient, name: string): Promise<void> {
  mustHoldAddress(await client.ask(query({ name }), PATIENCE), name);
}

async function overUdp(port: number, ask: (client: UdpClient) => Promise<void>): Promise<void> {
  const client = await createUdpClient({ address: '127.0.0.1', port });
  try {
    await ask(client);
  } finally {
    await client.close();
  }
}

async function overTcp(port: number, asked: readonly string[]): Promise<void> {
  const client = await connectTcp({ address: '127.0.0.1', port });
  try {
    const queries = asked.map((name) => ({ name, octets: query({ name }) }));
    await client.sendMessages(queries.map(({ octets }) => octets));
    for (const { name, octets } of queries) mustHoldAddress(await client.answerTo(octets, PATIENCE), name);
  } finally {
    await client.close();
  }
}

/** The example zone gives each name an address of its own, so that an answer to another query is seen. */
function mustHoldAddress(reply: Buffer, name: string): void {
  const expected = tokenAddress(name);
  const addresses = recordsOf(reply)
    .filter(({ type }) => type === TYPE.A)
    .map(({ rdataStart, end }) => reply.subarray(rdataStart, end).join('.'));
  if (addresses.length === 1 && addresses[0] === expected) return;
  throw new Error(`rcode ${rcodeOf(reply)} and [${addresses.join(', ')}] for ${name}, which is ${expected}`);
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}.example.com`);
}
