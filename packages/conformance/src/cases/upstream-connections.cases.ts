/** P: how the subject uses its connections to the upstream. */

import { behaviours } from '@tridot/testbed';
import { askTogether } from '../asking.ts';
import { equal, ok } from '../assert.ts';
import { query } from '../bytes/build.ts';
import { OPTION, RCODE } from '../bytes/numbers.ts';
import { BOTH, type ConformanceCase, TCP, UDP } from '../case.ts';
import { TcpClient, UdpClient } from '../client.ts';
import { delay } from '../context.ts';
import { alive, answered, eventually } from '../expectations.ts';

export const UPSTREAM_CONNECTION_CASES: readonly ConformanceCase[] = [
  {
    id: 'P1',
    level: 'SHOULD',
    reference: 'RFC 7858 §3.4, RFC 7766 §6.2.1',
    title: 'SHOULD ask 500 queries in a row over one connection',
    transports: BOTH,
    setup: { fresh: true },
    async run(context) {
      await alive(context);
      const before = context.upstream.journal.connectionCount;
      const client = await context.open();
      for (let id = 0; id < 500; id += 1) {
        const asked = query({ id, name: context.qname() });
        answered(asked, await context.ask(asked, { client }));
      }
      equal(context.upstream.journal.connectionCount, before, 'no further handshake');
    },
  },
  {
    id: 'P2',
    level: 'SHOULD',
    reference: 'RFC 7858 §3.3, RFC 7766 §6.2.1.1',
    title: 'SHOULD send the upstream many queries before the first is answered',
    transports: BOTH,
    async run(context) {
      const hold = behaviours.hold();
      context.upstream.behave(hold);
      const asking = context.meanwhile(askTogether(context, 50));
      await eventually('50 queries at the upstream', () => hold.held === 50);
      hold.open();
      await asking;
    },
  },
  ...[
    { slug: 'reversed', make: () => behaviours.reorder(50) },
    { slug: 'shuffled', make: () => behaviours.shuffle(50, 11) },
  ].map(
    ({ slug, make }): ConformanceCase => ({
      id: `P3.${slug}`,
      level: 'MUST',
      reference: 'RFC 7766 §7',
      title: `MUST match responses that come ${slug} to their queries`,
      transports: BOTH,
      async run(context) {
        context.upstream.behave(make());
        for (let round = 0; round < 4; round += 1) await askTogether(context, 50);
      },
    }),
  ),
  {
    id: 'P4',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.1',
    title: 'MUST not use an ID twice at once on a connection, also when all it may use are taken',
    transports: BOTH,
    needs: ['limits'],
    setup: { settings: { upstreamMaxInFlight: 10 } },
    async run(context) {
      const inFlight = new Map<number, Set<number>>();
      context.respond(async (asked, { connection }) => {
        const ids = inFlight.get(connection.number) ?? new Set();
        inFlight.set(connection.number, ids);
        ok(!ids.has(asked.id), 'an ID twice');
        ids.add(asked.id);
        ok(ids.size <= 10, `${ids.size} in flight on one connection`);
        await delay(5);
        ids.delete(asked.id);
        return context.answer(asked);
      });
      await askTogether(context, 200);
    },
  },
  {
    id: 'P11',
    level: 'SHOULD',
    reference: 'RFC 7828 §3.2.2',
    title: 'SHOULD close a connection before the idle time that the upstream names',
    transports: UDP,
    setup: { fresh: true },
    async run(context) {
      const data = Buffer.from([0, 5]);
      context.respond((asked) => context.answer(asked, { options: [{ code: OPTION.KEEPALIVE, data }] }));
      await alive(context);
      await alive(context);
      const connection = context.upstream.journal.connections.at(-1);
      await context.upstream.journal.waitForEnd(connection?.number ?? 0, { timeoutMs: 3_000 });
    },
  },
  {
    id: 'P11.zero',
    level: 'SHOULD',
    reference: 'RFC 7828 §3.2.2',
    title:
      'SHOULD send no further query on a connection whose idle time is 0, and close it once it is drained',
    transports: UDP,
    setup: { fresh: true },
    async run(context) {
      const data = Buffer.from([0, 0]);
      context.respond((asked) => context.answer(asked, { options: [{ code: OPTION.KEEPALIVE, data }] }));
      await alive(context);
      await delay(100);
      const [used] = context.upstream.journal.connections.filter((each) => each.queries > 0);
      const queries = used?.queries;
      await alive(context);
      equal(used?.queries, queries, 'no further query on it');
      await context.upstream.journal.waitForEnd(used?.number ?? 0, { timeoutMs: 2_000 });
    },
  },
  {
    id: 'P12',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.2',
    title: 'SHOULD use at most 2 connections, also for 500 queries from a cold start',
    transports: BOTH,
    setup: { fresh: true },
    async run(context) {
      const before = context.upstream.journal.connectionCount;
      // As many at a time as the receive buffer holds that the system gives a socket.
      await askTogether(context, 500, { atOnce: 100 });
      const made = context.upstream.journal.connectionCount - before;
      ok(made <= 2, `${made} connections`);
    },
  },
  ...[
    {
      slug: 'octet-by-octet',
      what: 'one octet in each TLS record',
      make: () => behaviours.splitFrames(1),
      count: 10,
    },
    {
      slug: 'split',
      what: 'frames over several TLS records',
      make: () => behaviours.splitFrames(7),
      count: 50,
    },
    {
      slug: 'joined',
      what: 'many frames in a TLS record',
      make: () => behaviours.manyFramesPerRecord(10),
      count: 50,
    },
  ].map(
    ({ slug, what, make, count }): ConformanceCase => ({
      id: `P13.${slug}`,
      level: 'MUST',
      reference: 'RFC 1035 §4.2.2, RFC 7766 §8',
      title: `MUST accept ${what} from the upstream`,
      transports: BOTH,
      async run(context) {
        context.upstream.behave(make());
        await askTogether(context, count);
      },
    }),
  ),
  {
    id: 'P16',
    level: 'MUST',
    reference: 'RFC 7766 §7',
    title: 'MUST not let one slow name hold up others',
    transports: BOTH,
    async run(context) {
      context.respond(async (asked, { query: octets }) => {
        if (octets.includes('slow')) await delay(1_500);
        return context.answer(asked);
      });
      let isAnswered = false;
      const slow = context.meanwhile(
        context.ask(query({ name: context.qname('slow') })).finally(() => {
          isAnswered = true;
        }),
      );
      await context.arrived(1);
      await askTogether(context, 50);
      ok(!isAnswered, 'the others come first');
      equal((await slow).rcode, RCODE.NOERROR);
    },
  },
  {
    id: 'P20',
    level: 'SHOULD',
    reference: 'RFC 1035 §7.2',
    title: 'SHOULD ask the upstreams in order, and return to the first once it is back',
    transports: BOTH,
    needs: ['two-upstreams'],
    setup: { upstreams: 2 },
    timeoutMs: 40_000,
    outcome: 'varies',
    async run(context) {
      const [first, second] = context.upstreams;
      if (first === undefined || second === undefined) throw new Error('two upstreams are needed');
      await alive(context);
      equal(second.journal.queryCount, 0, 'the second is not asked while the first answers');
      await first.kill();
      await alive(context);
      ok(second.journal.queryCount > 0, 'the second is asked when the first is down');
      await first.start();
      const before = first.journal.queryCount;
      await eventually(
        'the first is asked again',
        async () => {
          await alive(context);
          return first.journal.queryCount > before;
        },
        20_000,
      );
    },
  },
  {
    id: 'P21',
    level: 'SHOULD',
    reference: 'RFC 7858 §3.3',
    title: 'SHOULD send the length prefix and the message in one TLS record',
    transports: BOTH,
    setup: { fresh: true },
    async run(context) {
      for (let round = 0; round < 5; round += 1) await alive(context);
      const used = context.upstream.journal.connections.filter((each) => each.queries > 0);
      for (const { recordBytes, queries } of used) {
        equal(recordBytes.length, queries, 'as many records as queries');
        ok(
          recordBytes.every((octets) => octets > 2),
          `records of ${recordBytes.join(', ')} octets`,
        );
      }
    },
  },
  {
    id: 'P22',
    level: 'SHOULD',
    reference: 'RFC 7858 §3.4',
    title: 'SHOULD resume the TLS session when it connects again',
    transports: UDP,
    setup: { fresh: true },
    async run(context) {
      await alive(context);
      await delay(50);
      const { journal } = context.upstream;
      await context.upstream.stop();
      await context.upstream.start();
      const asked = query({ name: context.qname() });
      answered(asked, await context.ask(asked));
      equal(journal.connections.at(-1)?.tls?.resumed, true, 'resumed');
    },
  },
  {
    id: 'P23',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.4',
    title: 'MUST take the answers to queries whose clients are gone, and free their IDs',
    transports: BOTH,
    async run(context) {
      context.respond(async (asked) => {
        await delay(100);
        return context.answer(asked);
      });
      const before = context.upstream.journal.connectionCount;
      const rounds = 100;
      for (let round = 0; round < rounds; round += 1) {
        const open = context.transport === 'udp' ? UdpClient.open : TcpClient.open;
        const client = await open(context.subject);
        for (let id = 0; id < 100; id += 1) client.send(query({ id, name: context.qname() }));
        await eventually(
          'they are at the upstream',
          () => context.rawJournal.length >= (round + 1) * 80,
          3_000,
        );
        client.close();
      }
      await delay(200);
      await alive(context);
      ok(context.upstream.journal.connectionCount - before <= 2, 'the upstream connections stay');
    },
  },
  {
    id: 'P2.tcp-and-udp',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.1.1',
    title: 'MUST serve UDP and TCP clients over the same upstream connections',
    transports: TCP,
    async run(context) {
      await alive(context, await context.udp());
      const before = context.upstream.journal.connectionCount;
      await alive(context, await context.tcp());
      ok(context.upstream.journal.connectionCount - before <= 1, 'at most one connection more');
    },
  },
];
