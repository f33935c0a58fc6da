/** What of the upstream's EDNS a client gets to see. */
import { RCODE } from './codes.ts';
import { copyOptEndToEnd, setEdnsUdpSize, writeOpt } from './edns.ts';
import { COUNT_OFFSET, countOf, MAX_MESSAGE_BYTES, rcodeOf, setCount } from './header.ts';
import { BARE_OPT_BYTES, type Layout } from './layout.ts';
import { removeOctets } from './remove-octets.ts';

/**
 * Turns the EDNS of a response from the upstream's hop to the client's: without OPT when the query had none; else with
 * our own UDP size and without cookie, keepalive and padding, everything else as it was. A server that ignores EDNS and
 * answers all the same gets its OPT from us; one that refuses it (FORMERR, NOTIMP) is left to say so.
 *
 * @param response is changed in place where that is possible.
 * @param layout of the response, without a fault.
 * @param hasOpt whether the query had an OPT; `dnssecOk` its DO flag.
 * @param udpSize UDP payload size that we tell the client.
 * @returns the message for the client, or `null` when an owner leads into octets that must go. The response is then
 *   damaged.
 *
 * RFC 6891 §6.1.1, §7, RFC 7830 §6, RFC 7828 §3.3.1
 */
export function ednsForClient(
  response: Buffer,
  layout: Layout,
  hasOpt: boolean,
  dnssecOk: boolean,
  udpSize: number,
): Buffer | null {
  const { optOffset, optEnd } = layout;
  if (optOffset === -1) return hasOpt ? addOpt(response, layout, dnssecOk, udpSize) : response;
  if (!hasOpt) {
    setCount(response, COUNT_OFFSET.ADDITIONAL, countOf(response, COUNT_OFFSET.ADDITIONAL) - 1);
    return cut(response, layout, optOffset, optEnd);
  }
  setEdnsUdpSize(response, optOffset, udpSize);
  if (optEnd - optOffset === BARE_OPT_BYTES) return response;
  const keptEnd = copyOptEndToEnd(response, optOffset, optEnd, response, optOffset);
  return keptEnd === optEnd ? response : cut(response, layout, keptEnd, optEnd);
}

function cut(response: Buffer, layout: Layout, from: number, to: number): Buffer | null {
  if (to === response.length) return response.subarray(0, from);
  const length = removeOctets(response, layout, from, to);
  return length < 0 ? null : response.subarray(0, length);
}

function addOpt(response: Buffer, layout: Layout, dnssecOk: boolean, udpSize: number): Buffer {
  const rcode = rcodeOf(response);
  const additional = countOf(response, COUNT_OFFSET.ADDITIONAL);
  const refusesEdns = rcode === RCODE.FORMERR || rcode === RCODE.NOTIMP;
  const hasRoom = response.length + BARE_OPT_BYTES <= MAX_MESSAGE_BYTES && additional < 0xffff;
  if (refusesEdns || !hasRoom) return response;
  const message = Buffer.allocUnsafe(response.length + BARE_OPT_BYTES);
  response.copy(message, 0, 0, layout.end);
  const end = writeOpt(message, layout.end, udpSize, 0, dnssecOk);
  response.copy(message, end, layout.end);
  setCount(message, COUNT_OFFSET.ADDITIONAL, additional + 1);
  return message;
}
