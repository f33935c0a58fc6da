/** S: no crossing of answers, bounded cost, and whatever octets come. */

import { behaviours, type HostileOutcome, hostileMessages, seededRandom } from '@tridot/testbed';
import { deepEqual, equal, ok } from '../assert.ts';
import { labels, message, query, ROOT } from '../bytes/build.ts';
import { FLAG, RCODE } from '../bytes/numbers.ts';
import { read, readHeader } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, TCP, UDP } from '../case.ts';
import { type Client, REPLY_TIMEOUT_MS, TcpClient } from '../client.ts';
import { type CaseContext, delay } from '../context.ts';
import { alive, answered, eventually, SILENCE_MS } from '../expectations.ts';
import { memoryOf } from '../proc.ts';

const CROSSING_MS = 5_000;
const MEMORY_ALLOWED = 100_000_000;

export const SECURITY_CASES: readonly ConformanceCase[] = [
  {
    id: 'S2',
    level: 'MUST',
    reference: 'RFC 5452 §9.1',
    title:
      'MUST give each client the answers to its own questions alone, whatever the upstream does meanwhile',
    transports: BOTH,
    setup: { fresh: true, settings: { queryTimeoutMs: 2_000 } },
    timeoutMs: 40_000,
    outcome: 'varies',
    async run(context) {
      const faults = [
        ...[
          behaviours.wrongId(),
          behaviours.wrongQuestion('name'),
          behaviours.duplicate(),
          behaviours.unasked(),
        ],
        ...[
          behaviours.shuffle(5, 1),
          behaviours.delay(20),
          behaviours.answer(),
          behaviours.answer(),
          behaviours.answer(),
        ],
      ];
      context.upstream.behave(behaviours.atRandom(42, ...faults));
      const clients = await Promise.all(
        Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? context.udp() : context.tcp())),
      );
      const end = performance.now() + CROSSING_MS;
      await Promise.all(clients.map((client) => asksUntil(context, client, end)));
    },
  },
  {
    id: 'S3',
    level: 'MUST',
    reference: '',
    title: 'MUST bound its memory under unique queries that the upstream never answers',
    transports: UDP,
    needs: ['process'],
    setup: { fresh: true },
    timeoutMs: 40_000,
    outcome: 'varies',
    async run(context) {
      await alive(context);
      const { pid } = await context.subject.health();
      context.upstream.behave(
        ...behaviours.onQueries((exchange) => exchange.query.includes('unanswered'), behaviours.silence()),
      );
      const client = await context.udp();
      const before = (await memoryOf(pid)) ?? 0;
      for (let round = 0; round < 50; round += 1) {
        for (let id = 0; id < 1_000; id += 1)
          client.send(query({ id, name: `unanswered-${round}-${id}.example.com` }));
        await delay(20);
      }
      const grown = ((await memoryOf(pid)) ?? 0) - before;
      ok(grown < MEMORY_ALLOWED, `${Math.round(grown / 1e6)} MB more`);
      await eventually(
        'served again',
        async () => {
          const reply = await context
            .ask(query({ name: context.qname() }), { timeoutMs: 300 })
            .catch(() => undefined);
          return reply?.rcode === RCODE.NOERROR;
        },
        15_000,
      );
    },
  },
  {
    id: 'S4',
    level: 'MUST',
    reference: 'RFC 9267 §3',
    title: 'MUST parse in linear time: other clients are served while the worst messages come',
    transports: TCP,
    alone: true,
    async run(context) {
      const worst = [pointerChain(), manyNames(), manyEmptyRecords()];
      const client = await context.tcp();
      const other = await context.udp();
      for (let round = 0; round < 30; round += 1) for (const each of worst) client.send(each);
      const times: number[] = [];
      for (let round = 0; round < 20; round += 1) {
        const sentAt = performance.now();
        const asked = query({ name: context.qname() });
        answered(asked, await context.ask(asked, { client: other }));
        times.push(performance.now() - sentAt);
      }
      ok(Math.max(...times) < 2_000, `an answer took ${Math.round(Math.max(...times))} ms`);
      for (const octets of await client.take(90, 10_000)) ok(octets.length >= 12, 'a whole reply');
    },
  },
  ...BOTH.map(
    (transport): ConformanceCase => ({
      id: `S5.${transport}`,
      level: 'MUST',
      reference: 'RFC 9267, RFC 1035 §7.3',
      title: 'MUST survive each of many hostile messages',
      transports: [transport],
      timeoutMs: 40_000,
      // When a reply comes within the time of silence is a matter of chance with some subjects.
      outcome: 'varies',
      async run(context) {
        for (const { bytes } of hostileMessages()) {
          const client = await context.open();
          client.send(bytes);
        }
        await delay(SILENCE_MS);
        await alive(context);
      },
    }),
  ),
  ...BOTH.map(
    (transport): ConformanceCase => ({
      id: `S5.outcome-${transport}`,
      level: 'POLICY',
      reference: 'RFC 9267, RFC 1035 §7.3',
      title: 'MUST refuse, forward or ignore each of many hostile messages as the rules of this suite say',
      oursAlone:
        'one list of rules for all of them, where others choose other error codes, silence or forwarding',
      transports: [transport],
      timeoutMs: 40_000,
      async run(context) {
        const wrong = await Promise.all(
          hostileMessages().map(async ({ name, bytes, udp, tcp }) => {
            const expected = transport === 'udp' ? udp : tcp;
            if (expected === null) return [];
            const seen = await fateOf(await context.open(), bytes, expected);
            return fits(expected, seen) ? [] : [`${name}: ${seen}, not ${expected}`];
          }),
        );
        deepEqual(wrong.flat(), []);
        await alive(context);
      },
    }),
  ),
  {
    id: 'S5.random',
    level: 'MUST',
    reference: '',
    title: 'MUST survive random octets and damaged queries',
    transports: BOTH,
    timeoutMs: 30_000,
    async run(context) {
      const random = seededRandom(2_024);
      const whole = query({
        id: 1,
        name: 'www.example.com',
        opt: { options: [{ code: 65_001, data: ROOT }] },
      });
      for (let batch = 0; batch < 20; batch += 1) {
        const client = await context.open();
        for (let round = 0; round < 20; round += 1) client.send(damaged(whole, random));
        await delay(20);
      }
      await alive(context);
    },
    // A damaged query may be a good one of another kind, so how many are answered in 20 ms varies.
    outcome: 'varies',
  },
  {
    id: 'S10',
    level: 'MUST',
    reference: '',
    title: 'MUST leave no descriptor, connection or query behind after mixed queries and rude clients',
    transports: BOTH,
    timeoutMs: 40_000,
    setup: { fresh: true },
    outcome: 'varies',
    async run(context) {
      for (let round = 0; round < 200; round += 1) {
        const client = await context.open();
        for (let id = 0; id < 50; id += 1)
          client.send(query({ id, name: context.qname(), ...(id % 2 === 0 ? { opt: {} } : {}) }));
        if (round % 3 !== 0) await client.take(50);
        if (client instanceof TcpClient && round % 3 === 1) client.reset();
        else client.close();
      }
      // That nothing is left is what the runner looks for after every case.
      await alive(context);
    },
  },
];

async function asksUntil(context: CaseContext, client: Client, end: number): Promise<void> {
  while (performance.now() < end) {
    const asked = query({ name: context.qname('token') });
    const reply = await context.ask(asked, { client, timeoutMs: context.deadlineMs + 1_000 });
    if (reply.rcode === RCODE.NOERROR) answered(asked, reply);
    else equal(reply.rcode, RCODE.SERVFAIL);
  }
}

/** What became of a message: `silent`, `hang-up`, `forwarded` (an answer of the upstream's), or an rcode in words. */
async function fateOf(client: Client, bytes: Buffer, expected: HostileOutcome): Promise<string> {
  client.send(bytes);
  const octets = await client
    .next(expected === 'silent' ? SILENCE_MS : REPLY_TIMEOUT_MS)
    .catch(() => undefined);
  if (octets === undefined)
    return client instanceof TcpClient && client.fate() !== 'open' ? 'hang-up' : 'silent';
  const { rcode } = readHeader(octets);
  // The extended rcode lies in the OPT, which only a well-formed reply has.
  if (rcode === RCODE.NOERROR && read(octets).rcode === RCODE.BADVERS) return 'badvers';
  return RCODE_WORDS.get(rcode) ?? 'forwarded';
}

const RCODE_WORDS: ReadonlyMap<number, string> = new Map([
  [RCODE.FORMERR, 'formerr'],
  [RCODE.NOTIMP, 'notimp'],
  [RCODE.SERVFAIL, 'servfail'],
]);

function fits(expected: HostileOutcome, seen: string): boolean {
  if (expected === 'either') return seen === 'forwarded' || seen === 'formerr';
  // The upstream itself answers NOTIMP to opcodes that it does not know.
  if (expected === 'forwarded') return seen === 'forwarded' || seen === 'notimp';
  return seen === expected;
}

function damaged(whole: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(whole.subarray(0, 12 + Math.floor(random() * (whole.length - 11))));
  for (let count = Math.floor(random() * 4); count > 0; count -= 1) {
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  }
  return copy;
}

function pointerChain(): Buffer {
  const octets = Buffer.alloc(65_535);
  message({ counts: [1, 0, 0, 0] }).copy(octets);
  for (let at = 12; at + 2 <= octets.length; at += 2)
    octets.writeUInt16BE(0xc000 | Math.min(0x3fff, at + 2), at);
  return octets;
}

/** As many records as fit, each with the longest name there is. */
function manyNames(): Buffer {
  const owner = labels(Array(127).fill('x'));
  const record = Buffer.concat([owner, Buffer.from('ff000001000000000000', 'hex')]);
  const count = Math.floor((65_535 - 12 - 5) / record.length);
  return message({ questions: [{ name: ROOT }], additionals: Array(count).fill(record), flags: FLAG.RD });
}

function manyEmptyRecords(): Buffer {
  const record = Buffer.from('00ff000001000000000000', 'hex');
  const count = Math.floor((65_535 - 12 - 5) / record.length);
  return message({ questions: [{ name: ROOT }], answers: Array(count).fill(record), flags: FLAG.RD });
}
