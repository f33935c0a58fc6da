/** Tells a client on request where the time of its query went, as the text of an extended error (RFC 8914). */
import { EDE, MAX_MESSAGE_BYTES, OPTION, walk } from '@tridot/wire';
import type { Exchange } from './exchange.ts';
import type { ForwarderLimits } from './limits.ts';
import { type Timings, timingsOfError, type UpstreamAnswer } from './port.ts';
import { udpLimitBytes } from './reply.ts';

/** OPTION-CODE, OPTION-LENGTH and INFO-CODE (RFC 8914 §2). */
const EXTENDED_ERROR_BYTES = 6;
const OPTION_HEADER_BYTES = 4;
const OPT_RDLENGTH_OFFSET = 9;
const MAX_RDLENGTH = 0xffff;

/** The answer of an upstream. @param own whether this very query was asked, and not an equal one. */
export function tellAnswer(
  reply: Buffer,
  exchange: Exchange,
  { upstream, timings }: UpstreamAnswer,
  own: boolean,
  limits: ForwarderLimits,
): Buffer {
  if (timings === undefined) return tell(reply, exchange, `upstream ${upstream}`, limits);
  const { connectionAgeMs, tls } = timings;
  const startedMs = own ? exchange.startedMs : 0;
  const connection =
    connectionAgeMs === null
      ? ''
      : `; connection ${shown(connectionAgeMs)} old${tls === null ? '' : `, ${tls} handshake`}`;
  const whose = own ? '' : '; of an equal query';
  return tell(
    reply,
    exchange,
    `upstream ${upstream}: ${phases(timings, startedMs)}${connection}${whose}`,
    limits,
  );
}

/** A failure. Its message names the upstream, the phase and the age of the connection. */
export function tellFailure(
  reply: Buffer,
  exchange: Exchange,
  error: unknown,
  limits: ForwarderLimits,
): Buffer {
  if (!(error instanceof Error)) return reply;
  const timings = timingsOfError(error);
  const times = timings === null ? '' : `; ${phases(timings, 0)}`;
  return tell(reply, exchange, `${error.message}${times}`, limits);
}

/** Adds the text, unless the client sent no OPT, the exchange is signed, or there is no room. The reply given is not changed. */
function tell(
  reply: Buffer,
  { query, layout, client }: Exchange,
  text: string,
  limits: ForwarderLimits,
): Buffer {
  if (layout.optOffset === -1 || layout.signed) return reply;
  const found = walk(reply);
  const { optOffset, optEnd, signed } = found;
  // What lies behind OPT could hold names that point behind OPT: it is not moved.
  if (found.fault !== null || optOffset === -1 || optEnd !== reply.length || signed) return reply;
  const told = Buffer.from(text.replace(/\p{C}+/gu, ' '));
  const addedBytes = EXTENDED_ERROR_BYTES + told.length;
  const limitBytes = client.transport === 'tcp' ? MAX_MESSAGE_BYTES : udpLimitBytes(query, layout, limits);
  const rdlength = reply.readUInt16BE(optOffset + OPT_RDLENGTH_OFFSET) + addedBytes;
  if (reply.length + addedBytes > limitBytes || rdlength > MAX_RDLENGTH) return reply;
  const whole = Buffer.allocUnsafe(reply.length + addedBytes);
  reply.copy(whole);
  whole.writeUInt16BE(rdlength, optOffset + OPT_RDLENGTH_OFFSET);
  let offset = whole.writeUInt16BE(OPTION.EXTENDED_ERROR, reply.length);
  offset = whole.writeUInt16BE(addedBytes - OPTION_HEADER_BYTES, offset);
  told.copy(whole, whole.writeUInt16BE(EDE.OTHER, offset));
  return whole;
}

function phases({ queueMs, dialMs, tlsMs, waitMs, sends }: Timings, startedMs: number): string {
  const ours =
    startedMs === 0
      ? ''
      : `, reply ${shown(performance.now() - startedMs - queueMs - dialMs - tlsMs - waitMs)}`;
  const times = `queue ${shown(queueMs)}, dial ${shown(dialMs)}, tls ${shown(tlsMs)}, wait ${shown(waitMs)}${ours}`;
  if (sends === 1) return times;
  return sends === 0 ? `${times}; never sent` : `${times}; sent ${sends} times`;
}

/** To hundredths; what was measured at two places may differ by less than nothing. */
function shown(ms: number): string {
  return `${Math.max(0, Math.round(ms * 100) / 100)} ms`;
}
