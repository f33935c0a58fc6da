/** The cache beside a Map that does the same in the plainest way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, question, record } from '../../wire/test/build-message.ts';
import { FOUND } from '../src/index.ts';
import { countOctets, Subject } from './subject.ts';

interface ModelEntry {
  readonly storedAt: number;
  readonly ttl: number;
  readonly octet: number;
  readonly length: number;
}

class Model {
  readonly entries = new Map<number, ModelEntry>();
  now = 0;
}

interface Real {
  readonly subject: Subject;
  /** Whether the cache may have let go of what the model has. */
  readonly mayForget: boolean;
}

const query = (name: number): Buffer => message({ questions: [question(`n${name}.example.com`)] });
const answer = (name: number, { ttl, octet, length }: Omit<ModelEntry, 'storedAt'>): Buffer =>
  message({
    flags: 0x8180,
    questions: [question(`n${name}.example.com`)],
    answers: [record({ ttl, type: 1, rdata: Buffer.alloc(length, octet) })],
  });

function checkAccounts({ subject }: Real): void {
  const { counters, store } = subject.cache;
  expect({ octets: counters.octets, entries: counters.entries }).toEqual(countOctets(subject.cache));
  expect(counters.octets).toBeLessThanOrEqual(store.memory.octets.length);
  expect(counters.entries).toBeLessThanOrEqual(subject.cache.limits.maxEntries);
}

class Keep implements fc.Command<Model, Real> {
  readonly name: number;
  readonly entry: Omit<ModelEntry, 'storedAt'>;
  /** Whether it is judged when it is asked for, if it may be. */
  readonly isLate: boolean;

  constructor(name: number, ttl: number, octet: number, length: number, isLate: boolean) {
    this.name = name;
    this.entry = { ttl, octet, length };
    this.isLate = isLate;
  }

  check = (): boolean => true;

  run(model: Model, real: Real): void {
    const [asked, response] = [query(this.name), answer(this.name, this.entry)];
    const isUnread = this.isLate && real.subject.keepUnread(asked, response);
    const isKept = isUnread || real.subject.keep(asked, response);
    expect(isKept || real.mayForget || this.entry.ttl === 0).toBe(true);
    if (isKept) model.entries.set(this.name, { ...this.entry, storedAt: model.now });
    else model.entries.delete(this.name);
    checkAccounts(real);
  }

  toString = (): string => `keep(${this.name}, ${JSON.stringify(this.entry)}, ${this.isLate})`;
}

class Ask implements fc.Command<Model, Real> {
  readonly name: number;

  constructor(name: number) {
    this.name = name;
  }

  check = (): boolean => true;

  run(model: Model, { subject, mayForget }: Real): void {
    const entry = model.entries.get(this.name);
    const reply = subject.reply(query(this.name));
    const age = model.now - (entry?.storedAt ?? 0);
    const expected = entry && age < entry.ttl ? answer(this.name, { ...entry, ttl: entry.ttl - age }) : null;
    if (reply !== null || !mayForget) expect(reply).toEqual(expected);
  }

  toString = (): string => `ask(${this.name})`;
}

class Fail implements fc.Command<Model, Real> {
  readonly name: number;

  constructor(name: number) {
    this.name = name;
  }

  check = (): boolean => true;

  run(_: Model, real: Real): void {
    const before = real.subject.found(query(this.name));
    real.subject.fail(query(this.name));
    const after = real.subject.found(query(this.name));
    if (before === FOUND.ANSWER) expect(after).toBe(FOUND.ANSWER);
    else expect([FOUND.FAILURE, FOUND.STALE]).toContain(after);
    checkAccounts(real);
  }

  toString = (): string => `fail(${this.name})`;
}

class Pass implements fc.Command<Model, Real> {
  readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
  }

  check = (): boolean => true;

  run(model: Model, { subject }: Real): void {
    model.now += this.seconds;
    subject.pass(this.seconds);
  }

  toString = (): string => `pass(${this.seconds})`;
}

const names = (count: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: count });

function commands(count: number, maxLength: number): fc.Arbitrary<fc.Command<Model, Real>>[] {
  const octet = fc.integer({ min: 0, max: 255 });
  return [
    fc
      .tuple(
        names(count),
        fc.constantFrom(0, 1, 5, 300),
        octet,
        fc.integer({ min: 4, max: maxLength }),
        fc.boolean(),
      )
      .map((parts) => new Keep(...parts)),
    names(count).map((name) => new Ask(name)),
    names(count).map((name) => new Fail(name)),
    fc.constantFrom(1, 4, 200, 100_000).map((seconds) => new Pass(seconds)),
  ];
}

describe('the cache, beside a Map', () => {
  it('knows the same while there is room', () => {
    fc.assert(
      fc.property(fc.commands(commands(8, 300), { maxCommands: 60 }), (run) => {
        fc.modelRun(() => ({ model: new Model(), real: { subject: new Subject(), mayForget: false } }), run);
      }),
      { numRuns: 200 },
    );
  });

  // 16 KiB: every few insertions something has to go, and entries of all sizes meet the ends of the rings.
  it('knows nothing else when there is none, and counts right', () => {
    fc.assert(
      fc.property(fc.commands(commands(60, 200), { maxCommands: 400, size: 'max' }), (run) => {
        const limits = { maxBytes: 16_384, maxEntries: 64 };
        fc.modelRun(
          () => ({ model: new Model(), real: { subject: new Subject(limits), mayForget: true } }),
          run,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('never has more entries than it may', () => {
    const real: Real = { subject: new Subject({ maxEntries: 64 }), mayForget: true };
    const model = new Model();
    for (let name = 0; name < 500; name++) {
      new Keep(name, 300, 1, 4, name % 2 === 0).run(model, real);
      if (name % 3 === 0) new Ask(name).run(model, real);
    }
    expect(real.subject.cache.counters).toMatchObject({ entries: 64, evicted: 436 });
  });
});
