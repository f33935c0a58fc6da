import type { MemorySample, MemoryVerdict } from '../memory.ts';
import type { Environment } from '../method/environment.ts';
import type { Measured, Method } from '../method/result.ts';

/** What can be measured about the cache, in the order of the page. */
export const CACHE_PARTS = ['hits', 'rate', 'miss', 'hit-rate', 'million', 'blocked'] as const;

export type CachePartName = (typeof CACHE_PARTS)[number];

/** A measurement of the cache, as it is written to a file. Parts that were not asked for are missing. */
export interface CacheResult {
  readonly kind: 'cache';
  readonly environment: Environment;
  readonly upstream: string;
  readonly subjects: readonly { readonly name: string; readonly version: string }[];
  readonly parts: CacheParts;
  /** One line for each part that broke off. */
  readonly failures: readonly string[];
}

export interface CacheParts {
  readonly hits?: RoundsPart;
  readonly rate?: RoundsPart;
  readonly miss?: RoundsPart;
  /** Measured with `miss`. */
  readonly missAtRate?: RoundsPart;
  readonly 'hit-rate'?: HitRatePart;
  readonly million?: MillionPart;
  readonly blocked?: BlockedPart;
}

/** Rounds of runs, whatever the subjects are called in them. */
export interface RoundsPart extends Measured {
  readonly method: Method;
}

export interface HitRatePart {
  readonly cacheBytes: number;
  readonly universe: number;
  readonly exponent: number;
  readonly seed: number;
  /** Queries that were counted; as many had filled the cache before. */
  readonly queries: number;
  /** Share of them that a cache without bound would have known. */
  readonly ceiling: number;
  readonly rows: readonly HitRateRow[];
  /** One line for each subject that did not get through the stream. */
  readonly failures: readonly string[];
}

export interface HitRateRow {
  readonly subject: string;
  readonly asked: number;
  readonly lost: number;
  readonly atUpstream: number;
  readonly hitRate: number;
  readonly residentBytes: number;
  /** Before the first query of the stream. */
  readonly idleResidentBytes: number;
}

export interface MillionPart {
  /** The first sample is from before the first query. */
  readonly samples: readonly MemorySample[];
  readonly verdict: MemoryVerdict;
}

export interface BlockedPart {
  readonly names: number;
  readonly fileBytes: number;
  readonly startMs: { readonly without: readonly number[]; readonly withList: readonly number[] };
  readonly residentBytes: { readonly without: readonly number[]; readonly withList: readonly number[] };
  /** From the change of the file until its names are in force. */
  readonly reloadMs: readonly number[];
  readonly residentBytesAfterReload: readonly number[];
  /** Every name new, none of them listed: with the list and without. */
  readonly lookUp: RoundsPart;
}

/** Names of subjects in the parts that compare raw with itself. */
export const VARIANTS = {
  cacheOff: 'cache off',
  cacheOn: 'cache on',
  cacheFull: 'cache small and full',
  noList: 'no list',
  withList: 'block list',
} as const;
