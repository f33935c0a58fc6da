/**
 * What clients saw, case by case, kept for the other strategies of the same test run: whichever comes later compares
 * itself with those before it, so every two are compared once.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseResult, Outcome } from '@tridot/conformance';

/** The part of a result that is compared. */
export type Recorded = Pick<CaseResult, 'key'> & { readonly outcome?: Outcome };

export interface RecordedRun {
  readonly name: string;
  readonly results: readonly Recorded[];
}

// The processes of one test run have one parent.
const FOLDER = join(tmpdir(), `tridot-outcomes-${process.ppid}`);

export function keepOutcomes(name: string, results: readonly CaseResult[]): void {
  mkdirSync(FOLDER, { recursive: true });
  const recorded: Recorded[] = results.map(({ key, outcome }) => ({
    key,
    ...(outcome === undefined ? {} : { outcome }),
  }));
  writeFileSync(join(FOLDER, `${name}.json`), JSON.stringify(recorded));
}

/** Runs of other strategies that are over. */
export function earlierOutcomes(name: string): RecordedRun[] {
  mkdirSync(FOLDER, { recursive: true });
  const files = readdirSync(FOLDER).filter((file) => file !== `${name}.json`);
  return files.map((file) => ({
    name: file.slice(0, -'.json'.length),
    results: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
  }));
}

/** Sections in which the upstream's octets are fixed, and so are the client's. Elsewhere the extended error depends on timing. */
const OCTETS_ARE_FIXED = /^[UTHECN]/;

/** Cases whose outcomes were recorded for both and differ, with what clients saw. */
export function differences(ours: readonly Recorded[], theirs: readonly Recorded[]): string[] {
  const byKey = new Map(theirs.map(({ key, outcome }) => [key, outcome]));
  return ours.flatMap(({ key, outcome }) => {
    const other = byKey.get(key);
    if (outcome === undefined || other === undefined) return [];
    const [saw, theySaw] = [outcome.summary.join('; '), other.summary.join('; ')];
    const isSame = OCTETS_ARE_FIXED.test(key) ? outcome.digest === other.digest : saw === theySaw;
    return isSame ? [] : [`${key}: ${saw} | ${theySaw}`];
  });
}
