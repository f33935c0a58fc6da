import { describe, expect, it } from 'vitest';
import { message, opt, option, question, record, uint16 } from '../../wire/test/build-message.ts';
import { FOUND } from '../src/index.ts';
import { Subject } from './subject.ts';

const QUERY = message({ questions: [question()] });
const answer = (ttl: number): Buffer =>
  message({ flags: 0x8180, questions: [question()], answers: [record({ ttl })] });
const SERVFAIL = message({ flags: 0x8182, questions: [question()] });

describe('a failure', () => {
  it('is remembered for a second, and twice as long each time it is found again, up to its bound', () => {
    const subject = new Subject();
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      subject.keep(QUERY, SERVFAIL);
      // The clock is cut to whole seconds: one more than the pause may have to pass.
      subject.pass(seconds);
      expect(subject.found(QUERY)).toBe(FOUND.FAILURE);
      subject.pass(1);
      expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
    }
  });

  it('is the first again after a while', () => {
    const subject = new Subject();
    subject.fail(QUERY);
    subject.pass(3);
    subject.fail(QUERY);
    subject.pass(2);
    expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
  });

  it('is forgotten for an answer', () => {
    const subject = new Subject();
    subject.fail(QUERY);
    subject.keep(QUERY, answer(60));
    expect(subject.found(QUERY)).toBe(FOUND.ANSWER);
    expect(subject.cache.counters.entries).toBe(1);
  });

  it('is forgotten for an answer that is not kept', () => {
    const subject = new Subject();
    subject.fail(QUERY);
    subject.keep(QUERY, answer(0));
    expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
  });

  it('takes nothing away from an answer at hand', () => {
    const subject = new Subject();
    subject.keep(QUERY, answer(60));
    subject.fail(QUERY);
    expect(subject.found(QUERY)).toBe(FOUND.ANSWER);
  });
});

describe('an answer past its TTL', () => {
  it('is there for as long as is set, and not longer', () => {
    const subject = new Subject({ staleSeconds: 100 });
    subject.keep(QUERY, answer(60));
    subject.pass(159);
    expect(subject.found(QUERY)).toBe(FOUND.EXPIRED);
    subject.pass(1);
    expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
  });

  it('is not there when it is switched off', () => {
    const subject = new Subject({ staleSeconds: 0 });
    subject.keep(QUERY, answer(60));
    subject.pass(60);
    expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
  });

  it('is given without asking for a while after a failure', () => {
    const subject = new Subject();
    subject.keep(QUERY, answer(60));
    subject.pass(60);
    subject.keep(QUERY, SERVFAIL);
    expect(subject.found(QUERY)).toBe(FOUND.STALE);
    subject.pass(30);
    expect(subject.found(QUERY)).toBe(FOUND.EXPIRED);
  });

  it('has a TTL of 30 s and says what it is to who can read it', () => {
    const subject = new Subject();
    subject.keep(QUERY, answer(60));
    subject.pass(90);
    expect(subject.staleReply(QUERY)).toEqual(answer(30));
    const withOpt = message({ questions: [question()], additionals: [opt()] });
    expect(subject.staleReply(withOpt)).toEqual(
      message({
        flags: 0x8180,
        questions: [question()],
        answers: [record({ ttl: 30 })],
        additionals: [opt({ options: [option(15, uint16(3))] })],
      }),
    );
    expect(subject.cache.counters.stale).toBe(2);
  });

  it('is not given in place of a fresh NXDOMAIN', () => {
    const subject = new Subject();
    const other = message({ questions: [question('www.example.com', 28)] });
    subject.keep(QUERY, answer(60));
    subject.pass(60);
    const rdata = Buffer.concat([Buffer.alloc(2), Buffer.alloc(16), uint16(0), uint16(60)]);
    const soa = record({ owner: '.', type: 6, ttl: 60, rdata });
    subject.keep(
      other,
      message({ flags: 0x8183, questions: [question('www.example.com', 28)], authorities: [soa] }),
    );
    expect(subject.reply(QUERY)?.readUInt16BE(2)).toBe(0x8183);
    subject.pass(60);
    subject.cache.store.remove(subject.cache.store.find(subject.key(QUERY)));
    const stale = subject.staleReply(message({ questions: [question()], additionals: [opt()] }));
    expect(stale?.subarray(-6)).toEqual(option(15, uint16(19)));
  });
});

describe('a popular answer', () => {
  const isDue = (subject: Subject): boolean => {
    expect(subject.found(QUERY)).toBe(FOUND.ANSWER);
    return subject.cache.takeRefresh(subject.cache.nowSeconds());
  };

  it('is fetched anew once, in the last part of its TTL', () => {
    const subject = new Subject();
    subject.keep(QUERY, answer(100));
    expect([isDue(subject), isDue(subject)]).toEqual([false, false]);
    subject.pass(89);
    expect(isDue(subject)).toBe(false);
    subject.pass(1);
    expect([isDue(subject), isDue(subject)]).toEqual([true, false]);
    subject.keep(QUERY, answer(100));
    subject.pass(90);
    expect([isDue(subject), isDue(subject), isDue(subject)]).toEqual([false, false, true]);
  });

  it('is not fetched anew when that is switched off', () => {
    const subject = new Subject({ prefetchPercent: 0 });
    subject.keep(QUERY, answer(100));
    for (let i = 0; i < 9; i++) subject.found(QUERY);
    subject.pass(99);
    expect(isDue(subject)).toBe(false);
  });
});
