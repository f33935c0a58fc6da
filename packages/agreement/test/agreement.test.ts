import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import {
  type AgreementOptions,
  type AskingUpstream,
  type Comparison,
  createAgreement,
  type UpstreamAnswer,
} from '../src/index.ts';
import { A, address, optWithEde, query, response, type TestRecord, TXT } from './messages.ts';

const NAME = 'www.example.com';
const truth = answer([address(NAME, '192.0.2.1')]);
const lie = answer([address(NAME, '203.0.113.66')]);

function answer(records: readonly TestRecord[], rcode = 0): Buffer {
  return response(NAME, A, records, { rcode });
}

/** An upstream that answers when told to. */
class FakeUpstream implements AskingUpstream {
  readonly name: string;
  asked = 0;
  #open: PromiseWithResolvers<UpstreamAnswer>[] = [];

  constructor(name: string) {
    this.name = name;
  }

  ask(): Promise<UpstreamAnswer> {
    this.asked++;
    const open = Promise.withResolvers<UpstreamAnswer>();
    this.#open.push(open);
    return open.promise;
  }

  async says(message: Buffer): Promise<void> {
    this.#open.shift()?.resolve({ message: Buffer.from(message), upstream: this.name });
    await turn();
  }

  async fails(): Promise<void> {
    this.#open.shift()?.reject(Object.assign(new Error(`upstream ${this.name}: no answer`), { ede: 22 }));
    await turn();
  }
}

function stage(options: Partial<AgreementOptions> & Pick<AgreementOptions, 'mode'>, count = 3) {
  const upstreams = ['one', 'two', 'three'].slice(0, count).map((name) => new FakeUpstream(name));
  const [one, two, three] = upstreams;
  if (one === undefined || two === undefined) throw new Error('too few');
  const reports: Comparison[] = [];
  const agreement = createAgreement({
    upstreams,
    suffixes: ['example.com'],
    observer: { compared: (comparison) => reports.push(comparison) },
    ...options,
  });
  return { agreement, one, two, three: three ?? one, reports };
}

/** What became of a promise so far. */
function watch(promise: Promise<UpstreamAnswer>) {
  const seen: { answer?: UpstreamAnswer; error?: unknown } = {};
  promise.then(
    (value) => {
      seen.answer = value;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return seen;
}

describe('three upstreams, one lying', () => {
  describe('observe', () => {
    it('uses the first answer at once, and reports the liar behind it', async () => {
      const { agreement, one, two, three, reports } = stage({ mode: 'observe' });
      const seen = watch(agreement.ask(query(NAME)));
      await two.says(lie);
      expect(seen.answer?.upstream).toBe('two');
      expect(reports).toEqual([]);
      await one.says(truth);
      await three.says(truth);
      expect(reports).toHaveLength(1);
      expect(reports[0]).toMatchObject({ outcome: 'disagreed', qtype: A, qclass: 1, served: 'two' });
      expect(reports[0]?.answers.map(({ upstream, odd, records }) => [upstream, odd, records])).toEqual([
        ['one', false, 'A 1'],
        ['two', true, 'A 1'],
        ['three', false, 'A 1'],
      ]);
      expect(agreement.counters()).toMatchObject({
        outcomes: { agreed: 0, disagreed: 1 },
        odd: { one: 0, two: 1, three: 0 },
        open: 0,
      });
    });

    it('compares what was said, whatever the receiver makes of the bytes', async () => {
      const { agreement, one, two, three, reports } = stage({ mode: 'observe' });
      const asked = agreement.ask(query(NAME)).then(({ message }) => message.fill(0xff));
      await one.says(truth);
      await asked;
      await two.says(truth);
      await three.says(truth);
      expect(reports[0]?.outcome).toBe('agreed');
    });
  });

  describe('prefer-majority', () => {
    it('waits for two that agree and no longer', async () => {
      const { agreement, one, two, three, reports } = stage({ mode: 'prefer-majority' });
      const seen = watch(agreement.ask(query(NAME)));
      await one.says(lie);
      expect(seen).toEqual({});
      await three.says(truth);
      expect(seen).toEqual({});
      await two.says(truth);
      expect(seen.answer?.message).toEqual(truth);
      expect(reports[0]).toMatchObject({ outcome: 'disagreed', served: 'two' });
      expect(reports[0]?.answers.map(({ odd }) => odd)).toEqual([true, false, false]);
    });

    it('does not wait for the liar', async () => {
      const { agreement, one, two, reports } = stage({ mode: 'prefer-majority' });
      const seen = watch(agreement.ask(query(NAME)));
      await one.says(truth);
      await two.says(truth);
      expect(seen.answer?.message).toEqual(truth);
      expect(reports).toEqual([]);
    });

    it('uses the first of the list when all say something else', async () => {
      const { agreement, one, two, three } = stage({ mode: 'prefer-majority' });
      const seen = watch(agreement.ask(query(NAME)));
      await three.says(lie);
      await two.says(answer([], 3));
      expect(seen).toEqual({});
      await one.says(truth);
      expect(seen.answer?.upstream).toBe('one');
    });
  });

  describe('fail', () => {
    it('fails as soon as two contradict each other, with an info code', async () => {
      const { agreement, one, two } = stage({ mode: 'fail' });
      const seen = watch(agreement.ask(query(NAME)));
      await one.says(truth);
      expect(seen).toEqual({});
      await two.says(lie);
      expect(seen.error).toMatchObject({ code: 'ERR_AGREEMENT_DISAGREEMENT', ede: 0 });
      expect(String(seen.error)).not.toContain('example');
    });

    it('answers when all agree, and not before', async () => {
      const { agreement, one, two, three, reports } = stage({ mode: 'fail' });
      const seen = watch(agreement.ask(query(NAME)));
      await one.says(truth);
      await two.says(truth);
      expect(seen).toEqual({});
      await three.says(truth);
      expect(seen.answer?.message).toEqual(truth);
      expect(reports[0]?.outcome).toBe('agreed');
    });

    it('fails when one says that the data is bogus', async () => {
      const { agreement, one, two } = stage({ mode: 'fail' });
      const seen = watch(agreement.ask(query(NAME)));
      await one.says(truth);
      await two.says(response(NAME, A, [], { rcode: 2, additional: [optWithEde(6)] }));
      expect(seen.error).toMatchObject({ code: 'ERR_AGREEMENT_DISAGREEMENT' });
    });
  });
});

describe.each(['prefer-majority', 'fail'] as const)('%s', (mode) => {
  it('serves no record that only one upstream has named', async () => {
    const { agreement, one, two } = stage({ mode }, 2);
    const seen = watch(agreement.ask(query(NAME)));
    await one.says(answer([address(NAME, '192.0.2.1'), address(NAME, '203.0.113.66')]));
    await two.says(truth);
    expect(seen.answer?.message).toEqual(truth);
  });

  it('takes an upstream without an answer for no disagreement', async () => {
    const { agreement, one, two, three, reports } = stage({ mode });
    const seen = watch(agreement.ask(query(NAME)));
    await one.fails();
    await two.says(answer([], 2));
    await three.says(truth);
    expect(seen.answer?.upstream).toBe('three');
    expect(reports[0]).toMatchObject({ outcome: 'unconfirmed' });
    expect(agreement.counters().missing).toEqual({ one: 1, two: 1, three: 0 });
  });

  it('fails what nobody confirms, where two answers are needed', async () => {
    const { agreement, one, two, three } = stage({ mode, limits: { minAnswers: 2 } });
    const seen = watch(agreement.ask(query(NAME)));
    await one.fails();
    await two.fails();
    await three.says(lie);
    expect(seen.error).toMatchObject({ code: 'ERR_AGREEMENT_UNCONFIRMED', ede: 0 });
  });

  it('stops waiting for a silent upstream', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const { agreement, one, two, reports } = stage({ mode, limits: { waitMs: 100 } });
      const seen = watch(agreement.ask(query(NAME)));
      await one.says(truth);
      vi.advanceTimersByTime(99);
      await turn();
      expect(seen).toEqual({});
      vi.advanceTimersByTime(2);
      await turn();
      expect(seen.answer?.upstream).toBe('one');
      expect(reports[0]).toMatchObject({ outcome: 'unconfirmed', served: 'one' });
      await two.says(lie);
      expect(reports).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses what it has no room to compare', async () => {
    const { agreement } = stage({ mode, limits: { maxComparisons: 1 } });
    watch(agreement.ask(query(NAME)));
    await expect(agreement.ask(query(NAME))).rejects.toMatchObject({
      code: 'ERR_AGREEMENT_OVERLOADED',
      ede: 0,
    });
    expect(agreement.counters().overloaded).toBe(1);
  });
});

describe.each(['observe', 'prefer-majority', 'fail'] as const)('%s', (mode) => {
  it('asks one alone what was not chosen', async () => {
    const { agreement, one, two, three } = stage({ mode });
    const seen = watch(agreement.ask(query('www.example.org')));
    await one.says(truth);
    expect(seen.answer?.upstream).toBe('one');
    expect([one.asked, two.asked, three.asked]).toEqual([1, 0, 0]);
  });

  it('passes on why the first failed when all did', async () => {
    const { agreement, one, two, three } = stage({ mode });
    const seen = watch(agreement.ask(query(NAME)));
    await three.fails();
    await two.fails();
    await one.fails();
    expect(seen.error).toMatchObject({ message: 'upstream one: no answer', ede: 22 });
    expect(agreement.counters().open).toBe(0);
  });

  it('passes on SERVFAIL when nobody has more', async () => {
    const { agreement, one, two, three } = stage({ mode });
    const seen = watch(agreement.ask(query(NAME)));
    await one.fails();
    await two.says(answer([], 2));
    await three.fails();
    expect(seen.answer?.upstream).toBe('two');
  });

  it('serves nothing unreadable where there is better', async () => {
    const { agreement, one, two, three } = stage({ mode });
    const seen = watch(agreement.ask(query(NAME)));
    await one.says(Buffer.from([1, 2, 3]));
    await two.says(truth);
    await three.says(truth);
    expect(seen.answer?.message).toEqual(truth);
  });
});

describe('the report', () => {
  it('names nothing unless asked', async () => {
    const { agreement, one, two, reports } = stage({ mode: 'observe' }, 2);
    watch(agreement.ask(query(NAME)));
    await one.says(truth);
    await two.says(lie);
    expect(JSON.stringify(reports)).not.toMatch(/example|192|203/);
  });

  it('names the query and the records if asked, in one line', async () => {
    const { agreement, one, two, reports } = stage(
      { mode: 'observe', tellNames: true, addressPolicy: 'exact', suffixes: ['.'] },
      2,
    );
    watch(agreement.ask(query('a\nb.\x1b[31m.example.com')));
    await one.says(truth);
    await two.says(response(NAME, A, [{ owner: NAME, type: TXT, rdata: [Buffer.from('\x02\r\n')] }]));
    expect(reports[0]?.qname).toBe('a\\010b.\\027[31m.example.com.');
    expect(reports[0]?.answers.map(({ details }) => details)).toEqual([['A 192.0.2.1'], ['TXT 020d0a']]);
  });
});

describe('options', () => {
  const upstreams = [new FakeUpstream('one'), new FakeUpstream('two')];
  it.each([
    [{ upstreams: upstreams.slice(1) }, /upstreams has 1 entries; it may have 2 or 3/],
    [{ upstreams: [...upstreams, ...upstreams] }, /upstreams has 4/],
    [{ upstreams: [new FakeUpstream('one'), new FakeUpstream('one')] }, /twice/],
    [{ sampleRate: 1.5 }, /sampleRate is 1.5; it may be 0 to 1/],
    [{ sampleRate: Number.NaN }, /sampleRate/],
    [{ limits: { waitMs: 1 } }, /waitMs is 1; it may be 10 to 60000/],
    [{ limits: { minAnswers: 3 } }, /minAnswers is 3; it may be 1 to 2/],
  ])('%j is refused', (wrong, message) => {
    expect(() => createAgreement({ upstreams, mode: 'observe', ...wrong })).toThrow(message);
  });
});
