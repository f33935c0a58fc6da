import { CASES, FENCE_CASES } from '@tridot/conformance';
import { FENCES } from '@tridot/library';
import { describe, expect, it } from 'vitest';

describe('the fences round the library', () => {
  it('have each a case that proves it, or a reason why there is none', () => {
    expect(Object.keys(FENCE_CASES).sort()).toEqual(FENCES.map(({ name }) => name).sort());
  });

  it.each(Object.entries(FENCE_CASES))('%s names cases that there are', (_, proof) => {
    if ('why' in proof) return expect(proof.why).not.toBe('');
    const ids = new Set(CASES.map(({ id }) => id));
    expect(proof.length).toBeGreaterThan(0);
    expect(proof.filter((id) => !ids.has(id))).toEqual([]);
  });
});
