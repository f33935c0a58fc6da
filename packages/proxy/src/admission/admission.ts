/**
 * Who may ask, and how often. Stands between the listeners and the forwarder.
 *
 *   query ──► in the allowed ranges? ──► over UDP, within its rate? ──► forwarder
 *               │ no: REFUSED or silence     │ no: TC=1 or silence
 */
import { type Client, HANG_UP, type QueryHandler, type Reply, type Transport } from '@tridot/listener';
import { errorReply, HEADER_BYTES, isResponse, NO_EDE, RCODE, walk } from '@tridot/wire';
import type { AddressSet } from '../addresses/address-set.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** What a client outside the allowed ranges gets. */
export const DENIED_ACTIONS = ['refuse', 'drop'] as const;
/** What a client over its rate gets. */
export const RATE_LIMITED_ACTIONS = ['truncate', 'drop'] as const;

/** Why a query did not get as far as the forwarder. */
export type Denial = 'not-allowed' | 'rate-limited';

/** How often each, by transport. */
export type DenialCounts = Readonly<Record<Denial, Readonly<Record<Transport, number>>>>;

export interface AdmissionOptions {
  readonly allowed: AddressSet;
  readonly denied: (typeof DENIED_ACTIONS)[number];
  /** `null`: no limit. */
  readonly rateLimiter: RateLimiter | null;
  readonly rateLimited: (typeof RATE_LIMITED_ACTIONS)[number];
  /** The UDP payload size that our replies tell. */
  readonly udpPayloadBytes: number;
  /** Called for every query that is not let through. Must not throw. */
  readonly onDenied: (denial: Denial, client: Client) => void;
}

/** Extended error "Prohibited" (RFC 8914 §4.19). */
const EDE_PROHIBITED = 18;

const FLAGS_OFFSET = 2;
const TC_IN_OCTET = 0x02;

/** Puts the checks before a handler. Those that are off cost nothing: with all of them off it is the handler itself. */
export function admit(handler: QueryHandler, options: AdmissionOptions): QueryHandler {
  const limited = withRateLimit(handler, options);
  const { allowed, onDenied } = options;
  if (allowed.hasAll) return limited;
  return (query, client) => {
    if (allowed.has(client.address)) return limited(query, client);
    onDenied('not-allowed', client);
    return options.denied === 'drop' ? silence(client) : refusal(query, client, options);
  };
}

function withRateLimit(handler: QueryHandler, options: AdmissionOptions): QueryHandler {
  const { rateLimiter: mayAsk, onDenied } = options;
  if (mayAsk === null) return handler;
  return (query, client) => {
    if (client.transport === 'tcp' || mayAsk(client.address, performance.now()))
      return handler(query, client);
    onDenied('rate-limited', client);
    return options.rateLimited === 'drop' ? null : truncated(query, options);
  };
}

/** Over TCP silence would hold a slot for nothing. */
function silence({ transport }: Client): Reply {
  return transport === 'tcp' ? HANG_UP : null;
}

function refusal(query: Buffer, client: Client, { udpPayloadBytes }: AdmissionOptions): Reply {
  if (!isQuery(query)) return silence(client);
  return errorReply(query, walk(query), RCODE.REFUSED, EDE_PROHIBITED, udpPayloadBytes);
}

/** An empty reply that says "ask over TCP". It is never longer than the query, so it amplifies nothing (RFC 5358 §4). */
function truncated(query: Buffer, { udpPayloadBytes }: AdmissionOptions): Reply {
  if (!isQuery(query)) return null;
  const layout = walk(query);
  if (layout.fault !== null) return null;
  const reply = errorReply(query, layout, RCODE.NOERROR, NO_EDE, udpPayloadBytes);
  reply[FLAGS_OFFSET] = (reply[FLAGS_OFFSET] ?? 0) | TC_IN_OCTET;
  return reply;
}

/** A response is never answered, whoever sends it. */
function isQuery(message: Buffer): boolean {
  return message.length >= HEADER_BYTES && !isResponse(message);
}
