import { describe, expect, it } from 'vitest';
import { EDE, errorReply, NO_EDE, RCODE, walk } from '../src/index.ts';
import { message, opt, option, question, uint16 } from './build-message.ts';

const RD = 0x0100;
const CD = 0x0010;
const QR_RA = 0x8080;

function reply(query: Buffer, rcode: number, ede = NO_EDE): Buffer {
  return errorReply(query, walk(query), rcode, ede, 1232);
}

describe('errorReply', () => {
  it.each([RCODE.FORMERR, RCODE.SERVFAIL, RCODE.NOTIMP, RCODE.REFUSED])('says rcode %i', (rcode) => {
    expect(reply(message({ flags: RD, questions: [question('wWw.Example')] }), rcode)).toEqual(
      message({ flags: QR_RA | RD | rcode, questions: [question('wWw.Example')] }),
    );
  });

  it('copies opcode, RD and CD and no other flag', () => {
    expect(reply(message({ flags: 0x7fff, questions: [question()] }), RCODE.NOTIMP)).toEqual(
      message({ flags: QR_RA | 0x7800 | RD | CD | RCODE.NOTIMP, questions: [question()] }),
    );
    expect(reply(message({ flags: 0 }), RCODE.SERVFAIL)).toEqual(message({ flags: QR_RA | RCODE.SERVFAIL }));
  });

  it('answers OPT with OPT, DO copied, all else of it our own', () => {
    const query = message({
      questions: [question()],
      additionals: [opt({ udpSize: 4096, flags: 0xffff, options: [option(65001)] })],
    });
    expect(reply(query, RCODE.SERVFAIL)).toEqual(
      message({
        flags: QR_RA | RD | RCODE.SERVFAIL,
        questions: [question()],
        additionals: [opt({ udpSize: 1232, flags: 0x8000 })],
      }),
    );
  });

  it('adds an extended error only beside OPT', () => {
    const query = message({ questions: [question()], additionals: [opt()] });
    expect(reply(query, RCODE.SERVFAIL, EDE.NO_REACHABLE_AUTHORITY)).toEqual(
      message({
        flags: QR_RA | RD | RCODE.SERVFAIL,
        questions: [question()],
        additionals: [opt({ udpSize: 1232, options: [option(15, uint16(22))] })],
      }),
    );
    expect(reply(message({ questions: [question()] }), RCODE.SERVFAIL, EDE.NETWORK_ERROR)).toEqual(
      message({ flags: QR_RA | RD | RCODE.SERVFAIL, questions: [question()] }),
    );
  });

  it('splits BADVERS between header and OPT', () => {
    const query = message({ questions: [question()], additionals: [opt({ version: 1, flags: 0x8000 })] });
    expect(reply(query, RCODE.BADVERS)).toEqual(
      message({
        flags: QR_RA | RD,
        questions: [question()],
        additionals: [opt({ udpSize: 1232, extendedRcode: 1, flags: 0x8000 })],
      }),
    );
  });

  it('says SERVFAIL where a high rcode has no room', () => {
    expect(reply(message({}), RCODE.BADVERS)).toEqual(message({ flags: QR_RA | RD | RCODE.SERVFAIL }));
  });

  it('repeats no question that cannot be read, and none of several', () => {
    const header = message({ flags: QR_RA | RD | RCODE.FORMERR });
    const loop = Buffer.from('123401000001000000000000c00c00010001', 'hex');
    expect(reply(loop, RCODE.FORMERR)).toEqual(header);
    expect(reply(message({ questions: [question(), question()] }), RCODE.FORMERR)).toEqual(header);
  });

  it('is at most eleven octets longer than a faulty query', () => {
    const faulty = message({ questions: [question()], additionals: [opt({ options: [Buffer.from([1])] })] });
    expect(reply(faulty, RCODE.FORMERR, EDE.OTHER).length).toBeLessThanOrEqual(faulty.length + 11);
  });
});
