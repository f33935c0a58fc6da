import { randomInt } from 'node:crypto';
import { HEADER_BYTES, lowerCase, messageId, questionEnd, withOctet, withUInt16 } from '../message.ts';
import { query } from '../query.ts';
import { type Behaviour, changeResponse } from './behaviour.ts';

/** Answers under an ID that differs from the query's by one bit. */
export function wrongId(): Behaviour {
  return changeResponse('wrongId', ({ response }) => withUInt16(response, 0, messageId(response) ^ 1));
}

/** Answers another question: of another name (one letter changed), type or class. */
export function wrongQuestion(part: 'name' | 'type' | 'class' = 'name'): Behaviour {
  return changeResponse('wrongQuestion', ({ response }) => {
    const end = questionEnd(response);
    if (end <= HEADER_BYTES) return response;
    if (part === 'type') return withUInt16(response, end - 4, response.readUInt16BE(end - 4) ^ 0x40);
    if (part === 'class') return withUInt16(response, end - 2, 3);
    return withOctet(response, HEADER_BYTES + 1, (octet) => (lowerCase(octet) === 0x7a ? 0x61 : 0x7a));
  });
}

/** Repeats the question: QDCOUNT 2. */
export function twoQuestions(): Behaviour {
  return changeResponse('twoQuestions', ({ response }) => {
    const end = questionEnd(response);
    const asked = response.subarray(HEADER_BYTES, end);
    return withUInt16(Buffer.concat([response.subarray(0, end), asked, response.subarray(end)]), 4, 2);
  });
}

/** Answers with a header alone, QDCOUNT 0. */
export function noQuestion(): Behaviour {
  return changeResponse('noQuestion', ({ response }) => {
    const header = Buffer.from(response.subarray(0, HEADER_BYTES));
    return header.fill(0, 4);
  });
}

/** Answers with QR=0, so that the answer is a query. */
export function qr0(): Behaviour {
  return changeResponse('qr0', ({ response }) => withOctet(response, 2, (octet) => octet & 0x7f));
}

/** Answers with another opcode; default 4, NOTIFY. */
export function otherOpcode(opcode = 4): Behaviour {
  return changeResponse('otherOpcode', ({ response }) =>
    withOctet(response, 2, (octet) => (octet & 0x87) | ((opcode & 0x0f) << 3)),
  );
}

/** Sends every answer twice. */
export function duplicate(): Behaviour {
  return {
    name: 'duplicate',
    query(_exchange, next) {
      next();
      next();
    },
  };
}

/** Sends a response that nobody asked for when the handshake is complete, and another before every answer. */
export function unasked(): Behaviour {
  return {
    name: 'unasked',
    secured: (connection) => connection.send(unaskedResponse()),
    query(exchange, next) {
      exchange.connection.send(unaskedResponse());
      next();
    },
  };
}

/** Writes the question's name in lower case, as some servers do (RFC 4343 §3). */
export function lowercaseQuestion(): Behaviour {
  return changeResponse('lowercaseQuestion', ({ response }) => {
    const copy = Buffer.from(response);
    for (let at: number = HEADER_BYTES; at < questionEnd(copy) - 4; at += 1)
      copy[at] = lowerCase(copy[at] ?? 0);
    return copy;
  });
}

/** Claims one answer more than there is. */
export function wrongCounts(): Behaviour {
  return changeResponse('wrongCounts', ({ response }) =>
    withUInt16(response, 6, response.readUInt16BE(6) + 1),
  );
}

/** Answers with a record whose owner is a compression pointer at itself. */
export function compressionLoop(): Behaviour {
  return changeResponse('compressionLoop', ({ response }) => {
    const end = questionEnd(response);
    const owner = Buffer.alloc(2);
    owner.writeUInt16BE(0xc000 | end);
    const fixed = Buffer.from('0001 0001 0000003c 0004 c0000201'.replaceAll(' ', ''), 'hex');
    const message = Buffer.concat([response.subarray(0, end), owner, fixed]);
    message.writeUInt16BE(1, 6);
    return message.fill(0, 8, HEADER_BYTES);
  });
}

/** Cuts the last octets of the answer off; the frame's length agrees with what is left. */
export function cutMessage(octets = 3): Behaviour {
  return changeResponse('cutMessage', ({ response }) =>
    response.subarray(0, Math.max(HEADER_BYTES, response.length - octets)),
  );
}

function unaskedResponse(): Buffer {
  return query({ name: `unasked-${randomInt(1_000_000)}.example.com`, flags: ['qr', 'rd', 'ra'] });
}
