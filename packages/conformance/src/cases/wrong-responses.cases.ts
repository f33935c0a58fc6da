/** P: responses that were not asked for, do not match, or are broken. */
import { type Behaviour, behaviours } from '@tridot/testbed';
import { responseTo } from '../answers.ts';
import { askInTurn } from '../asking.ts';
import { equal, ok } from '../assert.ts';
import { message, name, query, withId } from '../bytes/build.ts';
import { FLAG, RCODE } from '../bytes/numbers.ts';
import type { ReadMessage } from '../bytes/read.ts';
import { BOTH, type ConformanceCase } from '../case.ts';
import { alive, failure } from '../expectations.ts';

export const WRONG_RESPONSE_CASES: readonly ConformanceCase[] = [
  ...wrongResponses().map(
    ({ slug, what, behaviour }): ConformanceCase => ({
      id: `P5.${slug}`,
      level: 'MUST',
      reference: 'RFC 7766 §7, RFC 5452 §9.1',
      title: `MUST not deliver a response with ${what}: SERVFAIL at the deadline`,
      transports: BOTH,
      setup: { settings: { queryTimeoutMs: 500 }, fresh: true },
      async run(context) {
        context.upstream.behave(behaviour);
        const asked = query({ name: context.qname() });
        failure(asked, await context.ask(asked));
      },
    }),
  ),
  ...followed().map(
    ({ slug, what, wrong, oursAlone }): ConformanceCase => ({
      id: `P5.followed-${slug}`,
      ...(oursAlone === undefined ? {} : { oursAlone }),
      level: 'MUST',
      reference: 'RFC 7766 §7, RFC 5452 §9.1',
      title: `MUST ignore ${what}, and deliver the right response when it follows`,
      transports: BOTH,
      async run(context) {
        context.respond((asked, { connection }) => {
          const right = context.answer(asked);
          connection.send(wrong(asked, right));
          return right;
        });
        for (let round = 0; round < 5; round += 1) await alive(context);
      },
    }),
  ),
  {
    id: 'P5.no-question',
    level: 'MUST',
    reference: 'RFC 7766 §7',
    title: 'MUST deliver a response without a question that has the right ID',
    transports: BOTH,
    async run(context) {
      context.respond((asked) =>
        message({ id: asked.id, flags: FLAG.QR | FLAG.RD | FLAG.RA, rcode: RCODE.REFUSED }),
      );
      equal((await context.ask(query({ name: context.qname() }))).rcode, RCODE.REFUSED);
    },
  },
  {
    id: 'P6.twice',
    level: 'MUST',
    reference: 'RFC 7766 §7',
    title: 'MUST ignore the second of two equal responses',
    transports: BOTH,
    async run(context) {
      context.upstream.behave(behaviours.duplicate());
      await askInTurn(context, 100);
    },
  },
  {
    id: 'P6.unasked',
    level: 'MUST',
    reference: 'RFC 7766 §7',
    title: 'MUST ignore responses that nobody asked for, also before any query',
    transports: BOTH,
    setup: { fresh: true },
    async run(context) {
      context.upstream.behave(behaviours.unasked());
      await askInTurn(context, 100);
    },
  },
  ...[
    { slug: 'loop', what: 'a compression loop', behaviour: behaviours.compressionLoop() },
    { slug: 'counts', what: 'wrong counts', behaviour: behaviours.wrongCounts() },
    { slug: 'cut', what: 'cut RDATA', behaviour: behaviours.cutMessage() },
  ].map(
    ({ slug, what, behaviour }): ConformanceCase => ({
      id: `P15.${slug}`,
      level: 'MUST',
      reference: 'RFC 9267 §3',
      title: `MUST answer once when a response has ${what}: its octets, a failure, or TC without records`,
      transports: BOTH,
      async run(context) {
        let sent = '';
        context.upstream.behave(behaviour, {
          name: 'remember',
          query(exchange, next) {
            sent = withId(exchange.response, 0).toString('hex');
            next();
          },
        });
        for (const edns of [{}, { opt: { udpSize: 512 } }]) {
          const client = await context.open();
          client.send(query({ name: context.qname(), ...edns }));
          const octets = await client.next(context.deadlineMs);
          const failed = (octets.readUInt16BE(2) & 15) === RCODE.SERVFAIL;
          const bare = (octets.readUInt16BE(2) & FLAG.TC) !== 0 && octets.readUInt16BE(6) === 0;
          ok(
            failed || bare || withId(octets, 0).toString('hex') === sent,
            `neither: ${octets.toString('hex')}`,
          );
        }
        context.upstream.behave();
        await alive(context);
      },
    }),
  ),
];

/** What precedes the right response. */
function followed(): {
  slug: string;
  what: string;
  wrong: (asked: ReadMessage, right: Buffer) => Buffer;
  oursAlone?: string;
}[] {
  return [
    {
      slug: 'id',
      what: 'a response of another ID',
      wrong: (asked, right) => withId(right, asked.id ^ 0x5555),
    },
    {
      slug: 'question',
      what: 'a response to another question',
      wrong: (asked) =>
        responseTo({ ...asked, questions: [{ name: name('other.example.com'), type: 1, class: 1 }] }),
    },
    {
      slug: 'query',
      what: 'its own query, sent back',
      oursAlone: 'the others give the query up at once, dnsdist says nothing, and stubby passes it on',
      wrong: (asked) => asked.bytes,
    },
  ];
}

interface Wrong {
  readonly slug: string;
  readonly what: string;
  readonly behaviour: Behaviour;
}

function wrongResponses(): Wrong[] {
  return [
    { slug: 'id', what: 'another ID', behaviour: behaviours.wrongId() },
    { slug: 'name', what: 'another name', behaviour: behaviours.wrongQuestion('name') },
    { slug: 'type', what: 'another type', behaviour: behaviours.wrongQuestion('type') },
    { slug: 'class', what: 'another class', behaviour: behaviours.wrongQuestion('class') },
    { slug: 'two-questions', what: 'two questions', behaviour: behaviours.twoQuestions() },
    { slug: 'qr', what: 'QR=0', behaviour: behaviours.qr0() },
    { slug: 'opcode', what: 'another opcode', behaviour: behaviours.otherOpcode() },
  ];
}
