import { AGREEMENT_LIMITS } from '@tridot/agreement';
import { CACHE_LIMITS } from '@tridot/cache';
import { FORWARDER_LIMITS } from '@tridot/forwarder';
import { LISTENER_LIMITS } from '@tridot/listener';
import { POLICY_LIMITS } from '@tridot/policy';
import { SHARED_CACHE_LIMITS } from '@tridot/shared-cache/limits';
import { UPSTREAM_LIMITS } from '@tridot/upstream';
import { ADMIN_LIMITS } from '../admin/limits.ts';
import { RATE_LIMITS } from '../admission/limits.ts';
import { PROXY_LIMITS } from '../limits.ts';

/** Every number of tridot, by the part of the program that obeys it. Options, schema and docs are made from these. */
export const NUMBER_TABLES = {
  proxy: PROXY_LIMITS,
  listener: LISTENER_LIMITS,
  forwarder: FORWARDER_LIMITS,
  upstream: UPSTREAM_LIMITS,
  agreement: AGREEMENT_LIMITS,
  cache: CACHE_LIMITS,
  sharedCache: SHARED_CACHE_LIMITS,
  policy: POLICY_LIMITS,
  rateLimit: RATE_LIMITS,
  admin: ADMIN_LIMITS,
} as const;
