/** Turns an upstream's response into the reply for one client. */
import type { Transport } from '@tridot/listener';
import {
  answersQuestion,
  ednsDo,
  ednsForClient,
  ednsUdpSize,
  extendedRcodeOf,
  type Layout,
  messageId,
  type OutgoingQuery,
  restoreQuestion,
  setMessageId,
  truncate,
  walk,
} from '@tridot/wire';
import { type ForwarderLimits, MIN_UDP_PAYLOAD_BYTES } from './limits.ts';
import { UnusableResponseError } from './port.ts';

const MAX_HEADER_RCODE = 15;

/**
 * Walks a response.
 *
 * @throws {UnusableResponseError} ERR_UNUSABLE_RESPONSE: malformed, or for another question.
 */
export function readResponse(response: Buffer, asked: OutgoingQuery): Layout {
  if (!answersQuestion(response, asked))
    throw new UnusableResponseError('response does not answer the query');
  const found = walk(response);
  if (found.fault !== null) throw new UnusableResponseError(`malformed response: ${found.fault}`);
  return found;
}

/**
 * Makes a response the client's: its ID, its question octet for octet, its EDNS, and no longer than its transport
 * allows. All else stays as the upstream sent it; of a signed exchange only the ID changes.
 *
 * @param response is changed in place.
 * @param found where things lie in it.
 * @param query as the client sent it, with its layout.
 * @throws {UnusableResponseError} ERR_UNUSABLE_RESPONSE: not expressible to this client.
 */
export function clientReply(
  response: Buffer,
  found: Layout,
  asked: OutgoingQuery,
  query: Buffer,
  layout: Layout,
  transport: Transport,
  limits: ForwarderLimits,
): Buffer {
  const reply = layout.signed ? response : edited(response, found, asked, query, layout, limits);
  setMessageId(reply, messageId(query));
  return fitted(reply, query, layout, transport, limits);
}

/** Cuts a reply to what its transport allows, in place. */
export function fitted(
  reply: Buffer,
  query: Buffer,
  layout: Layout,
  transport: Transport,
  limits: ForwarderLimits,
): Buffer {
  if (transport === 'tcp' || reply.length <= MIN_UDP_PAYLOAD_BYTES) return reply;
  const limitBytes = udpLimitBytes(query, layout, limits);
  return reply.length <= limitBytes ? reply : truncate(reply, walk(reply), limitBytes);
}

function edited(
  response: Buffer,
  found: Layout,
  asked: OutgoingQuery,
  query: Buffer,
  layout: Layout,
  limits: ForwarderLimits,
): Buffer {
  const hasOpt = layout.optOffset !== -1;
  if (!hasOpt && extendedRcodeOf(response, found) > MAX_HEADER_RCODE) {
    throw new UnusableResponseError('extended rcode for a client without EDNS');
  }
  restoreQuestion(response, asked);
  const dnssecOk = hasOpt && ednsDo(query, layout);
  const message = ednsForClient(response, found, hasOpt, dnssecOk, limits.udpPayloadBytes);
  if (message === null) throw new UnusableResponseError('malformed response: an owner leads into OPT');
  return message;
}

/** How long a reply over UDP may be, in octets: RFC 1035 §4.2.1, RFC 6891 §6.2.3 to §6.2.5. */
export function udpLimitBytes(query: Buffer, layout: Layout, limits: ForwarderLimits): number {
  if (layout.optOffset === -1) return MIN_UDP_PAYLOAD_BYTES;
  const client = Math.max(MIN_UDP_PAYLOAD_BYTES, ednsUdpSize(query, layout));
  return Math.min(client, limits.udpPayloadBytes);
}
