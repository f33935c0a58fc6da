import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../src/frame-reader.ts';
import { hostileMessages } from '../src/hostile-messages.ts';
import { ednsOptions, findOpt, framed, questionEnd, recordsOf, sameQuestion } from '../src/message.ts';
import { decodeName, encodeName } from '../src/names.ts';
import { query } from '../src/query.ts';

describe('FrameReader', () => {
  it('gives back the messages, however the stream is cut', () => {
    const message = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets));
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(40)), (messages, cuts) => {
        const stream = Buffer.concat(messages.map(framed));
        const reader = new FrameReader();
        const found: Buffer[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          reader.push(stream.subarray(at, at + cut), (each) => found.push(Buffer.from(each)));
          at += cut;
        }
        expect(found).toEqual(messages);
        expect(reader.pendingBytes).toBe(0);
      }),
    );
  });
});

describe('names', () => {
  it('are written and read as any octets', () => {
    const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 4 });
    fc.assert(
      fc.property(labels, (parts) => {
        const wire = Buffer.concat([
          ...parts.flatMap((part) => [Buffer.from([part.length]), Buffer.from(part)]),
          Buffer.from([0]),
        ]);
        expect(encodeName(decodeName(wire))).toEqual(wire);
      }),
    );
  });

  it('refuse a label that no length octet can say', () => {
    expect(() => encodeName('a'.repeat(256))).toThrow(RangeError);
  });
});

describe('query', () => {
  it('is what dns-packet reads', () => {
    const built = query({
      name: 'www.example.com',
      type: 'AAAA',
      id: 99,
      flags: ['rd', 'cd'],
      edns: { udpSize: 4096, dnssecOk: true, options: [{ code: 10, data: Buffer.alloc(8, 1) }] },
    });
    expect(dnsPacket.decode(built)).toMatchObject({
      id: 99,
      type: 'query',
      flag_rd: true,
      flag_cd: true,
      questions: [{ name: 'www.example.com', type: 'AAAA', class: 'IN' }],
      additionals: [{ type: 'OPT', udpPayloadSize: 4096, flag_do: true, options: [{ code: 10 }] }],
    });
    expect(ednsOptions(built)).toEqual([{ code: 10, data: Buffer.alloc(8, 1) }]);
  });

  it('has another ID each time', () => {
    expect(
      new Set(Array.from({ length: 50 }, () => query({ name: '.' }).readUInt16BE(0))).size,
    ).toBeGreaterThan(40);
  });
});

describe('the readers', () => {
  it('never throw and stay inside the message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const message = Buffer.from(octets);
        expect(questionEnd(message)).toBeLessThanOrEqual(message.length);
        for (const span of recordsOf(message)) expect(span.end).toBeLessThanOrEqual(message.length);
        ednsOptions(message);
        findOpt(message);
        expect(sameQuestion(message, message)).toBe(questionEnd(message) >= 0);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('hostile messages', () => {
  const all = hostileMessages();

  it('have names of their own', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(80);
  });

  it('fit the transport they are for', () => {
    for (const { bytes, udp } of all)
      expect(bytes.length).toBeLessThanOrEqual(udp === null ? 65_535 : 65_507);
  });

  it('begin with the same ID, so that a reply can be told', () => {
    for (const { name, bytes } of all) {
      if (bytes.length >= 12) expect([name, bytes.readUInt16BE(0)]).toEqual([name, 0x1234]);
    }
  });

  it('are unsound where FORMERR is expected, and sound where they are forwarded', () => {
    const sound = ({ bytes }: { bytes: Buffer }) => {
      const claimed = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
      return questionEnd(bytes) > 0 && recordsOf(bytes).length === claimed;
    };
    for (const message of all.filter(({ tcp }) => tcp === 'forwarded')) {
      expect([message.name, sound(message)]).toEqual([message.name, true]);
    }
  });

  it('have responses where silence is expected', () => {
    for (const { name, bytes } of all.filter(({ udp }) => udp === 'silent')) {
      expect([name, bytes.length < 12 || ((bytes[2] ?? 0) & 0x80) !== 0]).toEqual([name, true]);
    }
  });
});
