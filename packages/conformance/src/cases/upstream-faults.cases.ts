/** P: an upstream that closes, falls silent, sends garbage, or answers what was not asked. */

import { type Behaviour, behaviours } from '@tridot/testbed';
import { responseTo } from '../answers.ts';
import { askInTurn, askTogether } from '../asking.ts';
import { equal, ok } from '../assert.ts';
import { startBlackHole } from '../black-hole.ts';
import { POINTER_TO_QNAME, query, record } from '../bytes/build.ts';
import { OPCODE, RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, TCP, UDP } from '../case.ts';
import type { TcpClient } from '../client.ts';
import { type CaseContext, delay } from '../context.ts';
import { alive, answered, failure } from '../expectations.ts';
import { memoryOf } from '../proc.ts';

export const UPSTREAM_FAULT_CASES: readonly ConformanceCase[] = [
  ...endings().map(
    ({ slug, what, end }): ConformanceCase => ({
      id: `P7.${slug}`,
      level: 'MUST',
      reference: 'RFC 7766 §6.2.4, RFC 7858 §3.4',
      title: `MUST answer all queries in flight, each once, when the upstream ${what}`,
      transports: BOTH,
      setup: { fresh: true },
      async run(context) {
        let taken = 0;
        context.upstream.behave({
          name: 'ends the first connection in the midst',
          query(exchange, next) {
            if (exchange.connection.number !== context.upstream.journal.connections[0]?.number) return next();
            taken += 1;
            if (taken <= 20) next();
            if (taken === 50) setTimeout(() => end(context, exchange.connection), 20);
          },
        });
        await askTogether(context, 50);
      },
    }),
  ),
  ...[1, 10, 100].map(
    (count): ConformanceCase => ({
      id: `P8.${count}`,
      level: 'MUST',
      reference: 'RFC 7858 §3.4',
      title: `MUST answer every query over an upstream that closes each connection after ${count}`,
      transports: BOTH,
      setup: { fresh: true },
      timeoutMs: 30_000,
      async run(context) {
        context.upstream.behave(behaviours.closeAfter(count));
        // A handshake for each query takes its time.
        await askInTurn(context, count === 1 ? 200 : 1_000);
      },
    }),
  ),
  {
    id: 'P8.idle',
    level: 'MUST',
    reference: 'RFC 7858 §3.4',
    title: 'MUST answer every query over an upstream that closes idle connections after a short time',
    transports: BOTH,
    setup: { fresh: true },
    async run(context) {
      context.upstream.behave(behaviours.closeWhenIdle(100));
      for (const pause of [0, 95, 98, 99, 100, 101, 102, 105, 300]) {
        await delay(pause);
        await askInTurn(context, 3);
      }
    },
  },
  {
    id: 'P9',
    level: 'MUST',
    reference: 'RFC 7858 §3.4',
    title: 'MUST answer the query that finds the upstream connection dead, once',
    transports: BOTH,
    setup: { fresh: true },
    async run(context) {
      await alive(context);
      // The old connection takes the query and says nothing but RST, as a server does that was restarted meanwhile.
      const [old] = context.upstream.connections;
      context.upstream.behave(...behaviours.onConnections([old?.number ?? 0], behaviours.resetAfter(0)));
      await askInTurn(context, 3);
    },
  },
  ...[OPCODE.UPDATE, 9].map(
    (opcode): ConformanceCase => ({
      id: `P10.${opcode === OPCODE.UPDATE ? 'update' : 'unknown'}`,
      level: 'POLICY',
      reference: 'RFC 2136 §3',
      title: `MUST not send ${opcode === OPCODE.UPDATE ? 'an UPDATE' : 'a query of unknown opcode'} twice`,
      transports: BOTH,
      setup: { fresh: true },
      async run(context) {
        await alive(context);
        context.upstream.behave(behaviours.resetAfter(0));
        const asked = query({ name: context.qname(), type: TYPE.SOA, opcode });
        failure(asked, await context.ask(asked));
        equal(
          context.journal.filter((each) => each.opcode === opcode).length,
          1,
          'one query at the upstream',
        );
      },
    }),
  ),
  ...[
    {
      slug: 'zero-length',
      what: 'frames of length zero on its first connection',
      behaviour: first(behaviours.zeroLengthFrame()),
    },
    {
      slug: 'short',
      what: 'frames too short for a header on its first connection',
      behaviour: first(behaviours.shortFrame(5)),
    },
    {
      slug: 'random-frames',
      what: 'frames of random octets on its first connection',
      behaviour: first(behaviours.randomFrame(500, 3)),
    },
    {
      slug: 'random-octets',
      what: 'random octets on its first connection',
      behaviour: first(behaviours.randomGarbage(500, 5)),
    },
    {
      slug: 'cut-off',
      what: 'half a frame and FIN on its first connection',
      behaviour: first(behaviours.cutFrame()),
    },
    {
      slug: 'broken-tls',
      what: 'broken TLS on its first connection',
      behaviour: first(behaviours.alertAfter(1)),
    },
    {
      slug: 'large',
      what: 'frames of 65,535 random octets on its first connection',
      behaviour: first(behaviours.randomFrame(65_535, 9)),
    },
  ].map(
    ({ slug, what, behaviour }): ConformanceCase => ({
      id: `P14.${slug}`,
      level: 'MUST',
      reference: 'RFC 1035 §4.2.2, RFC 7766 §8',
      title: `MUST answer the queries, with nothing but true answers, when the upstream sends ${what}`,
      transports: BOTH,
      setup: { fresh: true },
      async run(context) {
        context.upstream.behave(...behaviour);
        await askTogether(context, 20);
        await askInTurn(context, 5);
      },
    }),
  ),
  {
    id: 'P17',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.4',
    title: 'MUST give up a connection that takes queries and never answers',
    transports: BOTH,
    needs: ['deadline'],
    setup: { settings: { queryTimeoutMs: 2_500 }, fresh: true },
    async run(context) {
      await alive(context);
      const [old] = context.upstream.connections;
      context.upstream.behave(...behaviours.onConnections([old?.number ?? 0], behaviours.silence()));
      await context.ask(query({ name: context.qname() }));
      await delay(300);
      for (let round = 0; round < 5; round += 1) {
        const asked = query({ name: context.qname() });
        answered(asked, await context.ask(asked));
      }
    },
    outcome: 'varies',
  },
  {
    id: 'P18',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1',
    title: 'MUST answer SERVFAIL by the deadline when connection attempts get no answer',
    transports: BOTH,
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_000, connectTimeoutMs: 300 } },
    async run(context) {
      await startBlackHole(context);
      const asked = query({ name: context.qname() });
      failure(asked, await context.ask(asked));
    },
  },
  {
    id: 'P19',
    level: 'MUST',
    reference: 'RFC 7766 §10',
    title: 'MUST answer SERVFAIL by the deadline when the upstream stops reading',
    transports: TCP,
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_500 } },
    timeoutMs: 30_000,
    outcome: 'varies',
    async run(context) {
      const client = await manyLargeQueries(context);
      const replies = await client.take(100, 2 * context.deadlineMs);
      for (const octets of replies) equal(octets.readUInt16BE(2) & 15, RCODE.SERVFAIL);
    },
  },
  {
    id: 'P19.memory',
    level: 'MUST',
    reference: 'RFC 7766 §10',
    title: 'MUST keep at most 60 MB of 30 MB of queries when the upstream stops reading',
    transports: TCP,
    needs: ['process'],
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_500 } },
    outcome: 'varies',
    async run(context) {
      const { pid } = await context.subject.health();
      const before = (await memoryOf(pid)) ?? 0;
      await manyLargeQueries(context);
      let most = 0;
      for (let round = 0; round < 20; round += 1) {
        await delay(100);
        most = Math.max(most, ((await memoryOf(pid)) ?? 0) - before);
      }
      // What waits for it has an end.
      await context.upstream.kill();
      ok(most < 60_000_000, `${Math.round(most / 1e6)} MB more`);
    },
  },
  {
    id: 'P24',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.1, §4.2.2',
    title: 'MUST truncate over UDP and deliver whole over TCP a response of 65,535 octets',
    transports: UDP,
    async run(context) {
      context.respond((asked) => {
        const make = (octets: number) => {
          const rdata = Buffer.alloc(octets, 0x5a);
          const answers = [record({ owner: POINTER_TO_QNAME, type: 65_280, rdata })];
          return responseTo(asked, { answers, noOpt: true });
        };
        return make(65_535 - make(0).length);
      });
      const asked = query({ name: context.qname(), type: 65_280 });
      ok(hasFlag(await context.ask(asked), 'TC'), 'TC=1 over UDP');
      const whole = await context.ask(asked, { client: await context.tcp() });
      equal(whole.bytes.length, 65_535, 'whole over TCP');
    },
  },
];

/** 1,000 queries of 30 KB each to a subject whose upstream takes connections and reads nothing. */
async function manyLargeQueries(context: CaseContext): Promise<TcpClient> {
  context.upstream.behave(behaviours.stopReading());
  await context.upstream.start();
  const client = await context.tcp();
  const data = Buffer.alloc(30_000, 1);
  for (let id = 0; id < 1_000; id += 1) {
    client.send(query({ id, name: 'q.example.com', opt: { options: [{ code: 65_001, data }] } }));
  }
  return client;
}

function first(behaviour: Behaviour): Behaviour[] {
  let number = 0;
  return [
    {
      ...behaviour,
      // The first connection on which a query comes: some subjects have made others before.
      appliesTo: (connection) => {
        if (number === 0) ({ number } = connection);
        return connection.number === number;
      },
    },
  ];
}

type Connection = Parameters<NonNullable<Behaviour['secured']>>[0];

function endings(): {
  slug: string;
  what: string;
  end: (context: CaseContext, connection: Connection) => void;
}[] {
  return [
    { slug: 'close-notify', what: 'closes in order', end: (_, connection) => connection.halfClose() },
    { slug: 'fin', what: 'ends TCP without close_notify', end: (_, connection) => connection.fin() },
    { slug: 'reset', what: 'resets the connection', end: (_, connection) => connection.reset() },
    {
      slug: 'alert',
      what: 'sends an alert',
      end: (_, connection) => connection.inject(Buffer.from('15030300020250', 'hex')),
    },
    {
      slug: 'restart',
      what: 'is killed and started again',
      end: (context) => void context.upstream.kill().then(() => context.upstream.start()),
    },
  ];
}
