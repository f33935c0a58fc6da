import { type Batch, sizeOf } from './batch.ts';
import { batchToJson } from './batch-json.ts';
import type { FoundInput, FuzzResult } from './fuzz.ts';
import type { Side } from './generate.ts';

/** A finding for people: what, how often, the smallest input, and how to see it again. */
export function describeFinding(found: FoundInput, side: Side, keptAt?: string): string {
  const { kind, subject, what, seed, iteration, batch, reproduced, replays } = found;
  const lines = [
    `FOUND ${kind} (${subject}): ${what}`,
    `  seed ${seed}, iteration ${iteration}, shown again ${reproduced} of ${replays} times`,
    `  again: pnpm fuzz --side ${side} --seed ${seed} --from ${iteration} --iterations 1`,
  ];
  if (sizeOf(batch) > 0) lines.push(`  input: ${inputText(batch)}`);
  if (keptAt !== undefined) lines.push(`  kept: ${keptAt} (pnpm fuzz --replay ${keptAt})`);
  return lines.join('\n');
}

const SHOWN_CHARACTERS = 4_000;

function inputText(batch: Batch): string {
  const text = JSON.stringify(batchToJson(batch));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}… (use --keep)` : text;
}

export function describeResult({
  iterations,
  inputs,
  durationMs,
  findings,
  unconfirmed,
}: FuzzResult): string {
  const perSecond = Math.round(inputs / Math.max(0.001, durationMs / 1_000));
  const seconds = Math.round(durationMs / 1_000);
  const doubt = unconfirmed === 0 ? '' : `, ${unconfirmed} not shown again`;
  return `${inputs} inputs in ${iterations} batches, ${seconds} s, ${perSecond} inputs/s, each to every strategy; ${findings.length} findings${doubt}`;
}
