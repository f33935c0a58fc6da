/** R6, K14, K15: failures, old answers, and names below one that does not exist. */
import { behaviours } from '@tridot/testbed';
import { type AnswerCase, caching } from '../answer-case.ts';
import { responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { aRecord, name, POINTER_TO_QNAME, query, record } from '../bytes/build.ts';
import { RCODE, TYPE } from '../bytes/numbers.ts';
import type { ReadMessage } from '../bytes/read.ts';
import { BOTH, TCP, UDP } from '../case.ts';
import { type CaseContext, delay } from '../context.ts';
import { answered, edeCodes, errorReply, eventually } from '../expectations.ts';
import { askedAgain, kept, seen, soaRecord, ttlOver } from '../kept.ts';

const EDE_STALE_ANSWER = 3;
const EDE_CACHED_ERROR = 13;
const EDE_STALE_NXDOMAIN = 19;
const STALE = { staleAfterMs: 1_800, staleRetrySeconds: 2 };
const IMPATIENT_MS = 300;
/** Less than it takes to think the connection dead. */
const SLOW_MS = 1_500;
const AT_ONCE_MS = 200;
const PHASES_MS = [0, 250, 500, 750];
const WITHIN_SECOND_MS = 500;
const SECOND_MS = 1_000;
const GROWTH_MS = 3_800;
const GROWTH_STEP_MS = 100;

export const CACHE_FAILURE_CASES: readonly AnswerCase[] = [
  {
    id: 'R6',
    level: 'SHOULD',
    reference: 'RFC 9520 §3.2, RFC 8914 §4.14',
    title: 'SHOULD remember for a second that an upstream was silent, and ask again when that is over',
    transports: BOTH,
    needs: ['cache', 'deadline'],
    setup: caching({}, { queryTimeoutMs: 500 }),
    async run(context) {
      context.upstream.behave(behaviours.silence());
      const asked = query({ name: context.qname(), opt: {} });
      errorReply(asked, await context.ask(asked), RCODE.SERVFAIL);
      const reply = await kept(context, asked);
      errorReply(asked, reply, RCODE.SERVFAIL);
      ok(edeCodes(reply).includes(EDE_CACHED_ERROR), `extended errors ${edeCodes(reply)}`);
      context.upstream.behave();
      await eventually(
        'it is answered',
        async () => (await context.ask(asked)).rcode === RCODE.NOERROR,
        7_000,
        250,
      );
    },
  },
  {
    id: 'R6.servfail',
    level: 'SHOULD',
    reference: 'RFC 9520 §3.2, RFC 2308 §7.1',
    title: 'SHOULD remember that an upstream said SERVFAIL, for this question alone',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      context.respond((asked) => responseTo(asked, { rcode: RCODE.SERVFAIL }));
      const qname = context.qname();
      equal((await context.ask(query({ name: qname }))).rcode, RCODE.SERVFAIL, 'rcode');
      equal((await kept(context, query({ name: qname }))).rcode, RCODE.SERVFAIL, 'rcode from memory');
      context.upstream.behave();
      const other = query({ name: qname, type: TYPE.AAAA });
      answered(other, await askedAgain(context, other));
    },
  },
  {
    id: 'R6.second',
    level: 'SHOULD',
    reference: 'RFC 9520 §3.2',
    title: 'SHOULD remember a failure for a whole second, whenever it began',
    transports: UDP,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      context.respond((asked) => responseTo(asked, { rcode: RCODE.SERVFAIL }));
      await Promise.all(
        PHASES_MS.map(async (phase) => {
          const asked = query({ name: context.qname(), type: TYPE.TXT });
          await delay(phase);
          const startedAt = performance.now();
          await context.ask(asked);
          await delay(WITHIN_SECOND_MS);
          await context.ask(asked);
          // A machine that was too busy shows nothing.
          if (performance.now() - startedAt >= SECOND_MS) return;
          equal(seen(context, asked), 1, `queries at the upstream, begun after ${phase} ms`);
        }),
      );
    },
  },
  {
    id: 'R6.growth',
    level: 'SHOULD',
    reference: 'RFC 9520 §3.2',
    title: 'SHOULD ask ever less often while an upstream says SERVFAIL',
    transports: UDP,
    needs: ['cache'],
    setup: caching(),
    // It is asked for some seconds, as often as they allow.
    outcome: 'varies',
    async run(context) {
      context.respond((asked) => responseTo(asked, { rcode: RCODE.SERVFAIL }));
      const asked = query({ name: context.qname() });
      const client = await context.open();
      const until = performance.now() + GROWTH_MS;
      while (performance.now() < until) {
        equal((await context.ask(asked, { client })).rcode, RCODE.SERVFAIL, 'rcode');
        await delay(GROWTH_STEP_MS);
      }
      // One at once, one after a second, one after two more; a peer may ask a server three times for one query.
      ok(seen(context, asked) <= 9, `${seen(context, asked)} queries at the upstream in ${GROWTH_MS} ms`);
    },
  },
  ...staleCases(),
  {
    id: 'K14',
    level: 'SHOULD',
    reference: 'RFC 8020 §2',
    title: 'SHOULD take NXDOMAIN for all names below, and for no other',
    transports: BOTH,
    needs: ['cache', 'nxdomain-cut'],
    setup: caching({ nxdomainCut: true }),
    async run(context) {
      const denied = context.qname('denied');
      const denies = (asked: ReadMessage) => asked.questions[0]?.name.equals(name(denied)) === true;
      context.respond((asked) =>
        denies(asked)
          ? responseTo(asked, { rcode: RCODE.NXDOMAIN, authorities: [soaRecord(300, 300)] })
          : context.answer(asked),
      );
      await context.ask(query({ name: denied }));
      for (const below of [`x.${denied}`, `a.b.C.${denied}`]) {
        const reply = await kept(context, query({ name: below, type: TYPE.AAAA }));
        equal(reply.rcode, RCODE.NXDOMAIN, 'rcode below');
        deepEqual(reply.authorities[0]?.owner, name('example.com'), 'the owner of the SOA');
      }
      for (const other of [`x${denied}`, denied.slice(denied.indexOf('.') + 1), context.qname('sibling')]) {
        const asked = query({ name: other });
        answered(asked, await askedAgain(context, asked));
      }
    },
  },
  {
    id: 'K14.alias',
    level: 'MUST',
    reference: 'RFC 8020 §2, RFC 2308 §2.1',
    title: 'MUST not take an alias for denied when it is its target that does not exist',
    transports: TCP,
    needs: ['cache', 'nxdomain-cut'],
    setup: caching({ nxdomainCut: true }),
    async run(context) {
      const alias = context.qname('alias');
      const target = record({ owner: POINTER_TO_QNAME, type: TYPE.CNAME, rdata: name('gone.example.com') });
      const isAlias = (asked: ReadMessage) => asked.questions[0]?.name.equals(name(alias)) === true;
      context.respond((asked) =>
        isAlias(asked)
          ? responseTo(asked, {
              rcode: RCODE.NXDOMAIN,
              answers: [target],
              authorities: [soaRecord(300, 300)],
            })
          : context.answer(asked),
      );
      await context.ask(query({ name: alias }));
      const below = query({ name: `x.${alias}` });
      answered(below, await askedAgain(context, below));
    },
  },
];

/** K15: each keeps an answer whose TTL is over. */
function staleCases(): AnswerCase[] {
  const base = {
    level: 'SHOULD',
    reference: 'RFC 8767 §5',
    transports: BOTH,
    needs: ['cache', 'serve-stale', 'deadline'],
    setup: caching(STALE, { queryTimeoutMs: 1_000 }),
  } as const;
  return [
    {
      ...base,
      id: 'K15',
      title:
        'SHOULD give an old answer when the upstream is silent, say so, and then leave it alone for a while',
      async run(context) {
        const asked = await expired(context);
        context.upstream.behave(behaviours.silence());
        const reply = await askedAgain(context, asked);
        isStale(reply, EDE_STALE_ANSWER);
        const startedAt = performance.now();
        isStale(await kept(context, asked), EDE_STALE_ANSWER);
        ok(performance.now() - startedAt < AT_ONCE_MS, 'the second time at once');
        context.upstream.behave();
        const isFresh = async () => (await context.ask(asked)).answers[0]?.rdata[0] !== 192;
        await eventually('there is a new answer', isFresh, 8_000, 250);
      },
    },
    {
      ...base,
      id: 'K15.slow',
      title: 'SHOULD give an old answer when the upstream takes long, and the new one to those who ask later',
      setup: caching({ staleAfterMs: IMPATIENT_MS, staleRetrySeconds: 30 }, { queryTimeoutMs: 5_000 }),
      async run(context) {
        const asked = await expired(context);
        context.respond(async (each) => {
          await delay(SLOW_MS);
          return context.answer(each);
        });
        const startedAt = performance.now();
        isStale(await askedAgain(context, asked), EDE_STALE_ANSWER);
        ok(performance.now() - startedAt < SLOW_MS, 'before the new answer came');
        const isFresh = async () => (await context.ask(asked)).answers[0]?.rdata[0] !== 192;
        await eventually('there is a new answer', isFresh, 6_000, 250);
        equal(seen(context, asked), 2, 'queries at the upstream');
      },
    },
    {
      ...base,
      id: 'K15.servfail',
      title: 'SHOULD give an old answer when the upstream says SERVFAIL',
      async run(context) {
        const asked = await expired(context);
        context.respond((each) => responseTo(each, { rcode: RCODE.SERVFAIL }));
        isStale(await askedAgain(context, asked), EDE_STALE_ANSWER);
      },
    },
    {
      ...base,
      id: 'K15.nxdomain',
      reference: 'RFC 8767 §5, RFC 8914 §4.20',
      title: 'SHOULD tell an old NXDOMAIN from an old answer',
      async run(context) {
        const asked = await expired(context, RCODE.NXDOMAIN);
        context.upstream.behave(behaviours.silence());
        const reply = await askedAgain(context, asked);
        equal(reply.rcode, RCODE.NXDOMAIN, 'rcode');
        ok(edeCodes(reply).includes(EDE_STALE_NXDOMAIN), `extended errors ${edeCodes(reply)}`);
      },
    },
    ...[RCODE.NXDOMAIN, RCODE.NOERROR].map(
      (rcode): AnswerCase => ({
        ...base,
        id: `K15.fresh-${rcode === RCODE.NOERROR ? 'nodata' : 'nxdomain'}`,
        level: 'MUST',
        reference: 'RFC 8767 §5',
        title: `MUST not give an old answer in place of a new ${rcode === RCODE.NOERROR ? 'NODATA' : 'NXDOMAIN'}, then or later`,
        async run(context) {
          const asked = await expired(context);
          context.respond((each) => responseTo(each, { rcode, authorities: [soaRecord(1, 1)] }));
          const reply = await askedAgain(context, asked);
          deepEqual([reply.rcode, reply.answers.length], [rcode, 0], 'rcode and answers');
          await ttlOver();
          context.upstream.behave(behaviours.silence());
          equal((await context.ask(asked)).answers.length, 0, 'answers when the upstream is silent later');
        },
      }),
    ),
    {
      ...base,
      id: 'K15.off',
      level: 'POLICY',
      title: 'MUST give no old answer when that is switched off',
      setup: caching({ staleSeconds: 0 }, { queryTimeoutMs: 500 }),
      async run(context) {
        const asked = await expired(context);
        context.upstream.behave(behaviours.silence());
        errorReply(asked, await askedAgain(context, asked), RCODE.SERVFAIL);
      },
    },
    {
      ...base,
      id: 'K15.longest',
      title: 'SHOULD give no answer that is older than was set',
      setup: caching({ ...STALE, staleSeconds: 1 }, { queryTimeoutMs: 500 }),
      async run(context) {
        const asked = await expired(context);
        await ttlOver();
        context.upstream.behave(behaviours.silence());
        errorReply(asked, await askedAgain(context, asked), RCODE.SERVFAIL);
      },
    },
  ];
}

/** A query whose answer was kept for its TTL of one second, which is over: 192.0.2.1, which is not the true one. */
async function expired(context: CaseContext, rcode: number = RCODE.NOERROR): Promise<Buffer> {
  context.respond((each) =>
    rcode === RCODE.NOERROR
      ? responseTo(each, { answers: [aRecord('192.0.2.1', POINTER_TO_QNAME, 1)] })
      : responseTo(each, { rcode, authorities: [soaRecord(1, 1)] }),
  );
  const asked = query({ name: context.qname(), opt: {} });
  await context.ask(asked);
  await ttlOver();
  return asked;
}

function isStale(reply: ReadMessage, code: number): void {
  equal(reply.rcode, RCODE.NOERROR, 'rcode');
  const ttl = reply.answers[0]?.ttl ?? 0;
  ok(ttl > 0 && ttl <= 30, `TTL ${ttl}, more than 0 and at most 30`);
  ok(edeCodes(reply).includes(code), `extended errors ${edeCodes(reply)}`);
}
