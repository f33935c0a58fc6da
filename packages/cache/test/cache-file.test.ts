import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { message, opt, option, question, record, uint16 } from '../../wire/test/build-message.ts';
import { loadCache, saveCache } from '../src/index.ts';
import { countOctets, Subject } from './subject.ts';

const query = (name: string): Buffer => message({ questions: [question(name)], additionals: [opt()] });
const answer = (name: string, ttl: number): Buffer =>
  message({
    flags: 0x8180,
    questions: [question(name)],
    answers: [record({ ttl })],
    additionals: [opt({ options: [option(15, uint16(4))] })],
  });
const denied = message({
  flags: 0x8183,
  questions: [question('gone.example')],
  authorities: [
    record({ owner: '.', type: 6, rdata: Buffer.concat([Buffer.alloc(18), uint16(0), uint16(60)]) }),
  ],
});

describe('the file of a cache', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tridot-cache-'));
    path = join(folder, 'cache');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function saved(): Subject {
    const subject = new Subject();
    subject.keep(query('a.example'), answer('a.example', 300));
    subject.pass(10);
    subject.keep(query('b.example'), answer('b.example', 20));
    subject.keep(query('gone.example'), denied);
    subject.fail(query('failed.example'));
    expect(saveCache(subject.cache, path, 1_000_000)).toBe(3);
    return subject;
  }

  it('brings back every answer with the time that has passed taken off', () => {
    saved();
    const subject = new Subject();
    expect(loadCache(subject.cache, path, 1_005_000)).toBe(3);
    expect(subject.reply(query('a.example'))).toEqual(answer('a.example', 285));
    expect(subject.reply(query('b.example'))).toEqual(answer('b.example', 15));
    expect(subject.reply(message({ questions: [question('gone.example', 28)] }))?.readUInt16BE(2)).toBe(
      0x8183,
    );
    expect(subject.cache.counters).toMatchObject(countOctets(subject.cache));
  });

  it('holds what nobody has asked for yet, if it may be kept', () => {
    const plain = (name: string, ttl: number): Buffer =>
      message({
        flags: 0x8180,
        questions: [question(name)],
        answers: [record({ ttl })],
        additionals: [opt()],
      });
    const subject = new Subject();
    expect(subject.keepUnread(query('a.example'), plain('a.example', 300))).toBe(true);
    expect(subject.keepUnread(query('b.example'), plain('b.example', 0))).toBe(true);
    expect(saveCache(subject.cache, path, 1_000_000)).toBe(1);
    expect(subject.cache.counters).toMatchObject(countOctets(subject.cache));
    const next = new Subject();
    expect(loadCache(next.cache, path, 1_005_000)).toBe(1);
    expect(next.reply(query('a.example'))).toEqual(plain('a.example', 295));
  });

  it('brings back what is past its TTL as just that, and not what is of no use', () => {
    saved();
    const subject = new Subject({ staleSeconds: 100 });
    expect(loadCache(subject.cache, path, 1_000_000 + 125_000)).toBe(2);
    expect(subject.staleReply(query('gone.example'))).not.toBeNull();
    expect(subject.reply(query('a.example'))).toEqual(answer('a.example', 165));
  });

  it('is for its owner alone, replaces the one before, and leaves nothing else', () => {
    writeFileSync(path, 'old');
    saved();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['cache']);
  });

  it('holds a cache that is larger than one chunk', () => {
    const subject = new Subject({ maxBytes: 8_388_608 });
    for (let i = 0; i < 5_000; i++) {
      const name = `n${i}.example`;
      const records = [record({ rdata: Buffer.alloc(600) })];
      subject.keep(query(name), message({ flags: 0x8180, questions: [question(name)], answers: records }));
    }
    const { entries } = subject.cache.counters;
    expect(saveCache(subject.cache, path)).toBe(entries);
    const again = new Subject({ maxBytes: 8_388_608 });
    expect(loadCache(again.cache, path)).toBe(entries);
  });

  it('need not be there', () => {
    expect(loadCache(new Subject().cache, path)).toBeNull();
  });

  it('that cannot be written leaves the old one', () => {
    saved();
    const before = readFileSync(path);
    const subject = new Subject();
    expect(() => saveCache(subject.cache, join(path, 'below'))).toThrow(/cannot be written: ENOTDIR$/);
    expect(readFileSync(path)).toEqual(before);
  });

  it.each<[string, (file: Buffer) => Buffer, number, RegExp]>([
    ['empty', () => Buffer.alloc(0), 1_000_000, /not a cache file/],
    ['something else', () => Buffer.alloc(4_000, 'x'), 1_000_000, /not a cache file/],
    ['cut short', (file) => file.subarray(0, -1), 1_000_000, /damaged/],
    [
      'of another version',
      (file) => Buffer.concat([file.subarray(0, 11), Buffer.from([9]), file.subarray(12)]),
      1_000_000,
      /version/,
    ],
    ['from the future', (file) => file, 900_000, /future/],
    ['far too large', () => Buffer.alloc(2_097_153), 1_000_000, /larger/],
  ])('is ignored when it is %s', (_, change, wallMs, reason) => {
    saved();
    writeFileSync(path, change(readFileSync(path)));
    const subject = new Subject();
    expect(() => loadCache(subject.cache, path, wallMs)).toThrow(reason);
    expect(subject.cache.counters.entries).toBe(0);
  });

  it('is ignored with any octet changed', () => {
    saved();
    const file = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const damaged = Buffer.from(file);
        damaged[at] = (damaged[at] ?? 0) ^ bits;
        writeFileSync(path, damaged);
        const subject = new Subject();
        expect(() => loadCache(subject.cache, path, 1_000_000)).toThrow(/ignored/);
        expect(subject.cache.counters.entries).toBe(0);
      }),
    );
  });
});
