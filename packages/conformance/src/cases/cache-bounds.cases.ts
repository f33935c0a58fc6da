/** K16, K18: how much is kept, and by which clock. */
import { type AnswerCase, caching } from '../answer-case.ts';
import { largeAnswer, responseTo } from '../answers.ts';
import { equal, ok } from '../assert.ts';
import { aRecord, POINTER_TO_QNAME, query } from '../bytes/build.ts';
import { BOTH, TCP, UDP } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { askedAgain, kept, seen, ttlOver } from '../kept.ts';

const MEBIBYTE = 1_048_576;
const LARGE_BYTES = 60_000;
const DAY_MS = 86_400_000;

export const CACHE_BOUND_CASES: readonly AnswerCase[] = [
  {
    id: 'K16',
    level: 'MUST',
    reference: 'RFC 9520 §3.2',
    title: 'MUST keep no more octets than was set, and go on keeping new answers',
    transports: TCP,
    needs: ['cache', 'limits'],
    setup: caching({ maxBytes: 4 * MEBIBYTE }),
    async run(context) {
      context.respond((asked) => largeAnswer(asked));
      const found = await keptOf(context, 150, 65_280);
      ok(found * LARGE_BYTES <= 4 * MEBIBYTE, `${found} answers of ${LARGE_BYTES} octets are kept`);
      await isStillUsed(context);
    },
  },
  {
    id: 'K16.entries',
    level: 'MUST',
    reference: 'RFC 9520 §3.2',
    title: 'MUST keep no more answers than was set, and go on keeping new ones',
    transports: UDP,
    needs: ['cache', 'limits'],
    setup: caching({ maxEntries: 64 }),
    async run(context) {
      const found = await keptOf(context, 500, 1);
      ok(found <= 64, `${found} answers are kept`);
      await isStillUsed(context);
    },
  },
  ...[DAY_MS, -DAY_MS].map(
    (jumpMs): AnswerCase => ({
      id: `K18.${jumpMs > 0 ? 'forward' : 'back'}`,
      level: 'MUST',
      reference: 'RFC 1035 §7.3',
      title: `MUST not mind that the clock of the machine is set ${jumpMs > 0 ? 'forward' : 'back'} by a day`,
      transports: BOTH,
      needs: ['cache', 'in-process'],
      setup: caching(),
      // The clock is that of the whole process.
      alone: true,
      async run(context) {
        const lasting = query({ name: context.qname('lasting') });
        const brief = query({ name: context.qname('brief') });
        const isBrief = (octets: Buffer) => octets.includes('brief');
        context.respond((asked) =>
          responseTo(asked, {
            answers: [aRecord('192.0.2.1', POINTER_TO_QNAME, isBrief(asked.bytes) ? 1 : 300)],
          }),
        );
        await context.ask(lasting);
        await context.ask(brief);
        const { now } = Date;
        context.cleanup(() => {
          Date.now = now;
        });
        Date.now = () => now() + jumpMs;
        const ttl = (await kept(context, lasting)).answers[0]?.ttl ?? 0;
        ok(ttl <= 300 && ttl > 290, `TTL ${ttl} of an answer that had 300`);
        await ttlOver();
        await askedAgain(context, brief);
      },
    }),
  ),
];

/** Asks for so many names twice. @returns how many of the second time were answered from memory. */
async function keptOf(context: CaseContext, count: number, type: number): Promise<number> {
  const client = await context.open();
  const queries = Array.from({ length: count }, (_, id) => query({ id, name: context.qname('many'), type }));
  for (const asked of queries) await context.ask(asked, { client });
  const before = context.rawJournal.length;
  equal(before, count, 'queries at the upstream, the first time');
  for (const asked of queries) await context.ask(asked, { client });
  return count - (context.rawJournal.length - before);
}

async function isStillUsed(context: CaseContext): Promise<void> {
  context.upstream.behave();
  const asked = query({ name: context.qname('new') });
  await context.ask(asked);
  await context.ask(asked);
  equal(seen(context, asked), 1, 'queries at the upstream for a new name');
}
