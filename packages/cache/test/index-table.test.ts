import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, question } from '../../wire/test/build-message.ts';
import { EntryMemory, KIND } from '../src/entry.ts';
import { HalfSipHash } from '../src/half-sip-hash.ts';
import { IndexTable } from '../src/index-table.ts';
import { QueryKey } from '../src/query-key.ts';

/** Few places for many keys, at both ends of the table. */
class CrowdedHash extends HalfSipHash {
  override hash(words: Int32Array, count: number): number {
    return ((super.hash(words, count) & 3) - 2) | (1 << 8);
  }
}

const SLOTS = 32;
const NAMES = 20;
const ENTRY_WORDS = 16;

class Subject {
  readonly memory = new EntryMemory(1 + NAMES * ENTRY_WORDS);
  readonly index = new IndexTable(this.memory, SLOTS);
  readonly keys: readonly QueryKey[];

  constructor() {
    const sipHash = new CrowdedHash();
    this.keys = Array.from({ length: NAMES }, (_, name) => {
      const key = new QueryKey(sipHash);
      const octets = message({ questions: [question(`n${name}`, 15)] });
      key.readQuestion(octets, octets.length - 4, 0);
      const at = positionOf(name);
      const times = { storedSeconds: 0, expiresSeconds: 0, refreshSeconds: 0, delaySeconds: 0 };
      const shape = { kind: KIND.ANSWER, messageBytes: octets.length, optOffset: 0, ttlCount: 0, ...times };
      this.memory.write(at, ENTRY_WORDS, key.hash, key.flags, shape);
      octets.copy(this.memory.octets, this.memory.messageAt(at));
      return key;
    });
  }
}

function positionOf(name: number): number {
  return 1 + name * ENTRY_WORDS;
}

describe('the index', () => {
  it('finds what was added and not removed, however crowded its places are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(NAMES - 1), { minLength: 40, maxLength: 120, size: 'max' }), (names) => {
        const { index, keys } = new Subject();
        const present = new Set<number>();
        for (const name of names) {
          const hash = keys[name]?.hash ?? 0;
          if (present.delete(name)) {
            index.remove(hash, positionOf(name));
          } else {
            index.add(hash, positionOf(name));
            present.add(name);
          }
          for (const [each, key] of keys.entries())
            expect(index.find(key)).toBe(present.has(each) ? positionOf(each) : 0);
        }
      }),
      { numRuns: 200 },
    );
  });
});
