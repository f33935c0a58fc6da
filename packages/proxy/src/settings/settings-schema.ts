import type { Limit } from '@tridot/listener';
import { z } from 'zod';
import { parseRange } from '../addresses/address-range.ts';
import { parseAdminAddress } from '../admin/admin-address.ts';
import { DENIED_ACTIONS, RATE_LIMITED_ACTIONS } from '../admission/admission.ts';
import { parseLocalRecord } from '../answers/local-record.ts';
import { parseSharedCacheUrl } from '../answers/shared-cache-url.ts';
import { CLIENT_DETAILS } from '../logging/shown-client.ts';
import { parseEndpoint } from '../sockets/endpoints.ts';
import { BLOCK_ANSWERS } from './answer-options.ts';
import { LOG_FORMATS, LOG_LEVELS } from './general-options.ts';
import { NUMBER_TABLES } from './number-tables.ts';
import { optionAt } from './options.ts';
import { readableBy } from './readable-by.ts';
import { UPSTREAM_SHAPE } from './upstream-schema.ts';

type Numbers<Table extends Readonly<Record<string, Limit>>> = z.ZodPrefault<
  z.ZodObject<{ [name in keyof Table]: z.ZodDefault<z.ZodInt> }, z.core.$strict>
>;

function numbers<Table extends Readonly<Record<string, Limit>>>(group: string, table: Table): Numbers<Table> {
  const shape: Record<string, z.ZodDefault<z.ZodInt>> = {};
  for (const [name, limit] of Object.entries(table)) {
    const number = z.int().min(limit.min).max(limit.max).default(limit.default);
    shape[name] = number.describe(describe(`limits.${group}.${name}`));
  }
  return z.strictObject(shape).prefault({}) as Numbers<Table>;
}

function describe(key: string): string {
  return optionAt(key)?.description ?? '';
}

function list(item: z.ZodString, key: string): z.ZodDefault<z.ZodArray<z.ZodString>> {
  return z.array(item).default([]).describe(describe(key));
}

/**
 * All settings, whichever of flags, environment and YAML file they come from. Nothing is clamped and nothing unknown is
 * let through; the input is what a YAML file may hold, the output has every default filled in.
 */
export const settingsSchema = z
  .strictObject({
    listen: z.array(readableBy(parseEndpoint)).min(1).default(['127.0.0.1']).describe(describe('listen')),
    ...UPSTREAM_SHAPE,
    access: z
      .strictObject({
        allow: z.array(readableBy(parseRange)).min(1).optional().describe(describe('access.allow')),
        denied: z.enum(DENIED_ACTIONS).default('refuse').describe(describe('access.denied')),
        rateLimited: z
          .enum(RATE_LIMITED_ACTIONS)
          .default('truncate')
          .describe(describe('access.rateLimited')),
      })
      .prefault({}),
    cache: z
      .strictObject({
        enabled: z.boolean().default(true).describe(describe('cache.enabled')),
        coalesce: z.boolean().default(true).describe(describe('cache.coalesce')),
        nxdomainCut: z.boolean().default(false).describe(describe('cache.nxdomainCut')),
        file: z.string().min(1).optional().describe(describe('cache.file')),
        shared: readableBy(parseSharedCacheUrl).optional().describe(describe('cache.shared')),
      })
      .prefault({}),
    policy: z
      .strictObject({
        localRecords: list(readableBy(parseLocalRecord), 'policy.localRecords'),
        hostsFiles: list(z.string().min(1), 'policy.hostsFiles'),
        blockFiles: list(z.string().min(1), 'policy.blockFiles'),
        neverBlockFiles: list(z.string().min(1), 'policy.neverBlockFiles'),
        blockSubdomains: z.boolean().default(false).describe(describe('policy.blockSubdomains')),
        blockAnswer: z.enum(BLOCK_ANSWERS).default('nxdomain').describe(describe('policy.blockAnswer')),
        specialOff: list(z.string().min(1), 'policy.specialOff'),
      })
      .prefault({}),
    admin: readableBy(parseAdminAddress).optional().describe(describe('admin')),
    edeTimings: z.boolean().default(false).describe(describe('edeTimings')),
    watchConfig: z.boolean().default(false).describe(describe('watchConfig')),
    log: z
      .strictObject({
        level: z.enum(LOG_LEVELS).default('info').describe(describe('log.level')),
        format: z.enum(LOG_FORMATS).optional().describe(describe('log.format')),
        queries: z.boolean().default(false).describe(describe('log.queries')),
        clients: z.enum(CLIENT_DETAILS).default('prefix').describe(describe('log.clients')),
      })
      .prefault({}),
    limits: z
      .strictObject({
        proxy: numbers('proxy', NUMBER_TABLES.proxy),
        listener: numbers('listener', NUMBER_TABLES.listener),
        forwarder: numbers('forwarder', NUMBER_TABLES.forwarder),
        upstream: numbers('upstream', NUMBER_TABLES.upstream),
        agreement: numbers('agreement', NUMBER_TABLES.agreement),
        cache: numbers('cache', NUMBER_TABLES.cache),
        sharedCache: numbers('sharedCache', NUMBER_TABLES.sharedCache),
        policy: numbers('policy', NUMBER_TABLES.policy),
        rateLimit: numbers('rateLimit', NUMBER_TABLES.rateLimit),
        admin: numbers('admin', NUMBER_TABLES.admin),
      })
      .prefault({}),
  })
  .describe('Settings of tridot. Every key is optional.');

/** Settings with every default filled in. */
export type Settings = z.output<typeof settingsSchema>;

/** Settings as they are written: every key is optional. */
export type SettingsInput = z.input<typeof settingsSchema>;
