/** S: who may ask, how often, and what the metrics give away. */
import { connect } from 'node:net';
import { seededOctets } from '@tridot/testbed';
import { askInTurn } from '../asking.ts';
import { equal, ok } from '../assert.ts';
import { query } from '../bytes/build.ts';
import { RCODE } from '../bytes/numbers.ts';
import { hasFlag, read } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, UDP } from '../case.ts';
import { TcpClient } from '../client.ts';
import { type CaseContext, delay, endWithin } from '../context.ts';
import { alive, failure, matches, SILENCE_MS, unseen } from '../expectations.ts';
import { localAddresses } from '../machine.ts';

/** Every client of this suite is at 127.0.0.0/8, so none of them may ask. */
const NOBODY = ['192.0.2.0/24'];
const BURST = 20;
const NAMES = 10_000;
const NAMES_AT_ONCE = 100;

export const ADMISSION_CASES: readonly ConformanceCase[] = [
  {
    id: 'S1',
    level: 'MUST',
    reference: 'RFC 5358 §4',
    title: 'MUST serve the loopback address alone unless it is told otherwise',
    transports: BOTH,
    needs: ['start'],
    async run(context) {
      await alive(context);
      for (const address of localAddresses()) {
        ok(!(await answersAt(context, address)), `no answer at ${address}`);
      }
    },
  },
  {
    id: 'S1.refused',
    level: 'MUST',
    reference: 'RFC 5358 §4',
    title: 'MUST refuse clients outside the ranges that may ask, and ask nobody for them',
    transports: BOTH,
    needs: ['allow'],
    setup: { settings: { allow: NOBODY } },
    async run(context) {
      for (const edns of [{}, { opt: {} }]) {
        const asked = query({ name: context.qname(), ...edns });
        const reply = await context.ask(asked);
        failure(asked, reply, RCODE.REFUSED);
        ok(reply.bytes.length <= asked.length + 17, `${reply.bytes.length} octets for ${asked.length}`);
      }
      unseen(context);
    },
  },
  {
    id: 'S1.dropped',
    level: 'POLICY',
    reference: 'RFC 5358 §4',
    title: 'MUST be able to say nothing to clients outside the ranges that may ask',
    transports: BOTH,
    needs: ['allow'],
    setup: { settings: { allow: NOBODY, denied: 'drop' } },
    async run(context) {
      const client = await context.open();
      client.send(query({ name: context.qname() }));
      if (client instanceof TcpClient) ok((await endWithin(client, 1_000)) !== 'open', 'the connection ends');
      else await delay(SILENCE_MS);
      equal(client.received.length, 0, 'no reply');
      unseen(context);
    },
  },
  {
    id: 'S1.allowed',
    level: 'MUST',
    reference: 'RFC 5358 §4',
    title: 'MUST serve clients within the ranges that may ask, and only those',
    transports: BOTH,
    needs: ['allow'],
    setup: { settings: { allow: [...NOBODY, '127.0.0.1/32'] } },
    async run(context) {
      await alive(context);
      const address = context.clientAddress();
      const other =
        context.transport === 'udp'
          ? await context.udp({ from: { address, port: 0 } })
          : await context.tcp({ from: address });
      const asked = query({ name: context.qname() });
      failure(asked, await context.ask(asked, { client: other }), RCODE.REFUSED);
    },
  },
  {
    id: 'S7',
    level: 'SHOULD',
    reference: 'RFC 5358 §4',
    title: 'SHOULD send a client over its rate to TCP, in no more octets than it sent',
    transports: UDP,
    needs: ['rate-limit'],
    setup: { settings: { rateLimit: { queriesPerSecond: 1, burst: BURST, limited: 'truncate' } } },
    outcome: 'varies',
    async run(context) {
      const client = await context.udp();
      const queries = Array.from({ length: 3 * BURST }, (_, id) =>
        query({ id, name: context.qname(), ...(id % 2 === 0 ? {} : { opt: {} }) }),
      );
      for (const each of queries) client.send(each);
      let truncated = 0;
      for (const octets of await client.take(queries.length, context.deadlineMs)) {
        const reply = read(octets);
        const asked = queries[reply.id] ?? Buffer.alloc(0);
        matches(read(asked), reply);
        if (!hasFlag(reply, 'TC')) continue;
        truncated += 1;
        equal(reply.answers.length, 0, 'no answer');
        ok(octets.length <= asked.length, `${octets.length} octets for ${asked.length}`);
      }
      ok(truncated >= BURST, `${truncated} of ${queries.length} truncated, at least ${BURST}`);
      ok(context.rawJournal.length >= BURST, `${context.rawJournal.length} asked, at least ${BURST}`);
      const asked = query({ name: context.qname() });
      const whole = await context.ask(asked, { client: await context.tcp() });
      equal(whole.rcode, RCODE.NOERROR, 'served over TCP');
    },
  },
  {
    id: 'S7.dropped',
    level: 'SHOULD',
    reference: 'RFC 5358 §4',
    title: 'SHOULD be able to say nothing to a client over its rate',
    transports: UDP,
    needs: ['rate-limit'],
    setup: { settings: { rateLimit: { queriesPerSecond: 1, burst: BURST, limited: 'drop' } } },
    outcome: 'varies',
    async run(context) {
      const client = await context.udp();
      for (let id = 0; id < 3 * BURST; id += 1) client.send(query({ id, name: context.qname() }));
      await client.take(BURST, context.deadlineMs);
      await delay(SILENCE_MS);
      const count = client.received.length;
      ok(count >= BURST && count <= 2 * BURST, `${count} replies to ${3 * BURST} queries, burst ${BURST}`);
    },
  },
  {
    id: 'S8',
    level: 'SHOULD',
    reference: 'RFC 8932 §5',
    title: 'SHOULD have as many metrics after 10,000 names as before, without a name or a client among them',
    transports: UDP,
    needs: ['admin'],
    setup: { settings: { admin: true } },
    timeoutMs: 60_000,
    outcome: 'varies',
    async run(context) {
      await askInTurn(context, 20);
      const before = await seriesOf(context);
      ok(before.length > 10, `${before.length} series`);
      const client = await context.udp();
      for (let first = 0; first < NAMES; first += NAMES_AT_ONCE) {
        for (let id = first; id < first + NAMES_AT_ONCE; id += 1) {
          client.send(query({ id, name: `name-${id}.secret.example.com` }));
        }
        await client.take(NAMES_AT_ONCE, context.deadlineMs);
      }
      const after = await seriesOf(context);
      equal(after.filter((each) => !before.includes(each)).join(' '), '', 'new series');
      const telling = after.filter(
        (each) => /secret|example\.com"|client/i.test(each) && !/dot\.example/.test(each),
      );
      equal(telling.join('\n'), '', 'no name and no client');
    },
  },
  {
    id: 'S9',
    level: 'MUST',
    reference: '',
    title: 'MUST survive whatever octets come to the metrics, and serve them on 127.0.0.1 alone',
    transports: UDP,
    needs: ['admin'],
    setup: { settings: { admin: true } },
    outcome: 'varies',
    async run(context) {
      const { hostname, port: text } = adminOf(context);
      const port = Number(text);
      equal(hostname, '127.0.0.1', 'the address');
      for (const address of localAddresses())
        ok(!(await connects(address, port)), `nobody listens at ${address}`);
      const garbage = [
        ...Array.from({ length: 20 }, (_, seed) => seededOctets(1 + seed * 97, seed)),
        ...[
          'GET',
          'GET /metrics HTTP/9.9\r\n\r\n',
          'POST /metrics HTTP/1.1\r\ncontent-length: -1\r\n\r\n',
        ].map((text) => Buffer.from(text)),
        Buffer.from(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`),
        Buffer.from(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20_000)}\r\n`),
      ];
      for (const octets of garbage) await sent(port, octets);
      ok((await seriesOf(context)).length > 10, 'the metrics are served');
      await alive(context);
    },
  },
];

/** Whether a query there is answered, over the case's transport. */
async function answersAt(context: CaseContext, address: string): Promise<boolean> {
  const { port } = context.subject;
  if (context.transport === 'tcp') return connects(address, port);
  const client = await context.udp({ at: address });
  client.send(query({ name: context.qname() }));
  await delay(SILENCE_MS);
  return client.received.length > 0;
}

function connects(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: SILENCE_MS });
    const done = (connected: boolean) => {
      socket.destroy();
      resolve(connected);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });
}

function adminOf(context: CaseContext): URL {
  const { adminUrl } = context.subject;
  if (adminUrl === undefined) throw new Error('it serves no metrics');
  return new URL(adminUrl);
}

/** The metrics with their labels, without their values; not those of the runtime, which tell what it holds just then. */
async function seriesOf(context: CaseContext): Promise<string[]> {
  const response = await fetch(new URL('/metrics', adminOf(context)));
  equal(response.status, 200, 'status of /metrics');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = lines.map((line) => line.replace(/ [^ ]+$/, ''));
  return series.filter((each) => !/^(?:nodejs|process)_/.test(each)).sort();
}

/** Settles when the connection is over, or after a while. */
function sent(port: number, octets: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 100 }, () => socket.write(octets));
    socket.on('data', () => {});
    for (const event of ['close', 'timeout', 'error'] as const) {
      socket.once(event, () => {
        socket.destroy();
        resolve();
      });
    }
  });
}
