import { equal } from '../assert.ts';
import { message, query, withId } from '../bytes/build.ts';
import { FLAG } from '../bytes/numbers.ts';
import { type ConformanceCase, UDP } from '../case.ts';
import { delay } from '../context.ts';
import { alive, silent, unseen } from '../expectations.ts';

export const UDP_RESPONSE_CASES: readonly ConformanceCase[] = [
  ...qrCases(),
  {
    id: 'U5',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1',
    title: 'MUST drop datagrams of 0, 1, 2 and 11 octets',
    transports: UDP,
    async run(context) {
      await silent(
        context,
        [0, 1, 2, 11].map((length) => Buffer.alloc(length)),
      );
      unseen(context);
    },
  },
  {
    id: 'U7',
    level: 'SHOULD',
    reference: 'RFC 862, RFC 864, RFC 867, RFC 868',
    title: 'SHOULD drop queries from the ports of services that answer anything: 7, 13, 19, 37',
    oursAlone: 'the others answer them; BIND does not',
    transports: UDP,
    needs: ['low-ports'],
    async run(context) {
      const clients = await Promise.all(
        [7, 13, 19, 37].map((port) => context.udp({ from: { address: context.clientAddress(), port } })),
      );
      for (const client of clients) client.send(query({ name: context.qname() }));
      await delay(300);
      for (const client of clients) equal(client.received.length, 0, `no reply to port ${client.port}`);
      await alive(context);
      unseen(context);
    },
  },
];

/** Messages with QR=1: two servers that answer them to each other would never end. */
function qrCases(): ConformanceCase[] {
  const reference = 'RFC 1035 §4.1.1, RFC 5358 §4';
  const shapes: [string, string, (qname: string) => Buffer[]][] = [
    ['U4', 'a valid response', (qname) => [query({ name: qname, flags: FLAG.QR | FLAG.RD | FLAG.RA })]],
    [
      'U4.rcode',
      'responses with any rcode',
      (qname) => Array.from({ length: 16 }, (_, rcode) => query({ name: qname, flags: FLAG.QR, rcode })),
    ],
    ['U4.header-only', 'a response that is a header alone', () => [message({ flags: FLAG.QR })]],
    ['U4.truncated', 'a response with TC=1', (qname) => [query({ name: qname, flags: FLAG.QR | FLAG.TC })]],
    [
      'U4.opcode',
      'responses with any opcode',
      (qname) => Array.from({ length: 16 }, (_, opcode) => query({ name: qname, flags: FLAG.QR, opcode })),
    ],
    [
      'U4.broken',
      'responses that are malformed besides',
      (qname) => [
        withId(query({ name: qname, flags: FLAG.QR }).subarray(0, 20), 1),
        message({ flags: FLAG.QR, counts: [65_535, 0, 0, 0] }),
        query({ name: qname, flags: FLAG.QR, opt: { version: 1 } }),
      ],
    ],
  ];
  return shapes.map(([id, what, make]) => ({
    id,
    level: 'MUST',
    reference,
    title: `MUST drop ${what} (QR=1) without any reply`,
    transports: UDP,
    async run(context) {
      await silent(context, make(context.qname()));
      unseen(context);
    },
  }));
}
