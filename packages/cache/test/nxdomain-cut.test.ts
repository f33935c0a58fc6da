import { describe, expect, it } from 'vitest';
import { message, name, opt, pointer, question, record, uint16 } from '../../wire/test/build-message.ts';
import { Subject } from './subject.ts';

const numbers = Buffer.concat([Buffer.alloc(16), uint16(0), uint16(60)]);
/** example.com lies at `at`; the names in SOA point there and at each other. */
const soa = (at: number, rdataAt: number): Buffer =>
  record({
    owner: pointer(at),
    type: 6,
    ttl: 60,
    rdata: Buffer.concat([pointer(at, 'ns'), pointer(rdataAt, 'mail'), numbers]),
  });
const denied = (qname: string): Buffer => {
  const at = 12 + name(qname).length - name('example.com').length;
  const questionEnd = 12 + name(qname).length + 4;
  return message({
    flags: 0x8183,
    questions: [question(qname)],
    authorities: [
      soa(at, questionEnd + 12),
      record({ owner: pointer(at), type: 65_280, ttl: 60, rdata: pointer(12) }),
    ],
  });
};
const query = (qname: string): Buffer => message({ questions: [question(qname)] });

describe('a name below one that does not exist', () => {
  it('does not exist either, and every name in the answer is where it was', () => {
    const subject = new Subject({}, true);
    subject.keep(query('gone.example.com'), denied('gone.example.com'));
    expect(subject.reply(query('a.bC.gone.example.com'))).toEqual(
      Buffer.concat([denied('a.bC.gone.example.com').subarray(0, -2), pointer(12)]),
    );
    const withOpt = message({ questions: [question('a.gone.example.com')], additionals: [opt()] });
    expect(subject.reply(withOpt)?.subarray(-11)).toEqual(opt());
  });

  it('is asked when it only looks so', () => {
    const subject = new Subject({}, true);
    subject.keep(query('gone.example.com'), denied('gone.example.com'));
    for (const other of ['example.com', 'here.example.com', 'agone.example.com', 'gone.example.com.test']) {
      expect(subject.reply(query(other))).toBeNull();
    }
  });

  it('is asked when the parent that does not exist is the end of an alias', () => {
    const subject = new Subject({}, true);
    const alias = record({ type: 5, rdata: name('gone.example.com') });
    const response = message({
      flags: 0x8183,
      questions: [question('alias.example.com')],
      answers: [alias],
      authorities: [soa(18, 12)],
    });
    subject.keep(query('alias.example.com'), response);
    expect(subject.reply(query('x.alias.example.com'))).toBeNull();
  });

  it('is asked once the answer is past its TTL', () => {
    const subject = new Subject({}, true);
    subject.keep(query('gone.example.com'), denied('gone.example.com'));
    subject.pass(60);
    expect(subject.reply(query('a.gone.example.com'))).toBeNull();
  });

  it('is asked when that is not switched on', () => {
    const subject = new Subject();
    subject.keep(query('gone.example.com'), denied('gone.example.com'));
    expect(subject.reply(query('a.gone.example.com'))).toBeNull();
  });
});
