import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ednsForClient, forEachOption, walk } from '../src/index.ts';
import { anyMessage, namedMessage } from './arbitraries.ts';
import { message, opt, option, pointer, question, record, uint16 } from './build-message.ts';
import { compressed } from './compressed-message.ts';

const OUR_SIZE = 1232;
const PER_HOP = [option(10, Buffer.alloc(24)), option(11, uint16(300)), option(12, Buffer.alloc(100))];
const NSID = option(3, Buffer.from('ns1'));
const UNKNOWN = option(65001);

function forClient(response: Buffer, hasOpt: boolean, dnssecOk = false): Buffer | null {
  return ednsForClient(Buffer.from(response), walk(response), hasOpt, dnssecOk, OUR_SIZE);
}

describe('ednsForClient', () => {
  it('leaves a response without OPT as it is for a client without', () => {
    const response = message({ flags: 0x8180, questions: [question()], answers: [record()] });
    expect(forClient(response, false)).toEqual(response);
  });

  it('removes OPT for a client that sent none', () => {
    const parts = { flags: 0x8180, questions: [question()], answers: [record()] };
    const response = message({ ...parts, additionals: [record(), opt({ options: PER_HOP })] });
    expect(forClient(response, false)).toEqual(message({ ...parts, additionals: [record()] }));
  });

  it('keeps octets behind the last record', () => {
    const trailing = Buffer.from('junk');
    expect(forClient(message({ questions: [question()], additionals: [opt()], trailing }), false)).toEqual(
      message({ questions: [question()], trailing }),
    );
  });

  it('keeps OPT with our size and without the options of one hop', () => {
    const given = { extendedRcode: 1, flags: 0xffff };
    const response = message({
      questions: [question()],
      additionals: [opt({ ...given, udpSize: 65535, options: [NSID, ...PER_HOP, UNKNOWN, UNKNOWN] })],
    });
    expect(forClient(response, true)).toEqual(
      message({
        questions: [question()],
        additionals: [opt({ ...given, udpSize: OUR_SIZE, options: [NSID, UNKNOWN, UNKNOWN] })],
      }),
    );
  });

  it('drops options that an OPT of another version leaves unreadable', () => {
    const octets = opt({ version: 1, options: [NSID, Buffer.from('000c0fff00', 'hex')] });
    expect(forClient(message({ additionals: [octets] }), true)).toEqual(
      message({ additionals: [opt({ version: 1, options: [NSID] })] }),
    );
  });

  it('adds OPT for a client that sent one when the server ignored it', () => {
    const parts = { flags: 0x8180, questions: [question()], answers: [record()] };
    expect(forClient(message(parts), true, true)).toEqual(
      message({ ...parts, additionals: [opt({ udpSize: OUR_SIZE, flags: 0x8000 })] }),
    );
  });

  it.each([1, 4])('lets a server refuse EDNS with rcode %i', (rcode) => {
    const response = message({ flags: 0x8180 | rcode, questions: [question()] });
    expect(forClient(response, true)).toEqual(response);
  });

  it('adds no OPT beyond 65 535 octets', () => {
    const rdata = Buffer.alloc(65_535 - 12 - 15 - 12 - 10);
    const response = message({ questions: [question('a.example')], answers: [record({ rdata })] });
    expect(response.length + 11).toBeGreaterThan(65_535);
    expect(forClient(response, true)).toEqual(response);
  });

  it('repairs pointers to names behind OPT, in owners and in RDATA', () => {
    const removed = opt({ options: PER_HOP }).length;
    const build = (middle: Buffer[], shift: number) => {
      const target = 33 + middle.reduce((sum, each) => sum + each.length, 0);
      return message({
        flags: 0x8180,
        questions: [question()],
        additionals: [
          ...middle,
          record({ owner: 'late.example.net' }),
          record({ owner: pointer(target, 'x') }),
          record({
            owner: pointer(target),
            type: 15,
            rdata: Buffer.concat([uint16(10), pointer(target + 5)]),
          }),
          record({ owner: pointer(12), type: 65280, rdata: pointer(target + shift) }),
        ],
      });
    };
    expect(forClient(build([opt({ options: PER_HOP })], 0), false)).toEqual(build([], removed));
  });

  it('refuses a name that leads to the OPT that goes away', () => {
    const response = (target: number) =>
      message({
        questions: [question()],
        additionals: [opt({ options: PER_HOP }), record({ owner: pointer(target) })],
      });
    expect(forClient(response(33), false)).toBeNull();
    expect(forClient(response(33), true)).not.toBeNull();
  });

  it('leaves RDATA that is broken by itself', () => {
    const broken = record({ type: 5, rdata: Buffer.from([63, 1, 2]) });
    const response = message({ questions: [question()], additionals: [opt(), broken] });
    expect(forClient(response, false)).toEqual(message({ questions: [question()], additionals: [broken] }));
  });

  it('decodes to the same records, wherever OPT was', () => {
    fc.assert(
      fc.property(namedMessage, fc.boolean(), (parts, hasOpt) => {
        const reply = forClient(compressed(parts), hasOpt);
        expect(reply).not.toBeNull();
        const wanted = dnsPacket.decode(compressed({ ...parts, opt: null }));
        const got = dnsPacket.decode(reply ?? Buffer.alloc(0));
        expect(got.answers).toEqual(wanted.answers);
        expect(got.additionals?.filter((each) => each.type !== 'OPT')).toEqual(wanted.additionals);
        expect(got.additionals).toHaveLength(parts.additionals.length + (hasOpt ? 1 : 0));
      }),
      { numRuns: 500 },
    );
  });

  it('leaves a well-formed message well-formed', () => {
    fc.assert(
      fc.property(anyMessage, fc.boolean(), (response, hasOpt) => {
        const reply = forClient(response, hasOpt);
        if (reply === null) return;
        const layout = walk(reply);
        expect(layout.fault).toBeNull();
        if (!hasOpt) expect(layout.optOffset).toBe(-1);
        forEachOption(reply, layout, (code) => expect([10, 11, 12]).not.toContain(code));
      }),
      { numRuns: 500 },
    );
  });
});
