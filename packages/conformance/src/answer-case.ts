/** What cases about answers without asking need beside the others: a cache, coalescing, special names. */
import type { ConformanceCase, Need } from './case.ts';
import type { Settings, Setup } from './subject.ts';

export type AnswerNeed =
  | Need
  /** It can be told to keep responses, or not to. */
  | 'cache'
  /** It can be told to ask once for equal queries in flight, or not to. */
  | 'coalescing'
  /** It can give answers past their TTL when no new one can be had. */
  | 'serve-stale'
  /** It can take "this name does not exist" for all names below. */
  | 'nxdomain-cut'
  /** Special names can be switched off one by one. */
  | 'special-off';

/** Numbers of a cache; a subject without the setting keeps its own. */
export interface CacheSettings {
  readonly maxBytes?: number;
  readonly maxEntries?: number;
  readonly maxTtlSeconds?: number;
  readonly maxNegativeTtlSeconds?: number;
  readonly staleSeconds?: number;
  readonly staleAfterMs?: number;
  readonly staleRetrySeconds?: number;
  readonly nxdomainCut?: boolean;
}

export interface AnswerSettings extends Settings {
  /** Default: nothing is kept. */
  readonly cache?: CacheSettings;
  /** Default: every query is asked. */
  readonly coalesce?: boolean;
  /** Special names that are forwarded like any other: zones, without the dot at the end. Default: none. */
  readonly specialOff?: readonly string[];
}

export type AnswerSetup = Setup & { readonly settings?: AnswerSettings };

/** A case whose needs and settings may be these. */
export interface AnswerCase extends Omit<ConformanceCase, 'needs' | 'setup'> {
  readonly needs?: readonly AnswerNeed[];
  readonly setup?: AnswerSetup;
}

/** A subject of its own with an empty cache. */
export function caching(cache: CacheSettings = {}, settings: AnswerSettings = {}): AnswerSetup {
  return { settings: { ...settings, cache }, fresh: true };
}
