/** Ways in which an upstream can fail every query. */
import { type Behaviour, behaviours, seededOctets } from '@tridot/testbed';

export interface Fault {
  readonly slug: string;
  /** Completes "the upstream …". */
  readonly what: string;
  readonly behaviour: () => Behaviour;
}

export const FAULTS: readonly Fault[] = [
  { slug: 'silence', what: 'never answers', behaviour: behaviours.silence },
  { slug: 'reset-on-accept', what: 'resets each connection at once', behaviour: behaviours.resetOnAccept },
  { slug: 'reset', what: 'resets at each query', behaviour: () => behaviours.resetAfter(0) },
  { slug: 'close', what: 'closes at each query', behaviour: () => behaviours.closeAfter(0) },
  { slug: 'cut-frame', what: 'sends half of each response', behaviour: () => behaviours.cutFrame() },
  {
    slug: 'garbage',
    what: 'sends random octets through TLS',
    behaviour: () => behaviours.randomGarbage(500, 7),
  },
  { slug: 'wrong-id', what: 'answers under wrong IDs', behaviour: behaviours.wrongId },
  { slug: 'wrong-name', what: 'answers another question', behaviour: () => behaviours.wrongQuestion('name') },
  { slug: 'query', what: 'answers with queries', behaviour: behaviours.qr0 },
  { slug: 'no-handshake', what: 'never finishes the handshake', behaviour: behaviours.neverFinishHandshake },
  { slug: 'alert', what: 'refuses the handshake', behaviour: () => behaviours.handshakeAlert() },
  { slug: 'http', what: 'speaks HTTP', behaviour: behaviours.speakHttp },
  { slug: 'plain-dns', what: 'speaks DNS in clear', behaviour: behaviours.speakPlainDns },
];

/** What a server may send in place of a ServerHello. */
export function tlsGarbage(): Buffer[] {
  const record = (type: number, body: Buffer) => {
    const head = Buffer.from([type, 3, 3, body.length >> 8, body.length & 255]);
    return Buffer.concat([head, body]);
  };
  const types = [0x14, 0x15, 0x16, 0x17, 0x18, 0x00, 0xff];
  return [
    ...types.map((type) => record(type, seededOctets(64, type))),
    ...types.map((type) => record(type, Buffer.alloc(0))),
    Buffer.from([0x16, 3, 3, 0xff, 0xff]),
    Buffer.from([0x16, 3, 3]),
    Buffer.from([0x15, 3, 3, 0, 2, 1, 0]),
    Buffer.from([0x15, 3, 3, 0, 2, 2, 40]),
    Buffer.from([0x80, 0x2e, 1, 0, 2]),
    Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'),
    Buffer.from('220 mail.example.com ESMTP\r\n'),
    // A ServerHello that is cut off, and one that claims 16 MB.
    record(0x16, Buffer.concat([Buffer.from([2, 0, 0, 70, 3, 3]), seededOctets(20, 1)])),
    record(0x16, Buffer.concat([Buffer.from([2, 255, 255, 255, 3, 3]), seededOctets(60, 2)])),
    ...Array.from({ length: 30 }, (_, seed) => seededOctets(1 + seed * 37, seed)),
    ...Array.from({ length: 30 }, (_, seed) => record(0x16, seededOctets(1 + seed * 11, seed))),
  ];
}
