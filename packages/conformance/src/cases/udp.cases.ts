/** U: the UDP listener. */

import { networkInterfaces } from 'node:os';
import { manyAddresses, responseTo } from '../answers.ts';
import { deepEqual, ExpectationError, equal, ok } from '../assert.ts';
import { query } from '../bytes/build.ts';
import { RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag, read } from '../bytes/read.ts';
import { type ConformanceCase, UDP } from '../case.ts';
import { UdpClient } from '../client.ts';
import { delay } from '../context.ts';
import { alive, answered, eventually, matches } from '../expectations.ts';
import { kernelDrops } from '../proc.ts';

const SLOW_MS = 100;

export const UDP_CASES: readonly ConformanceCase[] = [
  {
    id: 'U1',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1, §7.3',
    title: 'MUST send one reply to each query, with its ID and QR=1, to where it came from',
    transports: UDP,
    async run(context) {
      const client = await context.udp();
      const queries = Array.from({ length: 200 }, (_, id) => query({ id, name: context.qname() }));
      for (const each of queries) {
        client.send(each);
        answered(each, read(await client.next()));
      }
      await delay(500);
      equal(client.received.length, queries.length, 'no extra datagram');
    },
  },
  {
    id: 'U2',
    level: 'MUST',
    reference: 'RFC 2181 §4.1, §4.2',
    title: 'MUST reply from the address and port that were asked',
    transports: UDP,
    async run(context) {
      // A connected socket receives nothing from elsewhere.
      await alive(context, await context.udp());
    },
  },
  {
    id: 'U2.every-address',
    level: 'MUST',
    reference: 'RFC 2181 §4.1',
    title: 'MUST reply from the address that was asked when it serves every local address',
    transports: UDP,
    needs: ['wildcard'],
    setup: { settings: { listen: 'wildcard' } },
    async run(context) {
      const { port } = context.subject;
      for (const address of localAddresses()) {
        const client = context.keep(await UdpClient.open({ address, port }));
        const asked = query({ name: context.qname() });
        answered(asked, await context.ask(asked, { client }));
      }
    },
  },
  {
    id: 'U3',
    level: 'MUST',
    reference: '',
    title: 'MUST serve IPv4 and IPv6 on one port, and write mapped addresses as IPv4',
    transports: UDP,
    needs: ['ipv6'],
    setup: { settings: { listen: 'loopback-both' } },
    async run(context) {
      const { port } = context.subject;
      for (const address of ['127.0.0.1', '::1']) {
        const client = context.keep(await UdpClient.open({ address, port }));
        const asked = query({ name: context.qname() });
        answered(asked, await context.ask(asked, { client }));
      }
      ok(!context.subject.logs().includes('::ffff:'), 'no mapped address in the log');
    },
  },
  {
    id: 'U8',
    level: 'MUST',
    reference: 'RFC 5452 §9.2',
    title: 'MUST serve a client whose source port is 53',
    transports: UDP,
    needs: ['low-ports'],
    async run(context) {
      await alive(context, await context.udp({ from: { address: context.clientAddress(), port: 53 } }));
    },
  },
  {
    id: 'U11',
    level: 'MUST',
    reference: 'RFC 5625 §4.4.3',
    title: 'MUST forward queries of up to 4096 octets',
    transports: UDP,
    async run(context) {
      const data = Buffer.alloc(4_000, 0xa5);
      const asked = query({ name: context.qname(), opt: { options: [{ code: 65_001, data }] } });
      answered(asked, await context.ask(asked));
      const sent = context.lastQuery.opt?.options.find((option) => option.code === 65_001);
      deepEqual(sent?.data, data, 'the whole option at the upstream');
    },
  },
  {
    id: 'U11.largest',
    level: 'MUST',
    reference: 'RFC 768',
    title: 'MUST answer a query of 65,507 octets, the largest datagram, or refuse it with FORMERR',
    transports: UDP,
    async run(context) {
      const qname = context.qname();
      const frame = query({ name: qname, opt: { options: [{ code: 65_001 }] } }).length;
      const data = Buffer.alloc(65_507 - frame, 0xa5);
      const reply = await context.ask(query({ name: qname, opt: { options: [{ code: 65_001, data }] } }));
      ok(
        [RCODE.NOERROR, RCODE.FORMERR].some((rcode) => rcode === reply.rcode),
        `rcode ${reply.rcode}`,
      );
      await alive(context);
    },
  },
  {
    id: 'U12',
    level: 'MUST',
    reference: 'RFC 5452 §9.1, RFC 7766 §6.2.1',
    title: 'MUST keep apart clients that use the same ID at the same time',
    transports: UDP,
    async run(context) {
      const count = 500;
      const inFlight = new Map<number, Set<number>>();
      context.respond(async (asked, { connection }) => {
        const ids = inFlight.get(connection.number) ?? new Set();
        inFlight.set(connection.number, ids);
        ok(!ids.has(asked.id), 'no ID twice in flight on one connection');
        ids.add(asked.id);
        await delay(SLOW_MS);
        ids.delete(asked.id);
        return context.answer(asked);
      });
      const clients = await Promise.all(Array.from({ length: count }, () => context.udp()));
      const queries = clients.map(() => query({ id: 0x1234, name: context.qname() }));
      await Promise.all(
        clients.map(async (client, index) => {
          const asked = queries[index] ?? Buffer.alloc(0);
          answered(asked, await context.ask(asked, { client }));
        }),
      );
      for (const client of clients) equal(client.received.length, 1, 'one reply each');
    },
  },
  {
    id: 'U13',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.1',
    title: 'MUST answer a query that a client repeats, and ask the upstream at most twice',
    transports: UDP,
    outcome: 'varies',
    async run(context) {
      context.respond(async (asked) => {
        await delay(SLOW_MS);
        return context.answer(asked);
      });
      const client = await context.udp();
      const asked = query({ name: context.qname() });
      client.send(asked);
      client.send(asked);
      answered(asked, read(await client.next()));
      await delay(300);
      ok(client.received.length <= 2, `${client.received.length} replies`);
      for (const reply of client.received) answered(asked, read(reply));
      ok(context.journal.length <= 2, `${context.journal.length} upstream queries`);
    },
  },
  {
    id: 'U14',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.1',
    title: 'MUST answer several questions that one socket asks at once, each with its own',
    transports: UDP,
    async run(context) {
      const client = await context.udp();
      const qname = context.qname();
      const pair = [
        query({ id: 1, name: qname, type: TYPE.A }),
        query({ id: 2, name: qname, type: TYPE.AAAA }),
      ];
      for (const each of pair) client.send(each);
      const replies = (await client.take(2)).map(read);
      for (const each of pair) {
        const asked = read(each);
        const reply = replies.find((candidate) => candidate.id === asked.id);
        ok(reply !== undefined, `a reply with ID ${asked.id}`);
        matches(asked, reply);
        equal(reply.answers.length, 1, 'its answer');
      }
    },
  },
  {
    id: 'U15',
    level: 'MUST',
    reference: 'RFC 1122 §4.1.3.3',
    title: 'MUST survive that a client is gone before its reply',
    transports: UDP,
    async run(context) {
      context.respond(async (asked) => {
        await delay(SLOW_MS);
        return context.answer(asked);
      });
      for (let index = 0; index < 20; index += 1) {
        const client = await UdpClient.open(context.subject);
        client.send(query({ name: context.qname() }));
        await delay(1);
        client.close();
      }
      await context.arrived(20);
      await delay(3 * SLOW_MS);
      await alive(context);
    },
  },
  {
    id: 'U16',
    level: 'MUST',
    reference: 'RFC 768',
    title: 'MUST truncate a reply that no datagram can hold, whatever the client says it takes',
    transports: UDP,
    async run(context) {
      context.respond((asked) => responseTo(asked, { answers: manyAddresses(4_090) }));
      const asked = query({ name: context.qname(), opt: { udpSize: 65_535 } });
      const reply = await context.ask(asked);
      matches(read(asked), reply);
      ok(hasFlag(reply, 'TC'), 'TC=1');
      await alive(context);
    },
  },
  {
    id: 'U17',
    level: 'MUST',
    reference: 'RFC 4343 §3, RFC 1035 §4.1.1',
    title: 'MUST return the question octet for octet, its letter case included',
    transports: UDP,
    async run(context) {
      const plain = context.qname();
      const mixed = [...plain].map((char, index) => (index % 2 === 0 ? char.toUpperCase() : char)).join('');
      context.respond(async (asked) => {
        await delay(SLOW_MS);
        return context.answer(asked);
      });
      // At once, so that a forwarder which asks for both together is seen too; then again for one that remembers.
      await Promise.all(
        [plain, mixed].map(async (name) =>
          answered(query({ id: 7, name }), await context.ask(query({ id: 7, name }))),
        ),
      );
      const again = query({ name: plain.toUpperCase() });
      answered(again, await context.ask(again));
    },
  },
  {
    id: 'U18',
    level: 'MUST',
    reference: '',
    title: 'MUST answer every datagram of a burst, or count it as dropped',
    transports: UDP,
    needs: ['counters'],
    outcome: 'varies',
    alone: true,
    async run(context) {
      const count = 5_000;
      const before = (await context.subject.health()).dropped ?? 0;
      const client = await context.udp({ receiveBufferBytes: 4_194_304 });
      const qname = context.qname();
      for (let id = 0; id < count; id += 1) client.send(query({ id, name: qname }));
      let seen = '';
      const allAccountedFor = async () => {
        const counted = ((await context.subject.health()).dropped ?? 0) - before;
        const lost = (await kernelDrops(context.subject.port)) + (await kernelDrops(client.port));
        seen = `${client.received.length} replies, ${counted} counted, ${lost} lost in the kernel`;
        return client.received.length + counted + lost === count;
      };
      await eventually('each is answered or counted', allAccountedFor, 10_000).catch(() => {
        throw new ExpectationError(seen);
      });
      await alive(context);
    },
  },
];

function localAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.filter((each) => each.family === 'IPv4').map((each) => each.address);
}
