import { TESTBED_LIMITS } from '../limits.ts';
import {
  type EdnsOption,
  ednsOptions,
  findOpt,
  HEADER_BYTES,
  messageId,
  OPTION,
  questionEnd,
  TYPE,
  withOctet,
  withUInt16,
} from '../message.ts';
import { encodeName } from '../names.ts';
import { type EdnsFields, opt, uint16 } from '../query.ts';
import { a, record } from '../zone-records.ts';
import { type Behaviour, changeResponse } from './behaviour.ts';

/**
 * Replays a recorded response with the query's ID, and with the query's own question octets where they are as long as the
 * recorded ones; everything else stays as it is.
 */
export function fixedBytes(recorded: Buffer): Behaviour {
  return changeResponse('fixedBytes', ({ query }) => {
    const copy = withUInt16(recorded, 0, messageId(query));
    const end = questionEnd(query);
    if (end > 0 && end === questionEnd(recorded)) query.copy(copy, HEADER_BYTES, HEADER_BYTES, end);
    return copy;
  });
}

/** Sets the RCODE, 0 to 15, and leaves the sections as they are. */
export function rcode(value: number): Behaviour {
  return changeResponse('rcode', ({ response }) =>
    withOctet(response, 3, (octet) => (octet & 0xf0) | (value & 0x0f)),
  );
}

/** Answers with a bare header and question, an OPT, and this RCODE of twelve bits (RFC 6891 §6.1.3). */
export function extendedRcode(value: number): Behaviour {
  return changeResponse('extendedRcode', ({ response }) => {
    const bare = Buffer.from(response.subarray(0, questionEnd(response)));
    bare[3] = ((bare[3] ?? 0) & 0xf0) | (value & 0x0f);
    return appendOpt(bare.fill(0, 6, HEADER_BYTES), { extendedRcode: value >> 4 });
  });
}

/** Sets TC. */
export function truncated(): Behaviour {
  return changeResponse('truncated', ({ response }) => withOctet(response, 2, (octet) => octet | 0x02));
}

/** Sets AD. */
export function authenticData(): Behaviour {
  return changeResponse('authenticData', ({ response }) => withOctet(response, 3, (octet) => octet | 0x20));
}

/** Puts this OPT in place of the response's own, whether the query had one or not. */
export function withOpt(fields: EdnsFields & { readonly extendedRcode?: number } = {}): Behaviour {
  return changeResponse('withOpt', ({ response }) => appendOpt(withoutOpt(response), fields));
}

/** Removes the OPT. */
export function noOpt(): Behaviour {
  return changeResponse('noOpt', ({ response }) => withoutOpt(response));
}

/** Adds an option to the response's OPT, which is made if it is missing. */
export function withOption(code: number, data: Buffer): Behaviour {
  return changeResponse('withOption', ({ response }) => addOption(response, { code, data }));
}

/** Pads the response to a multiple of `block` octets; default 468 (RFC 8467 §4.1). */
export function padding(block: number = TESTBED_LIMITS.paddingBlockBytes.default): Behaviour {
  return changeResponse('padding', ({ response }) => {
    const empty = addOption(response, { code: OPTION.PADDING, data: Buffer.alloc(0) });
    const missing = (block - (empty.length % block)) % block;
    return addOption(response, { code: OPTION.PADDING, data: Buffer.alloc(missing) });
  });
}

/** Adds a keepalive timeout, in units of 100 ms (RFC 7828 §3.1). */
export function keepalive(hundredMs: number): Behaviour {
  return { ...withOption(OPTION.KEEPALIVE, uint16(hundredMs)), name: 'keepalive' };
}

/** Adds a COOKIE of a client part and a server part (RFC 7873 §4). */
export function cookie(data: Buffer = Buffer.alloc(24, 0xc0)): Behaviour {
  return { ...withOption(OPTION.COOKIE, data), name: 'cookie' };
}

/** Adds an extended DNS error (RFC 8914 §2). */
export function ede(infoCode: number, text = ''): Behaviour {
  return { ...withOption(OPTION.EDE, Buffer.concat([uint16(infoCode), Buffer.from(text)])), name: 'ede' };
}

/** Answers with one record of unknown type that makes the response exactly `bytes` long. */
export function bigAnswer(bytes: number): Behaviour {
  return changeResponse('bigAnswer', ({ response }) => {
    const opt = findOpt(response);
    const tail = opt === undefined ? Buffer.alloc(0) : response.subarray(opt.start, opt.end);
    const head = Buffer.from(response.subarray(0, questionEnd(response)));
    head.fill(0, 6, HEADER_BYTES).writeUInt16BE(1, 6);
    head.writeUInt16BE(opt === undefined ? 0 : 1, 10);
    const room = Math.max(0, bytes - head.length - tail.length - 12);
    return Buffer.concat([head, record(TYPE.UNKNOWN, Buffer.alloc(room, 0xc0)), tail]);
  });
}

/** A server that knows no EDNS: FORMERR, with the question and no OPT, to a query that has one (RFC 6891 §7). */
export function formerrOnOpt(value = 1): Behaviour {
  return changeResponse('formerrOnOpt', ({ query, response }) => {
    if (findOpt(query) === undefined) return response;
    const bare = Buffer.from(response.subarray(0, questionEnd(response)));
    bare[3] = ((bare[3] ?? 0) & 0xf0) | (value & 0x0f);
    return bare.fill(0, 6, HEADER_BYTES);
  });
}

/**
 * Puts the OPT between other records of the additional section, with a name behind it that a later record points at: whoever
 * removes or changes the OPT must see to that pointer.
 */
export function optInTheMiddle(): Behaviour {
  return changeResponse('optInTheMiddle', ({ response }) => {
    const bare = withoutOpt(response);
    const before = record(TYPE.A, a('192.0.2.201'));
    const middle = opt({ options: [{ code: OPTION.PADDING, data: Buffer.alloc(31) }] });
    const target = bare.length + before.length + middle.length;
    const behind = record(TYPE.A, a('192.0.2.202'), encodeName('behind.example.com'));
    const pointing = record(TYPE.A, a('192.0.2.203'), uint16(0xc000 | target));
    const message = Buffer.concat([bare, before, middle, behind, pointing]);
    message.writeUInt16BE(bare.readUInt16BE(10) + 4, 10);
    return message;
  });
}

function withoutOpt(message: Buffer): Buffer {
  const found = findOpt(message);
  if (found === undefined) return Buffer.from(message);
  const rest = Buffer.concat([message.subarray(0, found.start), message.subarray(found.end)]);
  rest.writeUInt16BE(rest.readUInt16BE(10) - 1, 10);
  return rest;
}

function appendOpt(message: Buffer, fields: Parameters<typeof opt>[0]): Buffer {
  const whole = Buffer.concat([message, opt(fields)]);
  whole.writeUInt16BE(whole.readUInt16BE(10) + 1, 10);
  return whole;
}

/** Rewrites the OPT with one option more; its other fields stay. */
function addOption(message: Buffer, option: EdnsOption): Buffer {
  const found = findOpt(message);
  if (found === undefined) return appendOpt(Buffer.from(message), { options: [option] });
  const { start } = found;
  return appendOpt(withoutOpt(message), {
    udpSize: message.readUInt16BE(start + 3),
    extendedRcode: message[start + 5] ?? 0,
    version: message[start + 6] ?? 0,
    dnssecOk: ((message[start + 7] ?? 0) & 0x80) !== 0,
    options: [...ednsOptions(message), option],
  });
}
