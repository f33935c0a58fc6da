import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  CORPUS_FOLDER,
  describeFinding,
  describeResult,
  fuzz,
  readAllKept,
  type Side,
  tryBatch,
} from '../../packages/fuzz/src/index.ts';

const FIXED_SEED = 2026;
const RANDOM_SEED = randomInt(2 ** 32);
const FIXED_ITERATIONS = 20;
const RANDOM_MS = 1_500;
const SIDES: readonly Side[] = ['client', 'upstream'];
/** A finding is tried again and made smaller, which takes its time. */
const TIMEOUT_MS = 300_000;

describe('the three strategies under the fuzzer', () => {
  it.each(SIDES)(`side %s, seed ${FIXED_SEED}`, { timeout: TIMEOUT_MS }, async (side) => {
    const { findings } = await fuzz({ seed: FIXED_SEED, side, iterations: FIXED_ITERATIONS });
    expect(findings.map((found) => describeFinding(found, side))).toEqual([]);
  });

  it.each(SIDES)(`side %s, seed ${RANDOM_SEED}`, { timeout: TIMEOUT_MS }, async (side) => {
    const result = await fuzz({ seed: RANDOM_SEED, side, forMs: RANDOM_MS });
    console.log(`fuzz, side ${side}, seed ${RANDOM_SEED}: ${describeResult(result)}`);
    expect(result.findings.map((found) => describeFinding(found, side))).toEqual([]);
  });
});

const kept = readAllKept(CORPUS_FOLDER);

describe.runIf(kept.length > 0)('inputs that were bugs', () => {
  it.each(kept)('$name: $about', { timeout: TIMEOUT_MS }, async ({ batch }) => {
    expect(await tryBatch(batch)).toEqual([]);
  });
});
