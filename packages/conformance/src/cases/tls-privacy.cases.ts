/** A: what goes up through TLS, and what the upstream's TLS may do to the subject. */

import { type Behaviour, behaviours } from '@tridot/testbed';
import { equal, match, ok } from '../assert.ts';
import { labels, name, query, withId } from '../bytes/build.ts';
import { OPTION, RCODE } from '../bytes/numbers.ts';
import { optionsOf } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, UDP } from '../case.ts';
import { clientHelloExtensions } from '../client-hello.ts';
import { alive, answered, eventually } from '../expectations.ts';
import { tlsGarbage } from '../faults.ts';

const EARLY_DATA = 42;

export const TLS_PRIVACY_CASES: readonly ConformanceCase[] = [
  {
    id: 'A12',
    level: 'SHOULD',
    reference: 'RFC 7858 §3.1, RFC 7301',
    title: 'SHOULD offer ALPN "dot", and take a server without ALPN',
    transports: UDP,
    setup: { upstreamDown: true },
    async run(context) {
      await context.upstream.start();
      await alive(context);
      equal(context.upstream.journal.connections.at(-1)?.tls?.alpn, 'dot');
      await context.upstream.stop();
      context.upstream.behave(behaviours.alpn(null));
      await context.upstream.start();
      const asked = query({ name: context.qname() });
      answered(asked, await context.ask(asked));
    },
  },
  {
    id: 'A12.refused',
    level: 'SHOULD',
    reference: 'RFC 7301 §3.2',
    title: 'SHOULD say in its log that the server knows no application protocol of ours',
    transports: UDP,
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_000 } },
    async run(context) {
      context.upstream.behave(behaviours.handshakeAlert(120));
      await context.upstream.start();
      equal((await context.ask(query({ name: context.qname() }))).rcode, RCODE.SERVFAIL);
      match(context.subject.logs(), /alpn|application.protocol/i);
    },
  },
  {
    id: 'A13',
    level: 'SHOULD',
    reference: 'RFC 9210 §4.4, RFC 8446 §8',
    title: 'SHOULD not send queries as early data',
    transports: UDP,
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 3_000 } },
    async run(context) {
      await context.upstream.start();
      await alive(context);
      await context.upstream.stop();
      let hello = Buffer.alloc(0);
      context.upstream.behave(
        capture((octets) => {
          hello = Buffer.concat([hello, octets]);
        }),
      );
      await context.upstream.start();
      // What the client gets is not this case's business.
      await context.ask(query({ name: context.qname() })).catch(() => undefined);
      ok(hello.length > 0, 'a ClientHello');
      ok(!clientHelloExtensions(hello).includes(EARLY_DATA), 'no early_data, with a ticket at hand');
    },
  },
  {
    id: 'A14',
    level: 'MUST',
    reference: 'RFC 7858 §3.1',
    title: 'MUST begin each upstream connection with a ClientHello, also after failed handshakes',
    transports: BOTH,
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_000 } },
    async run(context) {
      context.upstream.behave(behaviours.handshakeAlert());
      await context.upstream.start();
      const client = await context.open();
      await context.ask(query({ name: context.qname() }), { client });
      context.upstream.behave();
      await eventually(
        'served again',
        async () => (await context.ask(query({ name: context.qname() }), { client })).rcode === 0,
        10_000,
      );
      const { connections } = context.upstream.journal;
      ok(connections.length >= 2, 'a failed connection and a good one');
      for (const { firstOctets } of connections) match(firstOctets.toString('hex'), /^1603|^$/);
    },
    outcome: 'varies',
  },
  {
    id: 'A15',
    level: 'SHOULD',
    reference: 'RFC 8467 §4.1',
    title: 'SHOULD pad each query to a multiple of 128 octets, also when the client sent no OPT',
    transports: BOTH,
    async run(context) {
      const client = await context.open();
      for (let length = 1; length <= 250; length += 3) {
        for (const edns of [{}, { opt: { options: [{ code: 65_001, data: Buffer.alloc(length % 5) }] } }]) {
          await context.ask(query({ name: nameOfLength(length), ...edns }), { client });
          const sent = context.lastQuery;
          equal(sent.bytes.length % 128, 0, `a name of ${length} octets goes up in ${sent.bytes.length}`);
          equal(optionsOf(sent, OPTION.PADDING).length, 1, 'one padding option');
        }
      }
    },
  },
  {
    id: 'A16',
    level: 'SHOULD',
    reference: 'RFC 5452 §9.2',
    title: "SHOULD use random IDs upward that tell nothing of the client's",
    transports: BOTH,
    async run(context) {
      const client = await context.open();
      for (let id = 0; id < 2_000; id += 50) {
        for (let next = id; next < id + 50; next += 1)
          client.send(query({ id: next, name: context.qname() }));
        await client.take(50);
      }
      const ids = context.journal.map((sent) => sent.id);
      const steps = ids.slice(1).map((id, index) => (id - (ids[index] ?? 0) + 65_536) % 65_536);
      const commonest = Math.max(
        ...[...new Set(steps)].map((step) => steps.filter((each) => each === step).length),
      );
      ok(commonest < 20, `the same step ${commonest} times in 2,000`);
      ok(new Set(ids).size > 1_900, `${new Set(ids).size} different ones of 2,000`);
      ok(ids.filter((id) => id < 2_000).length < 200, 'they lie everywhere');
    },
  },
  {
    id: 'A17',
    level: 'MUST',
    reference: 'RFC 8310 §11, RFC 8932 §5',
    title: 'MUST send nothing about the client upward: two clients look alike',
    transports: BOTH,
    async run(context) {
      const qname = context.qname();
      const cookie = { code: OPTION.COOKIE, data: Buffer.alloc(8, 1) };
      const keepalive = { code: OPTION.KEEPALIVE };
      const asked = [
        query({ id: 1, name: qname, opt: { udpSize: 512, options: [cookie] } }),
        query({ id: 2, name: qname, opt: { udpSize: 4_096, options: [keepalive] } }),
      ];
      for (const each of asked) await context.ask(each);
      const [one, other] = context.rawJournal.map((octets) => withId(octets, 0).toString('hex'));
      // A subject that remembers the answer asks once: then there is nothing to tell apart.
      if (other !== undefined) equal(one, other);
    },
  },
  {
    id: 'A18',
    level: 'MUST',
    reference: 'RFC 8446 §6',
    title: 'MUST survive any octets in place of a ServerHello',
    transports: UDP,
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 300, handshakeTimeoutMs: 100 } },
    needs: ['deadline'],
    timeoutMs: 60_000,
    outcome: 'varies',
    async run(context) {
      const streams = tlsGarbage();
      let next = 0;
      context.upstream.behave({
        name: 'garbage, another for each connection',
        accepted(connection) {
          const stream = streams[next % streams.length] ?? Buffer.alloc(0);
          next += 1;
          return behaviours.replayRaw(stream).accepted?.(connection) ?? true;
        },
      });
      await context.upstream.start();
      // Back-off decides when it dials: as many streams as come in a few seconds, and in the end it works again.
      const end = performance.now() + 3_000;
      const client = await context.udp();
      while (performance.now() < end) {
        const reply = await context.ask(query({ name: context.qname() }), { client });
        equal(reply.rcode, RCODE.SERVFAIL);
      }
      ok(next >= 3, `${next} connections`);
      context.upstream.behave();
      await eventually(
        'served again',
        async () => (await context.ask(query({ name: context.qname() }), { client })).rcode === 0,
        10_000,
      );
    },
  },
  ...(
    [
      ['silent', 'never finishes the handshake', () => behaviours.neverFinishHandshake()],
      ['flood', 'sends 1 GB before its ServerHello', () => behaviours.floodBeforeServerHello()],
    ] as const
  ).map(
    ([slug, what, make]): ConformanceCase => ({
      id: `A19.${slug}`,
      level: 'MUST',
      reference: '',
      title: `MUST close a connection to a server that ${what}, in bounded time`,
      transports: UDP,
      setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_500, handshakeTimeoutMs: 500 } },
      async run(context) {
        context.upstream.behave(make());
        const { journal } = context.upstream;
        const next = journal.connectionCount + 1;
        await context.upstream.start();
        equal((await context.ask(query({ name: context.qname() }))).rcode, RCODE.SERVFAIL);
        await journal.waitForEnd(next, { timeoutMs: 5_000 });
      },
    }),
  ),
  {
    id: 'A20',
    level: 'SHOULD',
    reference: 'RFC 8932 §5.1',
    title: 'SHOULD not log names unless asked to',
    transports: BOTH,
    async run(context) {
      await context.ask(query({ name: context.qname('private') }));
      ok(!context.subject.logs().includes('private'), 'no name in the log');
    },
  },
  {
    id: 'A20.escaped',
    level: 'SHOULD',
    reference: 'RFC 8932 §5.1',
    title: 'SHOULD log each query on one line, without raw control octets',
    transports: BOTH,
    needs: ['query-log'],
    setup: { settings: { logQueries: true } },
    async run(context) {
      const before = context.subject.logs().length;
      const asked = query({ name: labels(['logged', 'a\nb', '\x1b[31m', Buffer.from([0, 255]), 'example']) });
      answered(asked, await context.ask(asked));
      await eventually('the query is logged', () => context.subject.logs().slice(before).includes('logged'));
      const line =
        context.subject
          .logs()
          .slice(before)
          .split('\n')
          .find((each) => each.includes('logged')) ?? '';
      ok(line.includes('example'), 'the whole name on one line');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      ok(!/[\x00-\x08\x0b-\x1f\x7f]/.test(line), 'no control octets');
    },
  },
];

function capture(onOctets: (octets: Buffer) => void): Behaviour {
  return {
    name: 'capture the first octets',
    accepted(connection) {
      connection.readRaw(onOctets);
      return true;
    },
  };
}

/** A name whose wire form has about so many octets. */
function nameOfLength(length: number): Buffer {
  const parts: string[] = [];
  for (let left = length; left > 0; left -= 64) parts.push('n'.repeat(Math.min(63, left)));
  const wire = labels(parts);
  return wire.length <= 255 ? wire : name('example.com');
}
