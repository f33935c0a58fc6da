import { describe, expect, it } from 'vitest';
import { message, opt, option, question, record, uint16 } from '../../wire/test/build-message.ts';
import { createSubject, type Subject } from './subject.ts';

const RESPONSE = 0x81a0;
const SERVFAIL = 0x8182;
const TC = 0x0200;
const NETWORK_ERROR = option(15, uint16(23));

const PLAIN = message({ questions: [question()] });
const WITH_OPT = message({ questions: [question()], additionals: [opt({ flags: 0x8000, udpSize: 4096 })] });

function answering(response: Buffer): Subject {
  return createSubject(() => Buffer.from(response));
}

function answers(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => record({ rdata: Buffer.from([192, 0, 2, i % 256]) }));
}

describe('a reply', () => {
  it.each(['udp', 'tcp'] as const)('is the response with the ID of the query: %s', async (transport) => {
    const parts = { flags: RESPONSE, questions: [question()], answers: answers(3) };
    const subject = answering(message({ ...parts, id: 0xbeef }));
    expect(await subject[transport](PLAIN)).toEqual(message({ ...parts, id: 0x1234 }));
    expect(subject.internalErrors).toEqual([]);
  });

  it('has the question as the client wrote it', async () => {
    const subject = answering(
      message({ flags: RESPONSE, questions: [question('www.example.com')], answers: answers(1) }),
    );
    expect(await subject.udp(message({ questions: [question('wWw.eXample.COM')] }))).toEqual(
      message({ flags: RESPONSE, questions: [question('wWw.eXample.COM')], answers: answers(1) }),
    );
  });

  it('has no question when the response has none', async () => {
    const response = message({ flags: 0x8181 });
    expect(await answering(response).udp(PLAIN)).toEqual(response);
  });

  it('has no OPT when the query had none, and no padding is counted', async () => {
    const edns = opt({ options: [option(12, Buffer.alloc(468))] });
    const subject = answering(
      message({ flags: RESPONSE, questions: [question()], answers: answers(20), additionals: [edns] }),
    );
    expect(await subject.udp(PLAIN)).toEqual(
      message({ flags: RESPONSE, questions: [question()], answers: answers(20) }),
    );
  });

  it('has OPT with our size when the query had one, without the options of one hop', async () => {
    const kept = [option(3, Buffer.from('ns1')), option(15, uint16(18)), option(65001)];
    const perHop = [option(10, Buffer.alloc(16)), option(11, uint16(9999)), option(12, Buffer.alloc(50))];
    const edns = { udpSize: 65535, flags: 0x8000, extendedRcode: 0xff };
    const subject = answering(
      message({
        flags: RESPONSE,
        questions: [question()],
        additionals: [opt({ ...edns, options: [...perHop, ...kept] })],
      }),
    );
    expect(await subject.tcp(WITH_OPT)).toEqual(
      message({
        flags: RESPONSE,
        questions: [question()],
        additionals: [opt({ ...edns, udpSize: 1232, options: kept })],
      }),
    );
  });

  it.each([0, 1, 2, 3, 4, 5, 9, 15])('has the rcode %i of the response', async (rcode) => {
    const response = message({ flags: 0x8190 | rcode, questions: [question()] });
    expect(await answering(response).tcp(PLAIN)).toEqual(response);
  });

  it('of a signed query differs from the response in its ID alone', async () => {
    const tsig = record({ owner: 'key', type: 250, recordClass: 255, ttl: 0, rdata: Buffer.alloc(40) });
    const parts = {
      flags: RESPONSE,
      questions: [question('WWW.example.com')],
      additionals: [opt({ udpSize: 4000 }), tsig],
    };
    const subject = answering(message({ ...parts, id: 0xbeef }));
    expect(await subject.tcp(message({ questions: [question()], additionals: [tsig] }))).toEqual(
      message(parts),
    );
  });

  it('over TCP is never cut, over UDP a TC of the upstream stays', async () => {
    const large = message({ flags: RESPONSE, questions: [question()], answers: answers(4_000) });
    expect(large.length).toBeGreaterThan(60_000);
    expect((await answering(large).tcp(PLAIN)).equals(large)).toBe(true);
    const truncated = message({ flags: RESPONSE | TC, questions: [question()] });
    expect(await answering(truncated).udp(PLAIN)).toEqual(truncated);
    expect(await answering(truncated).tcp(PLAIN)).toEqual(truncated);
  });
});

describe('the limit over UDP', () => {
  /** A response that is exactly so long once it is the client's. */
  function responseOf(length: number, hasOpt: boolean): Buffer {
    const head = 33 + (hasOpt ? 11 : 0);
    const rest = length - head - 16;
    const first = record({ rdata: Buffer.alloc(4) });
    const second = record({ type: 16, rdata: Buffer.alloc(rest - 12) });
    return message({
      flags: RESPONSE,
      questions: [question()],
      answers: [first, second],
      additionals: hasOpt ? [opt()] : [],
    });
  }

  async function isCut(length: number, udpSize: number | null, cap = 1232): Promise<boolean> {
    const subject = createSubject(() => responseOf(length, udpSize !== null), { udpPayloadBytes: cap });
    const additionals = udpSize === null ? [] : [opt({ udpSize })];
    const reply = await subject.udp(message({ questions: [question()], additionals }));
    const cut = (reply.readUInt16BE(2) & TC) !== 0;
    if (!cut) expect(reply.length).toBe(length);
    expect(reply.readUInt16BE(6)).toBe(cut ? 1 : 2);
    return cut;
  }

  it.each([
    ['512 without OPT', null, 1232, 512],
    ['512 without OPT, whatever our own', null, 4096, 512],
    ['512 for a size of 0', 0, 1232, 512],
    ['512 for a size of 511', 511, 1232, 512],
    ['what the client says', 600, 1232, 600],
    ['at most our own', 4096, 1232, 1232],
    ['at most our own, as set', 65535, 65_507, 65_507],
  ])('is %s', async (_title, udpSize, cap, limit) => {
    expect(await isCut(limit, udpSize, cap)).toBe(false);
    expect(await isCut(limit + 1, udpSize, cap)).toBe(true);
  });

  it('is what we tell the client we take, too', async () => {
    const subject = createSubject(() => message({ flags: RESPONSE, additionals: [opt()] }), {
      udpPayloadBytes: 4000,
    });
    expect(await subject.udp(WITH_OPT)).toEqual(
      message({ flags: RESPONSE, additionals: [opt({ udpSize: 4000 })] }),
    );
  });

  it('does not change what the upstream is told', async () => {
    const subject = answering(message({ flags: RESPONSE }));
    await subject.udp(message({ questions: [question()], additionals: [opt({ udpSize: 512 })] }));
    expect(subject.asked[0]?.message).toEqual(
      message({ questions: [question()], additionals: [opt({ udpSize: 65535 })] }),
    );
  });
});

describe('a response that cannot be shown', () => {
  const servfail = message({ flags: SERVFAIL, questions: [question()] });
  const servfailToOpt = message({
    flags: SERVFAIL,
    questions: [question()],
    additionals: [opt({ flags: 0x8000, options: [NETWORK_ERROR] })],
  });

  it.each([
    ['of less than a header', Buffer.alloc(11, 0x80)],
    ['of no octets', Buffer.alloc(0)],
    ['with QR 0', message({ questions: [question()] })],
    ['for another name', message({ flags: RESPONSE, questions: [question('www.example.net')] })],
    ['for another type', message({ flags: RESPONSE, questions: [question('www.example.com', 28)] })],
    [
      'with fewer records than counted',
      message({ flags: RESPONSE, questions: [question()], answers: [record().subarray(0, -1)] }),
    ],
    ['with two OPTs', message({ flags: RESPONSE, questions: [question()], additionals: [opt(), opt()] })],
    [
      'with a loop',
      message({
        flags: RESPONSE,
        questions: [question()],
        answers: [record({ owner: Buffer.from([0xc0, 33]) })],
      }),
    ],
  ])('is SERVFAIL: %s', async (_title, response) => {
    const subject = answering(response);
    expect(await subject.udp(PLAIN)).toEqual(servfail);
    expect(await subject.tcp(WITH_OPT)).toEqual(servfailToOpt);
    expect(subject.finished).toMatchObject(
      Array(2).fill({ outcome: 'failed', upstream: 'resolver.example' }),
    );
    expect(subject.internalErrors).toEqual([]);
  });

  it('is SERVFAIL: an extended rcode for a client without EDNS', async () => {
    const response = message({
      flags: RESPONSE,
      questions: [question()],
      additionals: [opt({ extendedRcode: 1 })],
    });
    expect(await answering(response).udp(PLAIN)).toEqual(servfail);
  });
});
