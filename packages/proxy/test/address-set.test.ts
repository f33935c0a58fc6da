import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../src/addresses/address-range.ts';
import { createAddressSet } from '../src/addresses/address-set.ts';
import { ipv4Bits, readIpv6 } from '../src/addresses/ip-address.ts';

function setOf(...ranges: string[]) {
  return createAddressSet(ranges.map(parseRange));
}

describe('createAddressSet', () => {
  it.each([
    ['127.0.0.0/8', '127.0.0.1', true],
    ['127.0.0.0/8', '128.0.0.0', false],
    ['127.0.0.0/8', '126.255.255.255', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '192.0.2.1', false],
    ['::/0', '2001:db8::1', true],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::1', '::1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['10.0.0.0/8', '', false],
    ['0.0.0.0/0', 'nonsense', false],
    ['0.0.0.0/0', '1.2.3', false],
    ['0.0.0.0/0', '1.2.3.256', false],
  ])('%s holds %s: %s', (range, address, expected) => {
    expect(setOf(range).has(address)).toBe(expected);
  });

  it('holds nothing when it has no range', () => {
    expect(createAddressSet([]).has('127.0.0.1')).toBe(false);
    expect(createAddressSet([]).has('::1')).toBe(false);
  });

  it('finds an address behind ranges that lie within others', () => {
    const set = setOf('10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.0.0.0/8', '192.0.2.0/24');
    expect(['10.1.2.3', '10.200.0.1', '192.0.2.9', '192.0.3.0'].map((address) => set.has(address))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('says when it holds everything', () => {
    expect(setOf('0.0.0.0/0', '::/0', '10.0.0.0/8').hasAll).toBe(true);
    expect(setOf('0.0.0.0/0').hasAll).toBe(false);
    expect(setOf('0.0.0.0/1', '128.0.0.0/1', '::/0').hasAll).toBe(false);
  });

  it('agrees with net.BlockList', () => {
    // Few different bits, so that ranges touch, nest and hold the addresses.
    const octet = fc.constantFrom(0, 1, 2, 127, 128, 255);
    const v4 = fc.array(octet, { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'));
    const group = fc.constantFrom('0', '1', '8000', 'ffff', '2001');
    const v6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));
    const range = fc.oneof(
      fc.tuple(v4, fc.integer({ min: 0, max: 32 })),
      fc.tuple(v6, fc.integer({ min: 0, max: 128 })),
    );
    const ranges = fc.array(range, { maxLength: 8 });
    fc.assert(
      fc.property(ranges, fc.array(fc.oneof(v4, v6), { minLength: 1 }), (written, addresses) => {
        // One list for each family: BlockList takes 0.0.0.0 for a part of ::/0.
        const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
        const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
        for (const [address, bits] of written) {
          lists[familyOf(address)].addSubnet(address, bits, familyOf(address));
        }
        const set = setOf(...written.map(([address, bits]) => masked(address, bits)));
        for (const address of addresses) {
          // A mapped address is one of IPv4 here.
          if (address.startsWith('0:0:0:0:0:ffff:')) continue;
          const family = familyOf(address);
          expect(set.has(address), address).toBe(lists[family].check(address, family));
        }
      }),
    );
  });
});

/** What the error of parseRange suggests, or the range itself. */
function masked(address: string, bits: number): string {
  const text = `${address}/${bits}`;
  try {
    parseRange(text);
    return text;
  } catch (error) {
    return /did you mean (.*)\?/.exec(String(error))?.[1] ?? text;
  }
}

describe('addresses as numbers', () => {
  it('reads every IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const bits = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
        expect(ipv4Bits(address)).toBe(bits);
      }),
    );
  });

  it('reads every IPv6 address that Node takes for one, and nothing else', () => {
    const near = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:.%'), maxLength: 24 });
    const words = new Uint32Array(4);
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), near), (text) => {
        // The zone is not looked at, and Node wants one to be there.
        const [address = ''] = text.split('%');
        expect(readIpv6(address, words), address).toBe(isIPv6(address));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['::', [0, 0, 0, 0]],
    ['::1', [0, 0, 0, 1]],
    ['1::', [0x10000, 0, 0, 0]],
    ['2001:db8::8:800:200c:417a', [0x20010db8, 0, 0x00080800, 0x200c417a]],
    ['::ffff:192.0.2.1', [0, 0, 0xffff, 0xc0000201]],
    ['1:2:3:4:5:6:192.0.2.1', [0x10002, 0x30004, 0x50006, 0xc0000201]],
    ['fe80::1%eth0', [0xfe800000, 0, 0, 1]],
  ])('reads %s', (text, expected) => {
    const words = new Uint32Array(4);
    expect(readIpv6(text, words)).toBe(true);
    expect([...words]).toEqual(expected);
  });
});
