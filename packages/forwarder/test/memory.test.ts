import { createCache } from '@tridot/cache';
import { describe, expect, it } from 'vitest';
import { message, opt, option, question, record, uint16 } from '../../wire/test/build-message.ts';
import type { SharedCache } from '../src/index.ts';
import { type Answerer, createSubject, octets, type Subject } from './subject.ts';

const QUERY = message({ questions: [question()] });
const answer = (ttl: number, octet = 1): Buffer =>
  message({
    flags: 0x8180,
    questions: [question()],
    answers: [record({ ttl, rdata: Buffer.alloc(4, octet) })],
  });
const SERVFAIL = message({ flags: 0x8182, questions: [question()] });

class Unreachable extends Error {
  readonly ede = 22;
}

interface Setting {
  readonly subject: Subject;
  pass(seconds: number): void;
  /** What the upstream does from now on. */
  answerer: Answerer;
}

function setting(answerer: Answerer, limits: Record<string, number> = {}, shared?: SharedCache): Setting {
  let nowMs = 0;
  const cache = createCache({ limits: { maxBytes: 1_048_576, ...limits }, clock: () => nowMs });
  const made: Setting = {
    answerer,
    pass: (seconds) => {
      nowMs += seconds * 1000;
    },
    subject: createSubject((query) => made.answerer(query), undefined, {
      cache,
      ...(shared === undefined ? {} : { shared }),
    }),
  };
  return made;
}

/** The promise's work is done once everything that is queued before it has run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an answer from the cache', () => {
  it('comes without a promise, over both transports, and is not asked for', async () => {
    const { subject, pass } = setting(() => answer(60));
    expect(await subject.udp(QUERY)).toEqual(answer(60));
    pass(10);
    const query = message({ id: 99, questions: [question('WWW.example.com')] });
    const expected = message({
      id: 99,
      flags: 0x8180,
      questions: [question('WWW.example.com')],
      answers: [record({ ttl: 50, rdata: Buffer.alloc(4, 1) })],
    });
    expect(subject.handle(query, 'udp')).toEqual(expected);
    expect(subject.handle(query, 'tcp')).toEqual(expected);
    expect(subject.asked).toHaveLength(1);
    expect(subject.finished.map(({ source }) => source)).toEqual(['upstream', 'cache', 'cache']);
    expect(subject.counters).toMatchObject({ hits: 2, misses: 1, entries: 1 });
  });

  it('is cut for each reply and whole in the cache', async () => {
    const records = Array.from({ length: 60 }, () => record({ ttl: 60 }));
    const whole = message({ flags: 0x8180, questions: [question()], answers: records });
    const { subject } = setting(() => Buffer.from(whole));
    for (let i = 0; i < 2; i++) {
      const reply = await subject.udp(QUERY);
      expect(reply.length).toBeLessThanOrEqual(512);
      expect(reply.readUInt16BE(2)).toBe(0x8380);
    }
    expect(subject.handle(QUERY, 'tcp')).toEqual(whole);
    expect(subject.asked).toHaveLength(1);
  });

  it.each<[string, Buffer]>([
    ['UPDATE', message({ flags: 0x2800, questions: [question('example.com', 6)] })],
    ['NOTIFY', message({ flags: 0x2000, questions: [question('example.com', 6)] })],
    ['TSIG', message({ questions: [question()], additionals: [record({ owner: 'k', type: 250 })] })],
    [
      'a client subnet',
      message({ questions: [question()], additionals: [opt({ options: [option(8, Buffer.alloc(4))] })] }),
    ],
  ])('is not there for %s, which is never waited for by another either', async (_, query) => {
    const { subject } = setting(({ message: asked }) => {
      const response = Buffer.from(asked);
      response.writeUInt16BE(response.readUInt16BE(2) | 0x8000, 2);
      return response;
    });
    await Promise.all([subject.tcp(query), subject.tcp(query)]);
    await subject.tcp(query);
    expect(subject.asked).toHaveLength(3);
    expect(subject.counters).toMatchObject({ bypassed: 3, coalesced: 0, entries: 0 });
  });
});

describe('a failure', () => {
  it('is remembered for a second', async () => {
    const { subject, pass } = setting(() => Promise.reject(new Unreachable()));
    await subject.udp(QUERY);
    const query = message({ questions: [question()], additionals: [opt()] });
    expect(subject.handle(query)).toEqual(
      message({
        flags: 0x8182,
        questions: [question()],
        additionals: [opt({ options: [option(15, uint16(13))] })],
      }),
    );
    pass(2);
    await subject.udp(QUERY);
    expect(subject.asked).toHaveLength(2);
    expect(subject.counters.failures).toBe(1);
  });

  it('that is a bug of ours is not', async () => {
    const { subject } = setting(() => Promise.reject(new TypeError('bug')));
    await subject.udp(QUERY);
    await subject.udp(QUERY);
    expect(subject.asked).toHaveLength(2);
    expect(subject.internalErrors).toHaveLength(2);
  });

  it('of an answer for another question is, and nothing of it is kept', async () => {
    const { subject } = setting(() => message({ flags: 0x8180, questions: [question('other.example')] }));
    await subject.udp(QUERY);
    expect(octets(await subject.handle(QUERY)).readUInt16BE(2)).toBe(0x8182);
    expect(subject.asked).toHaveLength(1);
  });
});

describe('equal queries in flight', () => {
  it("are asked once, and each reply is its client's own", async () => {
    let release: (response: Buffer) => void = () => undefined;
    const { subject } = setting(
      () =>
        new Promise<Buffer>((resolve) => {
          release = resolve;
        }),
    );
    const queries = Array.from({ length: 50 }, (_, id) =>
      message({
        id,
        questions: [question(id % 2 === 0 ? 'www.example.com' : 'WWW.EXAMPLE.com')],
        additionals: id % 3 === 0 ? [opt({ options: [option(10, Buffer.alloc(8, id))] })] : [],
      }),
    );
    const replies = queries.map((query, i) => subject.handle(query, i % 5 === 0 ? 'tcp' : 'udp'));
    release(answer(0));
    for (const [id, query] of queries.entries()) {
      const reply = octets((await replies[id]) ?? null);
      expect(reply.readUInt16BE(0)).toBe(id);
      expect(reply.subarray(12, 33)).toEqual(query.subarray(12, 33));
      expect(reply.readUInt16BE(10)).toBe(id % 3 === 0 ? 1 : 0);
    }
    expect(subject.asked).toHaveLength(1);
    expect(subject.counters.coalesced).toBe(49);
    expect(subject.finished).toHaveLength(50);
  });

  it('fail together', async () => {
    const { subject } = setting(() => Promise.reject(new Unreachable()));
    const replies = await Promise.all(Array.from({ length: 5 }, () => subject.tcp(QUERY)));
    expect(replies).toEqual(Array.from({ length: 5 }, () => SERVFAIL));
    expect(subject.asked).toHaveLength(1);
  });

  it('are equal only in all that the key has', async () => {
    const { subject } = setting(() => Promise.reject(new Unreachable()));
    const others = [
      message({ flags: 0x0110, questions: [question()] }),
      message({ flags: 0x0000, questions: [question()] }),
      message({ questions: [question('www.example.com', 28)] }),
      message({ questions: [question()], additionals: [opt({ flags: 0x8000 })] }),
    ];
    await Promise.all([QUERY, ...others].map((query) => subject.udp(query)));
    expect(subject.asked).toHaveLength(5);
  });

  it('are asked once without a cache too, and each by itself when that is switched off', async () => {
    const joined = createSubject(() => answer(60));
    await Promise.all([joined.udp(QUERY), joined.udp(QUERY)]);
    expect(joined.asked).toHaveLength(1);
    const alone = createSubject(() => answer(60), undefined, { coalesces: false });
    await Promise.all([alone.udp(QUERY), alone.udp(QUERY)]);
    expect(alone.asked).toHaveLength(2);
  });
});

describe('an answer past its TTL', () => {
  it('is replaced by a new one', async () => {
    const made = setting(() => answer(60, 1));
    await made.subject.udp(QUERY);
    made.pass(60);
    made.answerer = () => answer(60, 2);
    expect(await made.subject.udp(QUERY)).toEqual(answer(60, 2));
  });

  it.each<[string, Answerer]>([
    ['no response', () => Promise.reject(new Unreachable())],
    ['SERVFAIL', () => Buffer.from(SERVFAIL)],
  ])('is given after %s, and then at once for a while', async (_, failing) => {
    const made = setting(() => answer(60));
    const { subject } = made;
    await subject.udp(QUERY);
    made.pass(60);
    made.answerer = failing;
    expect(await Promise.all([subject.udp(QUERY), subject.tcp(QUERY)])).toEqual([answer(30), answer(30)]);
    expect(subject.handle(QUERY)).toEqual(answer(30));
    expect(subject.asked).toHaveLength(2);
    made.pass(30);
    await subject.udp(QUERY);
    expect(subject.asked).toHaveLength(3);
    expect(subject.finished.slice(1).map(({ source }) => source)).toEqual(
      Array.from({ length: 4 }, () => 'stale'),
    );
  });

  it('is given when the new one takes long, which is kept when it comes', async () => {
    const made = setting(() => answer(60, 1), { staleAfterMs: 20 });
    const { subject } = made;
    await subject.udp(QUERY);
    made.pass(60);
    let release: (response: Buffer) => void = () => undefined;
    made.answerer = () =>
      new Promise<Buffer>((resolve) => {
        release = resolve;
      });
    expect(await subject.udp(QUERY)).toEqual(answer(30, 1));
    expect(subject.handle(QUERY)).toEqual(answer(30, 1));
    release(answer(60, 2));
    await settled();
    expect(subject.handle(QUERY)).toEqual(answer(60, 2));
    expect(subject.asked).toHaveLength(2);
    expect(subject.finished).toHaveLength(4);
  });

  it('is not given in place of NXDOMAIN or REFUSED', async () => {
    const made = setting(() => answer(60));
    await made.subject.udp(QUERY);
    made.pass(60);
    for (const flags of [0x8185, 0x8183]) {
      made.answerer = () => message({ flags, questions: [question()] });
      expect((await made.subject.udp(QUERY)).readUInt16BE(2)).toBe(flags);
    }
  });
});

describe('a popular answer', () => {
  it('is fetched anew before its TTL runs out, while its clients are answered at once', async () => {
    const made = setting(() => answer(100, 1));
    const { subject } = made;
    await subject.udp(QUERY);
    for (let i = 0; i < 3; i++) subject.handle(QUERY);
    made.pass(95);
    made.answerer = () => answer(100, 2);
    expect(subject.handle(QUERY)).toEqual(answer(5, 1));
    expect(subject.handle(QUERY)).toEqual(answer(5, 1));
    await settled();
    expect(subject.handle(QUERY)).toEqual(answer(100, 2));
    expect(subject.asked).toHaveLength(2);
    expect(subject.counters.prefetched).toBe(1);
  });

  it('stays when fetching it anew fails, and nobody hears of it', async () => {
    const made = setting(() => answer(100, 1));
    const { subject } = made;
    await subject.udp(QUERY);
    for (let i = 0; i < 3; i++) subject.handle(QUERY);
    made.pass(95);
    made.answerer = () => Promise.reject(new Unreachable());
    subject.handle(QUERY);
    await settled();
    expect(subject.handle(QUERY)).toEqual(answer(5, 1));
    expect(subject.internalErrors).toEqual([]);
  });
});

describe('the shared cache', () => {
  class Shared implements SharedCache {
    isReady = true;
    readonly values = new Map<string, Buffer>();
    remainingMs = 20_000;
    get(key: Buffer): ReturnType<SharedCache['get']> {
      const value = this.values.get(key.toString('hex'));
      return Promise.resolve(value === undefined ? null : { value, remainingMs: this.remainingMs });
    }
    set(key: Buffer, value: Buffer): void {
      this.values.set(key.toString('hex'), value);
    }
  }

  it('answers what another forwarder has asked, with the time that is left', async () => {
    const shared = new Shared();
    const one = setting(() => answer(60), {}, shared);
    const other = setting(() => answer(60), {}, shared);
    await one.subject.udp(QUERY);
    expect(await Promise.all([other.subject.udp(QUERY), other.subject.tcp(QUERY)])).toEqual([
      answer(20),
      answer(20),
    ]);
    expect(other.subject.handle(QUERY)).toEqual(answer(20));
    expect(other.subject.asked).toHaveLength(0);
    expect(other.subject.counters).toMatchObject({ shared: 1, coalesced: 1 });
    expect(other.subject.finished.map(({ source }) => source)).toEqual(['shared', 'shared', 'cache']);
  });

  it.each<[string, (shared: Shared) => void]>([
    [
      'is away',
      (shared) => {
        shared.isReady = false;
      },
    ],
    ['has nothing', (shared) => shared.values.clear()],
    [
      'has it no longer',
      (shared) => {
        shared.remainingMs = 900;
      },
    ],
    [
      'holds something else',
      (shared) => {
        for (const key of shared.values.keys()) shared.values.set(key, Buffer.from('else'));
      },
    ],
    [
      'holds the answer to another question',
      (shared) => {
        for (const [key, value] of shared.values) {
          const other = Buffer.from(value);
          other[20] = 0x7a;
          shared.values.set(key, other);
        }
      },
    ],
  ])('that %s costs a query upstream and no more', async (_, change) => {
    const shared = new Shared();
    await setting(() => answer(60), {}, shared).subject.udp(QUERY);
    change(shared);
    const other = setting(() => answer(60), {}, shared);
    expect(await other.subject.udp(QUERY)).toEqual(answer(60));
    expect(other.subject.asked).toHaveLength(1);
  });
});

describe('the policy', () => {
  const blocked = message({ flags: 0x8183, questions: [question()] });
  const policy = {
    answer: (query: Buffer): Buffer | null => (query[13] === 0x77 ? Buffer.from(blocked) : null),
  };

  it('answers before the cache and the upstream, without a promise', async () => {
    const subject = createSubject(
      () => message({ flags: 0x8180, questions: [question('a.example')] }),
      undefined,
      { policy },
    );
    expect(subject.handle(QUERY)).toEqual(blocked);
    await subject.udp(message({ questions: [question('a.example')] }));
    expect(subject.finished.map(({ source }) => source)).toEqual(['policy', 'upstream']);
  });

  it('is not asked about other opcodes', async () => {
    const response = message({ flags: 0xa800, questions: [question()] });
    const subject = createSubject(() => Buffer.from(response), undefined, { policy });
    expect(await subject.udp(message({ flags: 0x2800, questions: [question()] }))).toEqual(response);
  });
});
