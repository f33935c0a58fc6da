import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineCutter } from '../src/file-lines.ts';
import { IndexBuilder } from '../src/index-builder.ts';
import { MAX_LINE_BYTES } from '../src/limits.ts';
import { ListLines } from '../src/list-lines.ts';
import { EMPTY_INDEX, type NameIndex } from '../src/name-index.ts';
import { ScannedName } from '../src/scanned-name.ts';
import { name } from './messages.ts';

/** Few letters, so that names are often equal, above or below one another; dots and case inside labels too. */
const label = fc.string({
  unit: fc.constantFrom('a', 'B', 'b', '.', '\x01', '\xc3'),
  minLength: 1,
  maxLength: 3,
});
const anyName = fc.array(label, { minLength: 1, maxLength: 5 });
const entry = fc.record({ labels: anyName, below: fc.boolean() });

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const key = (labels: readonly string[]): string => JSON.stringify(labels.map(lower));

function indexOf(entries: readonly { labels: readonly string[]; below: boolean }[], most = 1): NameIndex {
  const builder = new IndexBuilder();
  for (const { labels, below } of entries) {
    const octets = name(labels.map(lower));
    builder.take(below, (target, offset) => offset + octets.copy(target, offset));
  }
  while (!builder.enter(most));
  return builder.finish();
}

function coveredFrom(index: NameIndex, labels: readonly string[]): number {
  const scanned = new ScannedName();
  scanned.scan(name(labels), 0);
  return index.covering(scanned);
}

describe('an index', () => {
  it('covers exactly what a naive model covers', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 40 }),
        fc.array(anyName, { maxLength: 20 }),
        (entries, asked) => {
          const exact = new Set(entries.map(({ labels }) => key(labels)));
          const below = new Set(entries.filter((each) => each.below).map(({ labels }) => key(labels)));
          const index = indexOf(entries);
          expect(index.names).toBe(exact.size);
          const extended = entries.map(({ labels }) => ['A', ...labels].slice(0, 6));
          for (const labels of [...asked, ...extended, ...entries.map((each) => each.labels)]) {
            const suffixes = labels.map((_, from) => key(labels.slice(from)));
            const isCovered = exact.has(suffixes[0] ?? '') || suffixes.some((suffix) => below.has(suffix));
            const from = coveredFrom(index, labels);
            expect(from !== -1).toBe(isCovered);
            if (from > 0) expect(below.has(suffixes[from] ?? '')).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('holds names of all lengths and depths', () => {
    const names = [
      ...Array.from({ length: 63 }, (_, i) => ['x'.repeat(i + 1), 'y']),
      ...Array.from({ length: 126 }, (_, i) => Array.from({ length: i + 1 }, () => 'z')),
      ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(61)],
    ];
    const index = indexOf(names.map((labels) => ({ labels, below: false })));
    expect(names.filter((labels) => coveredFrom(index, labels) !== 0)).toEqual([]);
    expect(
      coveredFrom(
        index,
        Array.from({ length: 127 }, () => 'z'),
      ),
    ).toBe(-1);
  });

  it('of nothing covers nothing', () => {
    expect(coveredFrom(EMPTY_INDEX, ['a'])).toBe(-1);
    expect(coveredFrom(indexOf([]), ['a'])).toBe(-1);
    expect(coveredFrom(indexOf([{ labels: ['a'], below: true }]), [])).toBe(-1);
  });
});

/** Octets of which many lines mean something. */
const piece = fc.oneof(
  fc
    .constantFrom(
      ...[
        '0.0.0.0 ',
        '||',
        '^',
        '@@',
        '*.',
        '\n',
        '\r\n',
        '#',
        ' ',
        '\t',
        '.',
        'a',
        'example.com',
        'ü',
        '::1 ',
      ],
    )
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 12 }).map((octets) => Buffer.from(octets)),
);
const content = fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.concat(pieces));

describe('any octets in a file', () => {
  it('are read without an error, and what is taken is a host name', () => {
    fc.assert(
      fc.property(content, (octets) => {
        const lines = new ListLines('list', true, 1_000, 0);
        const cutter = new LineCutter(lines);
        cutter.push(octets, 0, octets.length);
        cutter.end();
        for (const builder of [lines.listed, lines.excepted]) {
          builder.enter(Number.POSITIVE_INFINITY);
          expect(builder.finish().names).toBeLessThanOrEqual(builder.count);
        }
        if (!octets.includes(0x2e) && !octets.includes('||') && !octets.some((octet) => octet >= 0x80)) {
          expect(lines.listed.count).toBe(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('are the same lines however they are cut', () => {
    const cuts = fc.array(fc.nat(200), { maxLength: 6 });
    fc.assert(
      fc.property(content, cuts, (octets, at) => {
        const expected = octets
          .toString('latin1')
          .split('\n')
          .filter((line) => line !== '');
        expect(linesOf(octets, at)).toEqual(expected);
      }),
    );
  });

  it('of one line too long lose that line alone', () => {
    const sizes = fc.integer({ min: MAX_LINE_BYTES - 2, max: MAX_LINE_BYTES + 2 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(MAX_LINE_BYTES), { maxLength: 3 }), (size, at) => {
        const octets = Buffer.from(`first\n${'x'.repeat(size)}\nlast`);
        const middle = size > MAX_LINE_BYTES ? 'overlong' : 'x'.repeat(size);
        expect(linesOf(octets, at)).toEqual(['first', middle, 'last']);
      }),
    );
  });
});

function linesOf(octets: Buffer, cuts: readonly number[]): string[] {
  const lines: string[] = [];
  const cutter = new LineCutter({
    line: (from, start, end) => lines.push(Buffer.from(from.subarray(start, end)).toString('latin1')),
    overlong: () => lines.push('overlong'),
  });
  const ends = [...cuts.map((cut) => Math.min(cut, octets.length)), octets.length].toSorted((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    // Pieces arrive in one buffer that is used again, so nothing of an earlier one may be read later.
    const buffer = Buffer.from(octets.subarray(from, end));
    cutter.push(buffer, 0, buffer.length);
    buffer.fill(0x21);
    from = end;
  }
  cutter.end();
  return lines;
}
