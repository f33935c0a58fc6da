import { describe, expect, it } from 'vitest';
import { message, question, record } from '../../wire/test/build-message.ts';
import { countOctets, Subject } from './subject.ts';

const query = (name: string): Buffer => message({ questions: [question(`${name}.example.com`)] });
const answer = (name: string, length = 4): Buffer =>
  message({
    flags: 0x8180,
    questions: [question(`${name}.example.com`)],
    answers: [record({ ttl: 86_400, rdata: Buffer.alloc(length) })],
  });

describe('when there is no room', () => {
  it('names asked once do not drive out those that are asked again and again', () => {
    const subject = new Subject();
    const popular = Array.from({ length: 500 }, (_, i) => `popular${i}`);
    for (const name of popular) subject.keep(query(name), answer(name));
    for (let round = 0; round < 3; round++) for (const name of popular) subject.found(query(name));
    for (let i = 0; i < 50_000; i++) {
      subject.keep(query(`scan${i}`), answer(`scan${i}`));
      if (i % 20 === 0) subject.found(query(popular[(i / 20) % popular.length] ?? ''));
    }
    const kept = popular.filter((name) => subject.reply(query(name)) !== null);
    expect(kept.length).toBeGreaterThan(490);
  });

  it('a new name that is asked again stays, and one that is not goes', () => {
    const subject = new Subject();
    const scan = (from: number, count: number): void => {
      for (let i = from; i < from + count; i++) subject.keep(query(`scan${i}`), answer(`scan${i}`));
    };
    scan(0, 20_000);
    subject.keep(query('again'), answer('again'));
    subject.keep(query('once'), answer('once'));
    subject.found(query('again'));
    scan(20_000, 1_500);
    expect(subject.reply(query('again'))).not.toBeNull();
    expect(subject.reply(query('once'))).toBeNull();
  });

  it('a name that comes back soon after it went stays longer the second time', () => {
    const subject = new Subject();
    const scan = (from: number, count: number): void => {
      for (let i = from; i < from + count; i++) subject.keep(query(`scan${i}`), answer(`scan${i}`));
    };
    // What went is remembered by a hash with a secret key, which another may push out: a few are lost in each run, not most.
    const names = Array.from({ length: 20 }, (_, index) => `back${index}`);
    const keepAll = (): void => names.forEach((name) => void subject.keep(query(name), answer(name)));
    const there = (): number => names.filter((name) => subject.reply(query(name)) !== null).length;
    scan(0, 20_000);
    keepAll();
    scan(20_000, 1_500);
    expect(there()).toBe(0);
    keepAll();
    scan(21_500, 1_500);
    expect(there()).toBeGreaterThan(10);
  });

  it('messages of 60 000 octets stay under the bound', () => {
    const subject = new Subject({ maxBytes: 4_194_304 });
    for (let i = 0; i < 2_000; i++) {
      subject.keep(query(`n${i}`), answer(`n${i}`, 60_000));
      expect(subject.cache.counters.octets).toBeLessThan(4_194_304);
    }
    expect(subject.cache.counters.entries).toBeGreaterThan(20);
  });

  it('a message larger than the cache is good for is not kept, and takes nothing with it but what it replaces', () => {
    const subject = new Subject();
    subject.keep(query('a'), answer('a'));
    subject.keep(query('b'), answer('b'));
    expect(subject.keep(query('b'), answer('b', 64_000))).toBe(false);
    expect([subject.reply(query('a')), subject.reply(query('b'))]).toEqual([answer('a'), null]);
  });

  it('a million names leave neither entries nor memory behind', () => {
    const subject = new Subject();
    const before = process.memoryUsage();
    const [asked, given] = [query('n0000000'), answer('n0000000')];
    for (let i = 0; i < 1_000_000; i++) {
      const digits = String(i).padStart(7, '0');
      asked.write(digits, 14, 'latin1');
      given.write(digits, 14, 'latin1');
      subject.keep(asked, given);
      if (i % 100_000 !== 0) continue;
      const { octets, entries } = subject.cache.counters;
      expect({ octets, entries }).toEqual(countOctets(subject.cache));
      expect(octets).toBeLessThan(1_048_576);
    }
    const { evicted, entries } = subject.cache.counters;
    expect(evicted + entries).toBe(1_000_000);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(32 * 1_048_576);
  }, 60_000);
});
