/** E: options that pass, options that belong to one hop, and what is never added. */

import { responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { aRecord, opt, query } from '../bytes/build.ts';
import { OPTION, RCODE } from '../bytes/numbers.ts';
import { optionsOf } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, UDP } from '../case.ts';
import { delay } from '../context.ts';
import { alive, answered } from '../expectations.ts';

export const EDNS_OPTION_CASES: readonly ConformanceCase[] = [
  {
    id: 'E7',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.2, §6.2.6',
    title: 'MUST pass unknown options up and down: empty, twice, of any code',
    transports: BOTH,
    async run(context) {
      const options = [
        { code: 100, data: Buffer.from([1]) },
        { code: 65_001, data: Buffer.alloc(0) },
        { code: 65_535, data: Buffer.alloc(200, 3) },
        { code: 100, data: Buffer.from([2]) },
      ];
      context.respond((asked) => context.answer(asked, { options }));
      const asked = query({ name: context.qname(), opt: { options } });
      const reply = await context.ask(asked);
      answered(asked, reply);
      const sent = context.lastQuery.opt?.options.filter((each) => each.code !== OPTION.PADDING);
      deepEqual(sent, options, 'at the upstream');
      deepEqual(reply.opt?.options, options, 'in the reply');
    },
  },
  {
    id: 'E14',
    level: 'MUST',
    reference: 'RFC 7828 §3.2.1, §3.3.1',
    title: 'MUST not pass keepalive on, neither up nor down',
    transports: BOTH,
    async run(context) {
      context.respond((asked) =>
        context.answer(asked, { options: [{ code: OPTION.KEEPALIVE, data: Buffer.from([0x27, 0x0f]) }] }),
      );
      const reply = await context.ask(
        query({
          name: context.qname(),
          opt: { options: [{ code: OPTION.KEEPALIVE, data: Buffer.from([0, 77]) }] },
        }),
      );
      for (const data of optionsOf(context.lastQuery, OPTION.KEEPALIVE))
        equal(data.length, 0, "not the client's");
      for (const data of optionsOf(reply, OPTION.KEEPALIVE))
        ok(!data.equals(Buffer.from([0x27, 0x0f])), "not the upstream's");
    },
  },
  {
    id: 'E14.udp',
    level: 'MUST',
    reference: 'RFC 7828 §3.2.1',
    title: 'MUST ignore keepalive in a UDP query, and send none over UDP',
    transports: UDP,
    async run(context) {
      const asked = query({ name: context.qname(), opt: { options: [{ code: OPTION.KEEPALIVE }] } });
      const reply = await context.ask(asked);
      answered(asked, reply);
      equal(optionsOf(reply, OPTION.KEEPALIVE).length, 0);
    },
  },
  {
    id: 'E15',
    level: 'MUST',
    reference: 'RFC 7830 §6',
    title: 'MUST not let padding of the upstream reach a client in clear, nor count it in the UDP limit',
    transports: BOTH,
    async run(context) {
      const padding = { code: OPTION.PADDING, data: Buffer.alloc(468) };
      context.respond((asked) =>
        responseTo(asked, {
          answers: [aRecord('192.0.2.1')],
          additionals: [opt({ options: [padding] })],
          noOpt: true,
        }),
      );
      for (const edns of [
        {},
        { opt: { udpSize: 512 } },
        { opt: { udpSize: 512, options: [{ code: OPTION.PADDING }] } },
      ]) {
        const reply = await context.ask(query({ name: context.qname(), ...edns }));
        equal(optionsOf(reply, OPTION.PADDING).length, 0, 'no padding');
        equal(reply.answers.length, 1, 'the answer, whole');
        ok(reply.bytes.length < 200, `${reply.bytes.length} octets`);
      }
    },
  },
  {
    id: 'E16',
    level: 'MUST',
    reference: 'RFC 7830 §3',
    title: 'MUST send at most one padding option upward',
    transports: BOTH,
    async run(context) {
      const options = [1, 2].map((length) => ({ code: OPTION.PADDING, data: Buffer.alloc(length, 9) }));
      const asked = query({ name: context.qname(), opt: { options } });
      answered(asked, await context.ask(asked));
      const sent = optionsOf(context.lastQuery, OPTION.PADDING);
      ok(sent.length <= 1, `${sent.length} padding options`);
      ok(!sent.some((data) => data.includes(9)), "not the client's");
    },
  },
  {
    id: 'E18',
    level: 'POLICY',
    reference: 'RFC 7873 §5.2, RFC 9018 §3',
    title: 'MUST remove COOKIE in both directions, whatever its length',
    transports: BOTH,
    async run(context) {
      const served = { code: OPTION.COOKIE, data: Buffer.alloc(24, 0xee) };
      context.respond((asked) => context.answer(asked, { options: [served] }));
      for (const length of [0, 1, 7, 8, 9, 15, 16, 40, 41, 200]) {
        const cookie = { code: OPTION.COOKIE, data: Buffer.alloc(length, 0xcc) };
        const asked = query({ name: context.qname(), opt: { options: [cookie] } });
        const reply = await context.ask(asked);
        if (reply.rcode === RCODE.FORMERR && (length < 8 || (length > 8 && length < 16) || length > 40))
          continue;
        answered(asked, reply);
        equal(optionsOf(reply, OPTION.COOKIE).length, 0, 'none in the reply');
        equal(optionsOf(context.lastQuery, OPTION.COOKIE).length, 0, 'none at the upstream');
      }
    },
  },
  {
    id: 'E18.two-clients',
    level: 'MUST',
    reference: 'RFC 7873 §8',
    title: "MUST not show one client another client's cookie",
    transports: BOTH,
    async run(context) {
      context.respond(async (asked) => {
        await delay(50);
        return context.answer(asked, {
          options: [
            {
              code: OPTION.COOKIE,
              data: Buffer.concat([...optionsOf(asked, OPTION.COOKIE), Buffer.alloc(8, 0xee)]),
            },
          ],
        });
      });
      const qname = context.qname();
      await Promise.all(
        [0xaa, 0xbb].map(async (octet) => {
          const cookie = Buffer.alloc(8, octet);
          const reply = await context.ask(
            query({ name: qname, opt: { options: [{ code: OPTION.COOKIE, data: cookie }] } }),
          );
          for (const data of optionsOf(reply, OPTION.COOKIE))
            deepEqual(data.subarray(0, 8), cookie, 'its own, if any');
        }),
      );
    },
  },
  {
    id: 'E19',
    level: 'MUST',
    reference: 'RFC 7871 §7.1, §11.1',
    title: "MUST never add a client's subnet",
    transports: BOTH,
    async run(context) {
      for (const edns of [{}, { opt: {} }]) {
        await alive(context);
        await context.ask(query({ name: context.qname(), ...edns }));
        for (const sent of context.journal)
          equal(optionsOf(sent, OPTION.CLIENT_SUBNET).length, 0, 'no subnet');
      }
    },
  },
  {
    id: 'E19.own',
    level: 'MUST',
    reference: 'RFC 7871 §7.1.2',
    title: 'MUST pass the subnet that a client sends, also the one that says "do not send mine"',
    transports: BOTH,
    async run(context) {
      for (const hex of ['00010000', '00011800c00002', '0002380020010db8000000']) {
        const data = Buffer.from(hex, 'hex');
        const asked = query({
          name: context.qname(),
          opt: { options: [{ code: OPTION.CLIENT_SUBNET, data }] },
        });
        answered(asked, await context.ask(asked));
        deepEqual(optionsOf(context.lastQuery, OPTION.CLIENT_SUBNET), [data], 'at the upstream');
      }
    },
  },
  {
    id: 'E20',
    level: 'SHOULD',
    reference: 'RFC 6891 §6.2.6',
    title: 'SHOULD pass NSID, EXPIRE, CHAIN, KEY-TAG, REPORT-CHANNEL and ZONEVERSION both ways',
    transports: BOTH,
    async run(context) {
      const codes = [
        OPTION.NSID,
        OPTION.EXPIRE,
        OPTION.CHAIN,
        OPTION.KEY_TAG,
        OPTION.REPORT_CHANNEL,
        OPTION.ZONEVERSION,
      ];
      for (const code of codes) {
        const down = { code, data: Buffer.from([0, 1, 2, 3]) };
        context.respond((asked) => context.answer(asked, { options: [down] }));
        const up = { code, data: code === OPTION.KEY_TAG ? Buffer.from([1, 2]) : Buffer.alloc(0) };
        const reply = await context.ask(query({ name: context.qname(), opt: { options: [up] } }));
        deepEqual(optionsOf(context.lastQuery, code), [up.data], `option ${code} at the upstream`);
        deepEqual(optionsOf(reply, code), [down.data], `option ${code} in the reply`);
      }
    },
  },
];
