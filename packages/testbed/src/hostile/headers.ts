import { opt, query, question } from '../query.ts';
import { ask, both, extra, type HostileMessage, header, response } from './message.ts';

/** Fewer octets than a header has. */
export function tooShort(): HostileMessage[] {
  const whole = query({ name: 'example.com', id: 0x1234 });
  return [0, 1, 2, 11].map((length) => ({
    name: `${length} octets, less than a header`,
    bytes: whole.subarray(0, length),
    udp: 'silent',
    tcp: 'hang-up',
  }));
}

/** Messages with QR=1, which nobody may answer. */
export function responses(): HostileMessage[] {
  const headerOnly = query({ name: '.', id: 0x1234, flags: ['qr', 'ra'] }).subarray(0, 12);
  const bare = Buffer.from(headerOnly).fill(0, 4, 6);
  const failed = ask({ flags: ['qr', 'rd', 'ra'] });
  failed[3] = 0x82;
  const opcodes = Array.from({ length: 16 }, (_, opcode) =>
    response(`a response with opcode ${opcode}`, ask({ flags: ['qr', 'rd'], opcode })),
  );
  return [
    response('a response', ask({ flags: ['qr', 'rd', 'ra'] })),
    response('a response with RCODE 2', failed),
    response('a response with TC', ask({ flags: ['qr', 'tc', 'rd', 'ra'] })),
    response('a response of a bare header', bare),
    ...opcodes,
  ];
}

/** QDCOUNT other than one (RFC 9619 §4). */
export function questionCounts(): HostileMessage[] {
  const one = question({ name: 'example.com' });
  const two = Buffer.concat([header({ questions: 2 }), one, one]);
  const three = Buffer.concat([header({ questions: 3 }), one, one, one]);
  const most = Buffer.concat([header({ questions: 65_535 }), one, one, one]);
  const many = Buffer.concat([header({ questions: 3_000 }), ...Array.from({ length: 3_000 }, () => one)]);
  const none = Buffer.concat([header({ questions: 0, additional: 1 }), opt()]);
  return [
    both('two questions', two, 'formerr'),
    both('three questions', three, 'formerr'),
    both('65535 questions claimed', most, 'formerr'),
    both('3000 questions', many, 'formerr'),
    both('no question, but an OPT', none, 'forwarded'),
  ];
}

/** Records that are claimed, cut, or left over. */
export function recordCounts(): HostileMessage[] {
  const one = question({ name: 'example.com' });
  return [
    both(
      'one additional record claimed, none there',
      Buffer.concat([header({ additional: 1 }), one]),
      'formerr',
    ),
    both('one answer claimed, none there', Buffer.concat([header({ answers: 1 }), one]), 'formerr'),
    both('65535 authority records claimed', Buffer.concat([header({ authority: 65_535 }), one]), 'formerr'),
    both('one question claimed, none there', header({}), 'formerr'),
    both('a record cut in its fixed fields', extra('c00c 0001 0001 0000'), 'formerr'),
    both('a record whose RDATA is cut', extra('c00c 0001 0001 0000003c 0004 c000'), 'formerr'),
    both('one octet behind the message', Buffer.concat([ask({}), Buffer.from([0])]), 'forwarded'),
    both('500 octets behind the message', Buffer.concat([ask({}), Buffer.alloc(500, 0x5a)]), 'forwarded'),
    both('an answer record in a query', answerInQuery(), 'forwarded'),
  ];
}

/** Opcodes, flags and types that ask for more than a lookup. */
export function operations(): HostileMessage[] {
  const dsoKeepalive = Buffer.concat([
    header({ questions: 0, opcode: 6 }),
    Buffer.from('0001000800003a9800003a98', 'hex'),
  ]);
  const unknown = [1, 2, 3, 7, 15].map((opcode) => both(`opcode ${opcode}`, ask({ opcode }), 'forwarded'));
  return [
    both('a DSO keepalive', dsoKeepalive, 'notimp'),
    both('AXFR', ask({ type: 'AXFR' }), 'notimp'),
    both('IXFR', ask({ type: 'IXFR' }), 'notimp'),
    ...unknown,
    both(
      'a query with every flag but QR',
      ask({ flags: ['aa', 'tc', 'rd', 'ra', 'z', 'ad', 'cd'] }),
      'forwarded',
    ),
  ];
}

function answerInQuery(): Buffer {
  const record = Buffer.from('c00c000100010000003c0004c0000201', 'hex');
  return Buffer.concat([header({ answers: 1 }), question({ name: 'example.com' }), record]);
}
