import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from './batch.ts';
import { type BatchJson, batchFromJson, batchToJson } from './batch-json.ts';

/** A batch with a name and a reason, as a file holds it. */
export interface KeptBatch {
  readonly name: string;
  /** What went wrong with it. */
  readonly about: string;
  readonly batch: Batch;
}

/** The inputs that were bugs, and must not be again. */
export const CORPUS_FOLDER: string = join(import.meta.dirname, '..', 'corpus');

/** @returns the path of the file. */
export function keep(folder: string, { name, about, batch }: KeptBatch): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, `${JSON.stringify({ about, batch: batchToJson(batch) }, null, 2)}\n`);
  return path;
}

export function readKept(path: string): KeptBatch {
  const { about, batch }: { about: string; batch: BatchJson } = JSON.parse(readFileSync(path, 'utf8'));
  const name = path.replace(/^.*\//, '').replace(/\.json$/, '');
  return { name, about, batch: batchFromJson(batch) };
}

/** All files of a folder, by name. */
export function readAllKept(folder: string): KeptBatch[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => readKept(join(folder, file)));
}
