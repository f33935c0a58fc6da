/**
 * A seeded fuzzer for the three strategies, side by side.
 *
 *   seed, iteration ─► generateBatch ─► Stand.run ─┬─► raw        proxy, client, upstream ─┐
 *                      sound messages              ├─► framework  proxy, client, upstream ─┼─► judge, difference
 *                      made wrong                  └─► library    proxy, client, upstream ─┘         │
 *                                                       found ◄── shrink ◄── shown again? ◄──────────┘
 */
export type { Attempt, Batch, Ending, ScriptedAnswer, Setting, Stream, Write } from './batch.ts';
export { type FoundInput, type FuzzOptions, type FuzzResult, fuzz, tryBatch } from './fuzz.ts';
export { generateBatch, type Side } from './generate.ts';
export { CORPUS_FOLDER, type KeptBatch, keep, readAllKept, readKept } from './kept.ts';
export { FUZZ_LIMITS } from './limits.ts';
export { describeFinding, describeResult } from './report.ts';
export type { Finding } from './stand.ts';
