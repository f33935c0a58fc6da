import { HANG_UP } from '@tridot/listener';
import { describe, expect, it } from 'vitest';
import {
  header,
  message,
  name,
  opt,
  option,
  pointer,
  question,
  record,
  uint16,
} from '../../wire/test/build-message.ts';
import { createSubject, octets, unreachable } from './subject.ts';

const RD = 0x0100;
const QR_RA = 0x8080;
const FORMERR = 1;
const NOTIMP = 4;
const NOT_SUPPORTED = option(15, uint16(21));

/** Answers with the question alone. */
function echoing() {
  return createSubject((asked) => {
    const questions = asked.message.subarray(12, asked.questionEnd);
    const flags = (asked.message.readUInt16BE(2) & 0x7910) | QR_RA;
    return Buffer.concat([header(0xffff, flags, [asked.message.readUInt16BE(4), 0, 0, 0]), questions]);
  });
}

function rejected(query: Buffer): Buffer {
  const subject = createSubject(unreachable);
  const reply = octets(subject.handle(query) as Buffer);
  expect(subject.asked).toEqual([]);
  expect(subject.finished).toMatchObject([{ outcome: 'rejected', query, reply, upstream: null }]);
  return reply;
}

describe('what is no query', () => {
  const responses: [string, Buffer][] = [
    ['a response', message({ flags: 0x8180, questions: [question()], answers: [record()] })],
    ['a header with QR 1', message({ flags: 0x8000 })],
    ['a failure', message({ flags: 0x8182, questions: [question()] })],
    ...Array.from({ length: 16 }, (_, opcode): [string, Buffer] => [
      `a response of opcode ${opcode}`,
      message({ flags: 0x8200 | (opcode << 11), questions: [question()] }),
    ]),
    ...[0, 1, 2, 11].map((length): [string, Buffer] => [`${length} octets`, Buffer.alloc(length)]),
  ];

  it.each(responses)('is never answered: %s', (_title, octets) => {
    const subject = createSubject(unreachable);
    expect(subject.handle(octets, 'udp')).toBeNull();
    expect(subject.handle(octets, 'tcp')).toBe(HANG_UP);
    expect(subject.asked).toEqual([]);
    expect(subject.finished).toMatchObject([
      { outcome: 'dropped', reply: null },
      { outcome: 'dropped', reply: HANG_UP },
    ]);
  });
});

describe('a malformed query gets FORMERR at once and is not forwarded', () => {
  const formerr = message({ flags: QR_RA | RD | FORMERR });
  const formerrToQuestion = message({ flags: QR_RA | RD | FORMERR, questions: [question()] });
  const formerrToOpt = message({
    flags: QR_RA | RD | FORMERR,
    questions: [question()],
    additionals: [opt()],
  });

  it.each([
    ['two questions', message({ questions: [question(), question()] }), formerr],
    ['65 535 questions', Buffer.concat([header(0x1234, RD, [65535, 0, 0, 0]), question()]), formerr],
    ['a pointer to itself', Buffer.from('123401000001000000000000c00c00010001', 'hex'), formerr],
    ['a reserved label type', message({ questions: [question(Buffer.from([0x41, 0, 0]))] }), formerr],
    [
      'a name of 256 octets',
      message({ questions: [question(name(`${'a'.repeat(63)}.`.repeat(3) + 'a'.repeat(62)))] }),
      formerr,
    ],
    [
      'a record that is not there',
      Buffer.concat([header(0x1234, RD, [1, 0, 0, 1]), question()]),
      formerrToQuestion,
    ],
    [
      'an owner that points forward',
      message({ questions: [question()], answers: [record({ owner: pointer(40) })] }),
      formerrToQuestion,
    ],
    ['two OPTs', message({ questions: [question()], additionals: [opt(), opt()] }), formerrToOpt],
    [
      'an OPT of another owner',
      message({
        questions: [question()],
        additionals: [record({ owner: 'a', type: 41, recordClass: 1232, ttl: 0 })],
      }),
      formerrToOpt,
    ],
    [
      'an option past RDLENGTH',
      message({ questions: [question()], additionals: [opt({ options: [Buffer.from('000a0009', 'hex')] })] }),
      formerrToOpt,
    ],
    [
      'RDLENGTH past the end',
      message({ questions: [question()], additionals: [opt({ options: [option(3)] }).subarray(0, -2)] }),
      formerrToOpt,
    ],
  ])('%s', (_title, query, reply) => {
    expect(rejected(query)).toEqual(reply);
    expect(reply.length).toBeLessThanOrEqual(query.length + 11);
  });
});

describe('what we refuse ourselves', () => {
  it.each([1, 2, 255])('is EDNS version %i: BADVERS', (version) => {
    const options = [option(3), Buffer.from([0])];
    expect(
      rejected(message({ questions: [question()], additionals: [opt({ version, flags: 0xffff, options })] })),
    ).toEqual(
      message({
        flags: QR_RA | RD,
        questions: [question()],
        additionals: [opt({ extendedRcode: 1, flags: 0x8000 })],
      }),
    );
  });

  it('is DSO: NOTIMP', () => {
    const keepalive = Buffer.from('000100080000000000000000', 'hex');
    expect(rejected(message({ flags: 0x3000, trailing: keepalive }))).toEqual(
      message({ flags: QR_RA | 0x3000 | NOTIMP }),
    );
    expect(rejected(Buffer.concat([header(0x1234, 0x3000, [9, 9, 9, 9])]))).toEqual(
      message({ flags: QR_RA | 0x3000 | NOTIMP }),
    );
  });

  it.each([251, 252])('is a zone transfer, type %i: NOTIMP, with the reason beside OPT', (qtype) => {
    const questions = [question('example.com', qtype)];
    expect(rejected(message({ questions }))).toEqual(message({ flags: QR_RA | RD | NOTIMP, questions }));
    expect(rejected(message({ questions, additionals: [opt({ flags: 0x8000 })] }))).toEqual(
      message({
        flags: QR_RA | RD | NOTIMP,
        questions,
        additionals: [opt({ flags: 0x8000, options: [NOT_SUPPORTED] })],
      }),
    );
  });
});

describe('all else goes upstream', () => {
  const OUR_OPT = opt({ udpSize: 65535 });

  it.each([
    ['no question', message({ additionals: [opt()] })],
    ['a name of 255 octets', message({ questions: [question(name('a.'.repeat(127)))] })],
    [
      'any octet in a label',
      message({ questions: [question(Buffer.from([5, 0, 0x2e, 0x5c, 0xff, 10, 0]))] }),
    ],
    ['class CH', message({ questions: [question('version.bind', 16, 3)] })],
    ['type 0', message({ questions: [question('example.com', 0)] })],
    ['type ANY', message({ questions: [question('example.com', 255)] })],
    ['type 65535', message({ questions: [question('example.com', 65535, 65280)] })],
    [
      'records in the answer section',
      message({ questions: [question()], answers: [record()], authorities: [record({ type: 6 })] }),
    ],
    ...[0, 0x0400, 0x0200, 0x0080, 0x0040, 0x0020, 0x0010, 0x07ff].map((flags): [string, Buffer] => [
      `flags ${flags.toString(16)}`,
      message({ flags, questions: [question()] }),
    ]),
  ])('%s', async (_title, query) => {
    const subject = echoing();
    const reply = await subject.tcp(Buffer.from(query));
    expect(reply.readUInt16BE(0)).toBe(0x1234);
    expect(subject.finished).toMatchObject([{ outcome: 'answered', upstream: 'resolver.example' }]);
    const sent = subject.asked[0]?.message ?? Buffer.alloc(0);
    const hasOpt = query.subarray(-11).equals(opt());
    const bare = hasOpt ? query.subarray(0, -11) : Buffer.from(query);
    if (!hasOpt) bare.writeUInt16BE(1, 10);
    expect(sent).toEqual(Buffer.concat([bare, OUR_OPT]));
  });

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15])(
    'opcode %i, as it is, with two questions too',
    async (opcode) => {
      const subject = echoing();
      const query = message({
        flags: opcode << 11,
        questions: [question(), question()],
        authorities: [record({ ttl: 0 })],
      });
      await subject.udp(query);
      expect(subject.asked).toMatchObject([{ opcode, message: query, optOffset: -1 }]);
      expect(subject.finished).toMatchObject([{ outcome: 'answered' }]);
    },
  );

  it('a signed query, changed in nothing', async () => {
    const subject = echoing();
    const tsig = record({ owner: 'key', type: 250, recordClass: 255, ttl: 0, rdata: Buffer.alloc(40) });
    const query = message({
      questions: [question()],
      additionals: [opt({ options: [option(10, Buffer.alloc(8))] }), tsig],
    });
    await subject.udp(query);
    expect(subject.asked).toMatchObject([{ message: query, optOffset: -1 }]);
  });
});
