/** What dns-packet writes and reads must look the same to us. */
import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildOutgoing,
  ednsDo,
  ednsUdpSize,
  ednsVersion,
  extendedRcodeOf,
  messageId,
  opcodeOf,
  qclassOf,
  qtypeOf,
  rcodeOf,
  walk,
} from '../src/index.ts';

const text = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const qname = fc.array(text, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));

const packet = fc.record({
  id: fc.nat(65535),
  qname,
  addresses: fc.array(fc.ipV4(), { maxLength: 8 }),
  exchange: qname,
  udpSize: fc.integer({ min: 1, max: 65535 }),
  dnssecOk: fc.boolean(),
});

describe('beside dns-packet', () => {
  it('finds the same things in what it encodes', () => {
    fc.assert(
      fc.property(packet, ({ id, qname, addresses, exchange, udpSize, dnssecOk }) => {
        const octets = dnsPacket.encode({
          type: 'response',
          id,
          flags: dnsPacket.RECURSION_DESIRED,
          questions: [{ type: 'MX', name: qname, class: 'IN' }],
          answers: addresses.map((data) => ({ type: 'A' as const, name: qname, ttl: 300, data })),
          authorities: [{ type: 'MX', name: qname, data: { preference: 10, exchange } }],
          additionals: [
            {
              type: 'OPT',
              name: '.',
              udpPayloadSize: udpSize,
              extendedRcode: 1,
              ednsVersion: 0,
              flags: dnssecOk ? 0x8000 : 0,
              flag_do: dnssecOk,
              options: [],
            },
          ],
        });
        const layout = walk(octets);
        expect(layout).toMatchObject({ fault: null, end: octets.length, signed: false });
        expect(messageId(octets)).toBe(id);
        expect(opcodeOf(octets)).toBe(0);
        expect(rcodeOf(octets)).toBe(0);
        expect(qtypeOf(octets, layout)).toBe(15);
        expect(qclassOf(octets, layout)).toBe(1);
        expect(ednsUdpSize(octets, layout)).toBe(udpSize);
        expect(ednsVersion(octets, layout)).toBe(0);
        expect(ednsDo(octets, layout)).toBe(dnssecOk);
        expect(extendedRcodeOf(octets, layout)).toBe(16);
      }),
    );
  });

  it('writes queries that it decodes', () => {
    fc.assert(
      fc.property(packet, ({ id, qname }) => {
        const query = dnsPacket.encode({
          type: 'query',
          id,
          questions: [{ type: 'AAAA', name: qname, class: 'IN' }],
        });
        const decoded = dnsPacket.decode(buildOutgoing(query, walk(query)).message);
        expect(decoded.id).toBe(id);
        expect(decoded.questions).toEqual([{ type: 'AAAA', name: qname, class: 'IN' }]);
        expect(decoded.additionals).toMatchObject([
          { type: 'OPT', name: '.', udpPayloadSize: 65535, options: [] },
        ]);
      }),
    );
  });
});
