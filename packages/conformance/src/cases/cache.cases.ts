/** K: for how long a response is kept, and which are not. */
import { type AnswerCase, caching } from '../answer-case.ts';
import { responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { aRecord, name, POINTER_TO_QNAME, query } from '../bytes/build.ts';
import { RCODE, TYPE } from '../bytes/numbers.ts';
import type { ReadMessage } from '../bytes/read.ts';
import { BOTH, UDP } from '../case.ts';
import { delay } from '../context.ts';
import { askedAgain, kept, SIGNATURE_RDATA, signatureRecord, soaRdata, soaRecord, ttlOver } from '../kept.ts';

const AGEING_MS = 2_200;
const WEEK_SECONDS = 604_800;

export const CACHE_CASES: readonly AnswerCase[] = [
  {
    id: 'K2',
    level: 'MUST',
    reference: 'RFC 1035 §3.2.1, §7.3',
    title: 'MUST lower the TTLs of all sections by the time that they were kept, and nothing else',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      context.respond((asked) =>
        responseTo(asked, {
          answers: [aRecord('192.0.2.1', POINTER_TO_QNAME, 100), signatureRecord(100)],
          authorities: [soaRecord(1_000, 500)],
          additionals: [aRecord('192.0.2.2', name('ns.example.com'), 200)],
        }),
      );
      const spec = { name: context.qname(), opt: { dnssecOk: true } };
      const startedAt = performance.now();
      const first = await context.ask(query(spec));
      await delay(AGEING_MS);
      const reply = await kept(context, query(spec));
      const elapsed = Math.ceil((performance.now() - startedAt) / 1_000);
      for (const section of ['answers', 'authorities', 'additionals'] as const) {
        const [now, then] = [recordsOf(reply, section), recordsOf(first, section)];
        equal(now.length, then.length, `records of ${section}`);
        for (const [index, { ttl, rdata, type }] of now.entries()) {
          const before = then[index]?.ttl ?? 0;
          ok(
            ttl < before && ttl >= before - elapsed,
            `${section}: TTL ${before}, then ${ttl} after ${elapsed} s`,
          );
          if (type === TYPE.RRSIG) deepEqual(rdata, SIGNATURE_RDATA, 'the original TTL of a signature');
          if (type === TYPE.SOA) deepEqual(rdata, soaRdata(500), 'the numbers of SOA');
        }
      }
    },
  },
  {
    id: 'E22',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.3',
    title: "MUST not take OPT's flags for a TTL",
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const spec = { name: context.qname(), opt: { dnssecOk: true } };
      await context.ask(query(spec));
      await ttlOver();
      const reply = await kept(context, query(spec));
      equal(reply.opt?.dnssecOk, true, 'DO');
      deepEqual([reply.opt?.version, reply.opt?.z, reply.opt?.extendedRcode], [0, 0, 0], 'version, Z, rcode');
    },
  },
  ...[0, 0x80000000, 0xffffffff].map(
    (ttl): AnswerCase => ({
      id: `K3.${ttl === 0 ? 'zero' : ttl.toString(16)}`,
      level: 'MUST',
      reference: ttl === 0 ? 'RFC 1035 §3.2.1' : 'RFC 2181 §8',
      title: `MUST not use a response again whose TTL is ${ttl === 0 ? '0' : `0x${ttl.toString(16)}`}`,
      transports: BOTH,
      needs: ['cache'],
      setup: caching(),
      async run(context) {
        context.respond((asked) =>
          responseTo(asked, { answers: [aRecord('192.0.2.1', POINTER_TO_QNAME, ttl)] }),
        );
        const qname = context.qname();
        await context.ask(query({ name: qname }));
        await askedAgain(context, query({ name: qname }));
      },
    }),
  ),
  {
    id: 'K4',
    level: 'SHOULD',
    reference: 'RFC 2181 §8, RFC 8767 §4',
    title: 'SHOULD keep nothing longer than a set time, a week at most',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      context.respond((asked) =>
        responseTo(asked, { answers: [aRecord('192.0.2.1', POINTER_TO_QNAME, 0x7fffffff)] }),
      );
      const qname = context.qname();
      await context.ask(query({ name: qname }));
      const [answer] = (await kept(context, query({ name: qname }))).answers;
      ok((answer?.ttl ?? WEEK_SECONDS + 1) <= WEEK_SECONDS, `TTL ${answer?.ttl} of a kept answer`);
    },
  },
  {
    id: 'K4.set',
    level: 'SHOULD',
    reference: 'RFC 2181 §8, RFC 8767 §4',
    title: 'SHOULD ask again when the longest time that was set is over',
    transports: BOTH,
    needs: ['cache', 'limits'],
    setup: caching({ maxTtlSeconds: 1 }),
    async run(context) {
      context.respond((asked) =>
        responseTo(asked, { answers: [aRecord('192.0.2.1', POINTER_TO_QNAME, 0x7fffffff)] }),
      );
      const qname = context.qname();
      await context.ask(query({ name: qname }));
      await ttlOver();
      await askedAgain(context, query({ name: qname }));
    },
  },
  {
    id: 'K5',
    level: 'MUST',
    reference: 'RFC 2181 §5.2',
    title: 'MUST keep an RRset for no longer than the lowest of its TTLs',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const answers = [300, 1, 200].map((ttl, index) => aRecord(`192.0.2.${index}`, POINTER_TO_QNAME, ttl));
      context.respond((asked) => responseTo(asked, { answers }));
      const qname = context.qname();
      await context.ask(query({ name: qname }));
      await ttlOver();
      await askedAgain(context, query({ name: qname }));
    },
  },
  ...negativeCases(),
];

/** K6, K7. */
function negativeCases(): AnswerCase[] {
  const lifetimes = [
    { slug: 'soa-ttl', what: "the SOA's TTL", soa: soaRecord(1, 300), cache: {} },
    { slug: 'soa-minimum', what: "the SOA's MINIMUM", soa: soaRecord(300, 1), cache: {} },
    {
      slug: 'bound',
      what: 'the bound that was set',
      soa: soaRecord(300, 300),
      cache: { maxNegativeTtlSeconds: 1 },
    },
  ];
  return [
    ...lifetimes.flatMap(({ slug, what, soa, cache }) =>
      [RCODE.NXDOMAIN, RCODE.NOERROR].map(
        (rcode): AnswerCase => ({
          id: `K6.${slug}.${rcode === RCODE.NOERROR ? 'nodata' : 'nxdomain'}`,
          level: 'MUST',
          reference: 'RFC 2308 §5',
          title: `MUST keep ${rcode === RCODE.NOERROR ? 'NODATA' : 'NXDOMAIN'} no longer than ${what}`,
          transports: UDP,
          needs: slug === 'bound' ? ['cache', 'limits'] : ['cache'],
          setup: caching(cache),
          async run(context) {
            context.respond((asked) => responseTo(asked, { rcode, authorities: [soa] }));
            const qname = context.qname();
            await context.ask(query({ name: qname }));
            const reply = await context.ask(query({ name: qname }));
            equal(reply.rcode, rcode, 'rcode');
            ok((reply.authorities[0]?.ttl ?? 2) <= 1, `TTL of the SOA: ${reply.authorities[0]?.ttl}`);
            await ttlOver();
            await askedAgain(context, query({ name: qname }));
          },
        }),
      ),
    ),
    {
      id: 'K6.nxdomain',
      level: 'SHOULD',
      reference: 'RFC 2308 §5',
      title: 'SHOULD take NXDOMAIN for all types of the name',
      oursAlone: 'others keep NXDOMAIN for the type that was asked for, or want DNSSEC to do more',
      transports: BOTH,
      needs: ['cache'],
      setup: caching(),
      async run(context) {
        context.respond((asked) =>
          responseTo(asked, { rcode: RCODE.NXDOMAIN, authorities: [soaRecord(300, 300)] }),
        );
        const qname = context.qname();
        await context.ask(query({ name: qname }));
        for (const type of [TYPE.A, TYPE.AAAA, TYPE.TXT, 65_280]) {
          const reply = await kept(context, query({ name: qname, type }));
          equal(reply.rcode, RCODE.NXDOMAIN, `rcode for type ${type}`);
          equal(reply.authorities[0]?.type, TYPE.SOA, 'with its SOA');
        }
      },
    },
    {
      id: 'K6.nodata',
      level: 'MUST',
      reference: 'RFC 2308 §5',
      title: 'MUST take NODATA for the type that was asked for alone',
      transports: BOTH,
      needs: ['cache'],
      setup: caching(),
      async run(context) {
        context.respond((asked) =>
          asked.questions[0]?.type === TYPE.A
            ? responseTo(asked, { authorities: [soaRecord(300, 300)] })
            : context.answer(asked),
        );
        const qname = context.qname();
        await context.ask(query({ name: qname }));
        const nothing = await kept(context, query({ name: qname }));
        deepEqual([nothing.rcode, nothing.answers.length], [RCODE.NOERROR, 0], 'NODATA');
        const reply = await askedAgain(context, query({ name: qname, type: TYPE.AAAA }));
        equal(reply.answers.length, 1, 'the answer of another type');
      },
    },
    ...[RCODE.NXDOMAIN, RCODE.NOERROR].map(
      (rcode): AnswerCase => ({
        id: `K7.${rcode === RCODE.NOERROR ? 'nodata' : 'nxdomain'}`,
        level: 'SHOULD',
        reference: 'RFC 2308 §5',
        title: `SHOULD not keep ${rcode === RCODE.NOERROR ? 'NODATA' : 'NXDOMAIN'} without an SOA`,
        transports: BOTH,
        needs: ['cache'],
        setup: caching(),
        async run(context) {
          context.respond((asked) => responseTo(asked, { rcode }));
          const qname = context.qname();
          await context.ask(query({ name: qname }));
          await askedAgain(context, query({ name: qname }));
        },
      }),
    ),
  ];
}

function recordsOf(message: ReadMessage, section: 'answers' | 'authorities' | 'additionals') {
  return message[section].filter(({ type }) => type !== TYPE.OPT);
}
