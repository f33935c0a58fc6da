import { encodeName } from '../names.ts';
import { uint16 } from '../query.ts';
import { both, extra, type HostileMessage, header } from './message.ts';

/** Names that loop, run out, or try the limits. */
export function nameMessages(): HostileMessage[] {
  const named = (name: Buffer) => Buffer.concat([header({}), name, uint16(1), uint16(1)]);
  const label = (octets: number) => Buffer.concat([Buffer.from([octets]), Buffer.alloc(octets, 'a')]);
  const root = Buffer.from([0]);
  return [
    both(
      'a name that points at itself (18 octets)',
      Buffer.from('123401000001000000000000c00c00010001', 'hex'),
      'formerr',
    ),
    both('two pointers at each other', named(Buffer.from('c00ec00c', 'hex')), 'formerr'),
    both('a pointer past the end', named(Buffer.from('ffff', 'hex')), 'formerr'),
    both('a pointer into the header', named(Buffer.from('c000', 'hex')), 'formerr'),
    both('a label and then a pointer back at it', named(Buffer.from('0161c00c', 'hex')), 'formerr'),
    both('a chain of 8000 pointers', pointerChain(8_000), 'formerr'),
    both('a record whose owner points at itself', extra('c01d 0001 0001 0000003c 0004 c0000201'), 'either'),
    both(
      'a record whose owner points past the end',
      extra('ffff 0001 0001 0000003c 0004 c0000201'),
      'either',
    ),
    both('a label of reserved type 01', named(Buffer.from('4161616100', 'hex')), 'formerr'),
    both('a label of reserved type 10', named(Buffer.from('8161616100', 'hex')), 'formerr'),
    both('a name without its end', Buffer.concat([header({}), label(7)]), 'formerr'),
    both('a question without type and class', Buffer.concat([header({}), EXAMPLE]), 'formerr'),
    both('a question cut in its class', Buffer.concat([header({}), EXAMPLE, uint16(1), root]), 'formerr'),
    both(
      'a name of 256 octets',
      named(Buffer.concat([label(63), label(63), label(63), label(62), root])),
      'formerr',
    ),
    both(
      'a name of 255 octets',
      named(Buffer.concat([label(63), label(63), label(63), label(61), root])),
      'forwarded',
    ),
    both(
      'a name of 128 labels',
      named(Buffer.concat([...Array.from({ length: 128 }, () => label(1)), root])),
      'formerr',
    ),
    both(
      'a name of 127 labels',
      named(Buffer.concat([...Array.from({ length: 127 }, () => label(1)), root])),
      'forwarded',
    ),
    both('a label of 63 octets', named(Buffer.concat([label(63), root])), 'forwarded'),
    both('the root', named(root), 'forwarded'),
    both('a label with NUL, dot, backslash, space, LF', named(labelOf('\x00.\\ \n')), 'forwarded'),
    both('a label with every octet above 127 but 64', named(labelOf(highOctets())), 'forwarded'),
    both('a label with the octets "a.onion"', named(labelOf('a.onion')), 'forwarded'),
    both('letters of both cases', named(encodeName('wWw.ExAmPlE.cOm')), 'forwarded'),
  ];
}

const EXAMPLE = encodeName('example.com');

/** A question whose name is the last of a row of pointers, each of which points at the next. A pointer reaches no further than 16383. */
function pointerChain(length: number): Buffer {
  const pointers = Array.from({ length: length }, (_, index) => uint16(0xc000 | (12 + 2 * (index + 1))));
  return Buffer.concat([header({}), ...pointers, uint16(1), uint16(1)]);
}

function labelOf(octets: string): Buffer {
  const label = Buffer.from(octets, 'latin1');
  return Buffer.concat([Buffer.from([label.length]), label, EXAMPLE]);
}

function highOctets(): string {
  return String.fromCharCode(...Array.from({ length: 63 }, (_, index) => 0x80 + 2 * index + 1));
}
