/** K: what a client is told from memory. */
import { type AnswerCase, caching } from '../answer-case.ts';
import { manyAddresses, responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { aRecord, query } from '../bytes/build.ts';
import { FLAG, OPTION, TYPE } from '../bytes/numbers.ts';
import { hasFlag, optionsOf, type ReadMessage } from '../bytes/read.ts';
import { BOTH, UDP } from '../case.ts';
import { answered } from '../expectations.ts';
import { kept, signatureRecord } from '../kept.ts';

export const CACHE_REPLY_CASES: readonly AnswerCase[] = [
  {
    id: 'K9',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1, RFC 4343 §3, RFC 6891 §6.2.1',
    title: 'MUST give a kept answer with the ID, the letters, RD, CD and the OPT of the query at hand',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const qname = context.qname('q');
      await context.ask(query({ id: 1, name: qname }));
      const plain = query({ id: 0xbeef, name: qname.toUpperCase() });
      const reply = await kept(context, plain);
      answered(plain, reply);
      ok(hasFlag(reply, 'RD') && !hasFlag(reply, 'CD'), 'RD=1, CD=0');
      equal(reply.opt, undefined, 'no OPT in the reply');
      equal(reply.additionals.length, 0, 'no additional record');
      const withOpt = query({ id: 7, name: qname, opt: {} });
      const other = await context.ask(withOpt);
      answered(withOpt, other);
      equal(other.opt?.dnssecOk, false, 'an OPT, without DO');
    },
  },
  {
    id: 'K9.options',
    level: 'MUST',
    reference: 'RFC 6891 §6.2.1',
    title: "MUST not show one client the options that another client's query brought",
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const nsid = { code: OPTION.NSID, data: Buffer.from('a server') };
      const cookie = { code: OPTION.COOKIE, data: Buffer.alloc(24, 0xee) };
      const wantsNsid = (asked: ReadMessage) => optionsOf(asked, OPTION.NSID).length > 0;
      context.respond((asked) => context.answer(asked, { options: wantsNsid(asked) ? [nsid, cookie] : [] }));
      const qname = context.qname();
      await context.ask(query({ name: qname, opt: { options: [{ code: OPTION.NSID }] } }));
      equal((await context.ask(query({ name: qname }))).opt, undefined, 'no OPT without one');
      const reply = await context.ask(query({ name: qname, opt: {} }));
      deepEqual(
        reply.opt?.options
          .map(({ code }) => code)
          .filter((code) => code === OPTION.NSID || code === OPTION.COOKIE),
        [],
        'neither NSID nor COOKIE',
      );
    },
  },
  {
    id: 'K10',
    level: 'MUST',
    reference: 'RFC 3225 §3, RFC 4035 §3.2.1',
    title: 'MUST not give signatures from memory to a query without DO',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      context.respond((asked) =>
        responseTo(asked, {
          answers: [aRecord('192.0.2.1'), ...(asked.opt?.dnssecOk === true ? [signatureRecord()] : [])],
        }),
      );
      const qname = context.qname();
      const signed = await context.ask(query({ name: qname, opt: { dnssecOk: true } }));
      equal(signed.answers.length, 2, 'with DO: the signature too');
      for (const edns of [{}, { opt: {} }, { opt: {}, flags: FLAG.RD | FLAG.AD }]) {
        const reply = await context.ask(query({ name: qname, ...edns }));
        deepEqual(
          reply.answers.map(({ type }) => type),
          [TYPE.A],
          'types without DO',
        );
      }
    },
  },
  {
    id: 'K11',
    level: 'SHOULD',
    reference: 'RFC 6840 §5.8',
    title: 'SHOULD set AD in a kept answer for queries with AD or DO alone',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const flags = FLAG.QR | FLAG.RD | FLAG.RA | FLAG.AD;
      context.respond((asked) => responseTo(asked, { flags, answers: [aRecord('192.0.2.1')] }));
      const qname = context.qname();
      const wanting = { name: qname, flags: FLAG.RD | FLAG.AD };
      const first = await context.ask(query(wanting));
      const second = await kept(context, query(wanting));
      equal(hasFlag(second, 'AD'), hasFlag(first, 'AD'), 'AD for a query with AD, as the first time');
      await context.ask(query({ name: qname }));
      ok(!hasFlag(await kept(context, query({ name: qname })), 'AD'), 'no AD for a query without');
    },
  },
  {
    id: 'K12',
    level: 'MUST',
    reference: 'RFC 2181 §9, RFC 7766 §5',
    title: 'MUST cut a reply for UDP alone: over TCP the same answer is whole',
    transports: UDP,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      context.respond((asked) => responseTo(asked, { answers: manyAddresses(60) }));
      const qname = context.qname();
      ok(hasFlag(await context.ask(query({ name: qname })), 'TC'), 'TC over UDP');
      const whole = await context.ask(query({ name: qname }), { client: await context.tcp() });
      ok(!hasFlag(whole, 'TC'), 'no TC over TCP');
      equal(whole.answers.length, 60, 'records over TCP');
      const cut = await context.ask(query({ name: qname }));
      ok(hasFlag(cut, 'TC') && cut.bytes.length <= 512, 'TC over UDP again');
    },
  },
  {
    id: 'K12.shared',
    level: 'SHOULD',
    reference: 'RFC 7766 §5',
    title: 'SHOULD answer over one transport from what was asked over the other',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const asked = query({ name: context.qname() });
      await context.ask(asked);
      const client = context.transport === 'udp' ? await context.tcp() : await context.udp();
      answered(asked, await kept(context, asked, { client }));
    },
  },
];
