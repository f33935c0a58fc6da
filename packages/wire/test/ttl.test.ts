import { describe, expect, it } from 'vitest';
import { ageTtls, minimumTtlSeconds, ttlOffsets, walk } from '../src/index.ts';
import { message, opt, question, record } from './build-message.ts';

function response(ttls: readonly [number, number, number]): Buffer {
  return message({
    flags: 0x8180,
    questions: [question()],
    answers: [record({ ttl: ttls[0] })],
    authorities: [record({ owner: 'example.com', type: 6, ttl: ttls[1], rdata: Buffer.alloc(22, 9) })],
    additionals: [opt({ extendedRcode: 255, version: 0, flags: 0x8000 }), record({ ttl: ttls[2] })],
  });
}

describe('TTLs', () => {
  it('age in all three sections, but not in OPT and not below 0', () => {
    const octets = response([300, 10, 4_000_000]);
    ageTtls(octets, ttlOffsets(octets, walk(octets)), 11);
    expect(octets).toEqual(response([289, 0, 3_999_989]));
  });

  it('count as 0 with the top bit set', () => {
    const octets = response([0x8000_0000, 0xffff_ffff, 0x7fff_ffff]);
    const offsets = ttlOffsets(octets, walk(octets));
    expect(minimumTtlSeconds(octets, offsets)).toBe(0);
    ageTtls(octets, offsets, 0);
    expect(octets).toEqual(response([0, 0, 0x7fff_ffff]));
  });

  it('have a minimum, if there are any', () => {
    const octets = response([300, 70_000, 4_000_000]);
    expect(minimumTtlSeconds(octets, ttlOffsets(octets, walk(octets)))).toBe(300);
    const empty = message({ questions: [question()], additionals: [opt()] });
    expect(minimumTtlSeconds(empty, ttlOffsets(empty, walk(empty)))).toBeNull();
  });
});
