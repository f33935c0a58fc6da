import { ADDRESS_POLICIES, RRSET_POLICIES } from '@tridot/agreement';
import { SELECTIONS, UPSTREAM_LIMITS, type UpstreamLimits } from '@tridot/upstream';
import { z } from 'zod';
import { shown } from '../logging/one-line.ts';
import { parsePlainOrTlsUpstream } from '../upstreams/plain-address.ts';
import { parseUpstream } from '../upstreams/upstream-addresses.ts';
import { optionAt } from './options.ts';
import { readableBy } from './readable-by.ts';
import { AGREEMENT_SETTINGS, ECS_HANDLINGS, PIN_FORMS, SERVFAIL_MEANINGS } from './upstream-options.ts';

const PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const DOMAIN_NAME = new RegExp(`^(?=.{1,254}$)(?:\\.|${LABEL}(?:\\.${LABEL})*\\.?)$`, 'i');
const GROUP_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/i;

function checkPin(text: string): void {
  if (!PIN.test(text)) throw new RangeError(`${shown(text)} is not a pin; it may be ${PIN_FORMS}`);
}

function checkDomainName(text: string): void {
  if (!DOMAIN_NAME.test(text)) throw new RangeError(`${shown(text)} is not a domain name`);
}

function checkGroupName(text: string): void {
  if (text === 'default') {
    throw new RangeError('"default" is what the upstreams of `upstream` are called; choose another name');
  }
  if (!GROUP_NAME.test(text)) {
    throw new RangeError(`${shown(text)} is not a group's name; it may be 1 to 63 letters, digits, - and _`);
  }
}

const PINS = z.array(readableBy(checkPin));
const FILE = z.string().min(1);

/** An upstream as text, or with settings of its own. */
function written(parse: (text: string) => unknown) {
  const server = z.strictObject({
    server: readableBy(parse).describe('The upstream, as in the list that this stands in.'),
    pins: PINS.min(1).optional().describe(describe('tls.pins')),
    ca: FILE.optional().describe('PEM trust anchors for this upstream alone.'),
    clientCert: FILE.optional().describe(describe('tls.clientCert')),
    clientKey: FILE.optional().describe(describe('tls.clientKey')),
    sni: z.boolean().optional().describe(describe('tls.sni')),
    tls13Only: z.boolean().optional().describe(describe('tls.tls13Only')),
    opportunistic: z.boolean().optional().describe(describe('tls.opportunistic')),
  });
  return z.union([readableBy(parse), server]);
}

const LIMITS = z.strictObject(
  Object.fromEntries(
    Object.entries(UPSTREAM_LIMITS).map(([name, { min, max, why }]) => [
      name,
      z.int().min(min).max(max).optional().describe(why),
    ]),
  ) as { [name in keyof UpstreamLimits]: z.ZodOptional<z.ZodInt> },
);

const GROUP = z.strictObject({
  upstream: z.array(written(parsePlainOrTlsUpstream)).min(1).describe('As at the top.'),
  insecure: z
    .boolean()
    .optional()
    .describe('Allow upstreams without encryption: udp:// and tcp:// with a private address. Default false.'),
  selection: z.enum(SELECTIONS).optional().describe(describe('selection')),
  servfail: z.enum(SERVFAIL_MEANINGS).optional().describe(describe('servfail')),
  ecs: z.enum(ECS_HANDLINGS).optional().describe(describe('ecs')),
  warm: z.boolean().optional().describe(describe('warm')),
  ca: FILE.optional().describe(describe('ca')),
  limits: LIMITS.optional().describe('As limits.upstream.'),
});

/** The settings of the upstream side, for the top of the schema. */
export const UPSTREAM_SHAPE = {
  upstream: z.array(written(parseUpstream)).min(1).default(['cloudflare']).describe(describe('upstream')),
  ca: FILE.optional().describe(describe('ca')),
  selection: z.enum(SELECTIONS).default('failover').describe(describe('selection')),
  servfail: z.enum(SERVFAIL_MEANINGS).default('answer').describe(describe('servfail')),
  ecs: z.enum(ECS_HANDLINGS).default('forward').describe(describe('ecs')),
  warm: z.boolean().default(false).describe(describe('warm')),
  tls: z
    .strictObject({
      pins: PINS.default([]).describe(describe('tls.pins')),
      clientCert: FILE.optional().describe(describe('tls.clientCert')),
      clientKey: FILE.optional().describe(describe('tls.clientKey')),
      sni: z.boolean().default(true).describe(describe('tls.sni')),
      tls13Only: z.boolean().default(false).describe(describe('tls.tls13Only')),
      opportunistic: z.boolean().default(false).describe(describe('tls.opportunistic')),
    })
    .prefault({}),
  groups: z.record(readableBy(checkGroupName), GROUP).default({}).describe(describe('groups')),
  routes: z.record(readableBy(checkDomainName), z.string().min(1)).default({}).describe(describe('routes')),
  agreement: z
    .strictObject({
      mode: z.enum(AGREEMENT_SETTINGS).default('off').describe(describe('agreement.mode')),
      groups: z.array(z.string().min(1)).default([]).describe(describe('agreement.groups')),
      suffixes: z.array(readableBy(checkDomainName)).default([]).describe(describe('agreement.suffixes')),
      sampleRate: z.number().min(0).max(1).default(0).describe(describe('agreement.sampleRate')),
      addressPolicy: z
        .enum(ADDRESS_POLICIES)
        .default('same-prefix')
        .describe(describe('agreement.addressPolicy')),
      rrsetPolicy: z.enum(RRSET_POLICIES).default('subset').describe(describe('agreement.rrsetPolicy')),
      tellNames: z.boolean().default(false).describe(describe('agreement.tellNames')),
    })
    .prefault({}),
};

/** One entry of a list of upstreams, as it was written. */
export type WrittenUpstream = z.output<ReturnType<typeof written>>;
/** One group, as it was written. */
export type WrittenGroup = z.output<typeof GROUP>;

function describe(key: string): string {
  return optionAt(key)?.description ?? '';
}
