import { strategySubject } from '@tridot/peers';
import { behaviours } from '@tridot/testbed';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCodec } from '../src/codec/codecs.ts';
import { fidelityOf } from '../src/codec/fidelity.ts';
import { unusualMessages } from '../src/codec/messages.ts';
import { CODEC_NAMES } from '../src/codec/result.ts';
import { codeLines } from '../src/facts/code.ts';
import { staticFactsOf } from '../src/facts/facts.ts';
import { answerFromMemory } from '../src/levels/answer-from-memory.ts';
import { latencyOf, QUANTILES } from '../src/load/figures.ts';
import { startCountingUpstream } from '../src/load/upstream.ts';
import { scheduleOf } from '../src/low-rate/schedule.ts';
import { encodeQuery } from '../src/query.ts';

describe('the codecs', () => {
  it.each(CODEC_NAMES)('%s puts the new ID into every message that it passes on', async (name) => {
    const codec = await loadCodec(name);
    const query = encodeQuery('www.example.com', 7);
    expect(codec.passOn(query, 0xabcd).readUInt16BE(0)).toBe(0xabcd);
    expect(codec.read(query)).toBeGreaterThan(0);
  });

  it('differ in what they keep: ours keeps every octet', async () => {
    const ours = await loadCodec('wire');
    expect(fidelityOf(ours, unusualMessages())).toEqual({ changed: [], refused: [] });
    const other = await loadCodec('dns-packet');
    expect(fidelityOf(other, unusualMessages()).changed).toContain('octets above 127 in a name');
  });
});

describe('codeLines', () => {
  it('counts neither blanks nor comments', () => {
    const source = [
      "import 'x';",
      '',
      '// why',
      '/** what',
      ' * it is */',
      'const a = 1; // kept',
      '/* all */',
    ];
    expect(codeLines(source.join('\n'))).toBe(2);
  });

  it('never counts more lines than there are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => codeLines(text) <= text.split('\n').length),
    );
  });
});

describe('staticFactsOf', () => {
  it('finds the framework beneath one strategy and the library beneath another', () => {
    const [raw, framework, library] = ['raw', 'framework', 'library'].map((name) =>
      staticFactsOf(strategySubject(name)),
    );
    expect(raw).toMatchObject({ codeLinesBeneath: 0, dependenciesOfItsOwn: 0, fences: 0 });
    expect(framework).toMatchObject({ dependenciesOfItsOwn: 0, fences: 0 });
    expect(framework?.codeLinesBeneath).toBeGreaterThan(100);
    expect(library?.dependenciesOfItsOwn).toBeGreaterThan(0);
    expect(library?.fences).toBeGreaterThan(0);
    for (const facts of [raw, framework, library]) expect(facts?.installedBytes).toBeGreaterThan(100_000);
  });
});

describe('answerFromMemory', () => {
  it('answers a query with one address and its own ID', () => {
    const reply = answerFromMemory(encodeQuery('example.com', 0x1234));
    expect(reply?.subarray(0, 8).toString('hex')).toBe('1234818000010001');
    expect(reply?.subarray(-4).join('.')).toBe('192.0.2.1');
  });

  it('is silent at what is no message', () => {
    expect(answerFromMemory(Buffer.alloc(11))).toBeNull();
  });
});

describe('latencyOf', () => {
  it('has a value for each quantile, ascending', () => {
    const { quantiles = [], max, p50 } = latencyOf(Float64Array.from([3, 1, 2]));
    expect(quantiles).toHaveLength(QUANTILES.length);
    expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
    expect([p50, max]).toEqual([2, 3]);
  });

  it('is not known of nothing', () => {
    expect(latencyOf(new Float64Array(0)).mean).toBeNaN();
  });
});

describe('scheduleOf', () => {
  it('asks as often as it says on average, within the time', () => {
    const moments = scheduleOf(10, 1_000);
    expect(moments.length).toBeGreaterThan(9_500);
    expect(moments.length).toBeLessThan(10_500);
    expect(moments.at(-1)).toBeLessThan(1_000_000);
    expect(moments).toEqual(scheduleOf(10, 1_000));
  });
});

describe('the counting upstream', () => {
  it('closes connections that are idle when it is told to', async () => {
    const upstream = await startCountingUpstream([behaviours.closeWhenIdle(50)]);
    expect(upstream.connections()).toBe(0);
    await upstream.stop();
  });
});
