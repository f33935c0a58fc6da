/** K17: equal queries in flight are asked once. */
import { behaviours } from '@tridot/testbed';
import type { AnswerCase, AnswerSetup } from '../answer-case.ts';
import { deepEqual, equal } from '../assert.ts';
import { type QuerySpec, query } from '../bytes/build.ts';
import { FLAG, OPCODE, OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import { read } from '../bytes/read.ts';
import { BOTH } from '../case.ts';
import type { Client } from '../client.ts';
import { type CaseContext, delay } from '../context.ts';
import { answered, eventually } from '../expectations.ts';
import { seen } from '../kept.ts';

/** The upstream takes so long that all queries come while the first is on its way. */
const SLOW_MS = 600;
const CLIENTS = 50;
const COALESCING: AnswerSetup = { settings: { coalesce: true }, fresh: true };

export const COALESCING_CASES: readonly AnswerCase[] = [
  {
    id: 'K17',
    level: 'MUST',
    reference: 'RFC 5452 §5, RFC 9520 §1.2',
    title:
      'MUST ask once for equal queries in flight, and answer each with its own ID, letters, OPT and transport',
    transports: BOTH,
    needs: ['coalescing'],
    setup: COALESCING,
    async run(context) {
      slowly(context);
      const qname = context.qname();
      const asked = Array.from({ length: CLIENTS }, (_, id) =>
        query({
          id,
          name: id % 2 === 0 ? qname : qname.toUpperCase(),
          ...(id % 3 === 0 ? { opt: { udpSize: 512 + id } } : {}),
        }),
      );
      const clients = await Promise.all(
        asked.map((_, id) => (id % 2 === 0 ? context.open() : other(context))),
      );
      clients.forEach((client, id) => {
        client.send(asked[id] ?? Buffer.alloc(0));
      });
      for (const [id, client] of clients.entries()) {
        const each = asked[id] ?? Buffer.alloc(0);
        const reply = read(await client.next(context.deadlineMs));
        answered(each, reply);
        equal(reply.opt !== undefined, id % 3 === 0, `OPT in reply ${id}`);
      }
      equal(seen(context, asked[0] ?? Buffer.alloc(0)), 1, 'queries at the upstream');
    },
  },
  {
    id: 'K17.different',
    level: 'MUST',
    reference: 'RFC 4035 §3.2, §4.7',
    title: 'MUST not give the same answer to queries in flight that differ in more than that',
    transports: BOTH,
    needs: ['coalescing'],
    setup: COALESCING,
    async run(context) {
      slowly(context);
      const qname = context.qname();
      const variants: Omit<QuerySpec, 'name'>[] = [
        {},
        { flags: 0 },
        { flags: FLAG.RD | FLAG.CD },
        { opt: { dnssecOk: true } },
        { type: TYPE.AAAA },
        { class: 3 },
        { opt: { options: [{ code: OPTION.NSID }] } },
        { opt: { options: [{ code: 65_001, data: Buffer.from([1]) }] } },
        { opcode: OPCODE.NOTIFY },
      ];
      const client = await context.open();
      variants.forEach((variant, id) => {
        client.send(query({ ...variant, id, name: qname }));
      });
      const replies = await client.take(variants.length, context.deadlineMs);
      equal(new Set(replies.map((reply) => reply.readUInt16BE(0))).size, variants.length, 'each is answered');
      equal(context.journal.length, variants.length, 'queries at the upstream');
    },
  },
  {
    id: 'K17.failure',
    level: 'MUST',
    reference: 'RFC 9520 §1.2',
    title: 'MUST tell all who wait when asking fails, each with its own ID',
    transports: BOTH,
    needs: ['coalescing', 'deadline'],
    setup: { settings: { coalesce: true, queryTimeoutMs: 500 }, fresh: true },
    async run(context) {
      context.upstream.behave(behaviours.silence());
      const qname = context.qname();
      const client = await context.open();
      const ids = Array.from({ length: 20 }, (_, id) => id);
      for (const id of ids) client.send(query({ id, name: qname }));
      const replies = (await client.take(ids.length, context.deadlineMs)).map(read);
      deepEqual(
        replies.map(({ id }) => id).sort((one, two) => one - two),
        ids,
        'each once',
      );
      for (const reply of replies) equal(reply.rcode, RCODE.SERVFAIL, 'rcode');
    },
  },
  {
    id: 'K17.leaves',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.4',
    title: 'MUST answer those who wait though the client that asked first has gone',
    transports: BOTH,
    needs: ['coalescing'],
    setup: COALESCING,
    async run(context) {
      slowly(context);
      const asked = query({ name: context.qname() });
      const first = await context.tcp();
      first.send(asked);
      await eventually('the query is at the upstream', () => seen(context, asked) === 1);
      const client = await context.open();
      client.send(asked);
      await delay(50);
      first.reset();
      answered(asked, read(await client.next(context.deadlineMs)));
      equal(seen(context, asked), 1, 'queries at the upstream');
    },
  },
  {
    id: 'K17.again',
    level: 'MUST',
    reference: 'RFC 1035 §7.3',
    title: 'MUST ask anew, without a cache, for a query that comes after the answer',
    transports: BOTH,
    needs: ['coalescing'],
    setup: COALESCING,
    async run(context) {
      const asked = query({ name: context.qname() });
      for (const count of [1, 2, 3]) {
        answered(asked, await context.ask(asked));
        equal(seen(context, asked), count, 'queries at the upstream');
      }
    },
  },
];

function slowly(context: CaseContext): void {
  context.respond(async (asked) => {
    await delay(SLOW_MS);
    return context.answer(asked);
  });
}

/** A client of the other transport. */
function other(context: CaseContext): Promise<Client> {
  return context.transport === 'udp' ? context.tcp() : context.udp();
}
