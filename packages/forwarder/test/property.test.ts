/** Whatever clients and upstreams send. */
import { HANG_UP } from '@tridot/listener';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { header, message, opt, option, question, record, uint16 } from '../../wire/test/build-message.ts';
import { createSubject } from './subject.ts';

const octets = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));
const transport = fc.constantFrom('udp' as const, 'tcp' as const);

const anyOpt = fc
  .record({
    udpSize: fc.nat(65535),
    extendedRcode: fc.constantFrom(0, 1, 255),
    flags: fc.nat(65535),
    options: fc.array(
      fc.tuple(fc.integer({ min: 8, max: 16 }), octets(300)).map(([code, data]) => option(code, data)),
      { maxLength: 4 },
    ),
  })
  .map(opt);

const anyRecord = fc.record({ type: fc.nat(65535), ttl: fc.nat(0xffff_ffff), rdata: octets(60) }).map(record);

const structured = fc
  .record({
    id: fc.nat(65535),
    flags: fc.nat(65535),
    questions: fc.array(fc.constant(question()), { maxLength: 2 }),
    answers: fc.array(anyRecord, { maxLength: 40 }),
    authorities: fc.array(anyRecord, { maxLength: 2 }),
    additionals: fc.array(fc.oneof(anyRecord, anyOpt), { maxLength: 3 }),
    trailing: octets(4),
  })
  .map(message);

/** Well-formed messages with a few octets changed and the end cut off. */
const mutated = fc
  .tuple(structured, fc.array(fc.tuple(fc.nat(1_000), fc.nat(255)), { maxLength: 4 }), fc.nat(3))
  .map(([whole, changes, cut]) => {
    const bytes = Buffer.from(whole.subarray(0, whole.length - cut));
    for (const [offset, value] of changes) bytes[offset % Math.max(1, bytes.length)] = value;
    return bytes;
  });

const random = fc
  .tuple(fc.boolean(), octets(200))
  .map(([hasHeader, rest]) => (hasHeader ? Buffer.concat([header(7, 0x0100, [1, 0, 0, 1]), rest]) : rest));

const anyMessage = fc.oneof(structured, mutated, random);

const RUNS = { numRuns: 2_000 };

describe('handle', () => {
  it('answers every query once with its ID, and no response ever', async () => {
    await fc.assert(
      fc.asyncProperty(anyMessage, anyMessage, transport, async (query, response, via) => {
        const subject = createSubject(() => Buffer.from(response));
        const before = Buffer.from(query);
        const reply = await subject.handle(query, via);
        expect(subject.internalErrors).toEqual([]);
        expect(subject.finished).toHaveLength(1);
        if (query.length < 12 || (before.readUInt16BE(2) & 0x8000) !== 0) {
          expect(reply).toBe(via === 'tcp' ? HANG_UP : null);
          return;
        }
        if (!Buffer.isBuffer(reply)) throw new Error('no reply');
        expect(reply.subarray(0, 2)).toEqual(before.subarray(0, 2));
        expect(reply.readUInt16BE(2) & 0x8000).toBe(0x8000);
        if (via === 'udp') expect(reply.length).toBeLessThanOrEqual(1232);
        expect(query).toEqual(before);
      }),
      RUNS,
    );
  });

  it('gives a client without EDNS neither OPT nor more than 512 octets, and its own question', async () => {
    const query = message({ questions: [question('wWw.example.com')] });
    const response = structured.map((bytes) => {
      const answer = Buffer.from(bytes);
      uint16((answer.readUInt16BE(2) & 0x07ff) | 0x8000).copy(answer, 2);
      return answer;
    });
    await fc.assert(
      fc.asyncProperty(response, async (answer) => {
        const subject = createSubject(() => Buffer.from(answer));
        const reply = await subject.udp(query);
        expect(reply.length).toBeLessThanOrEqual(512);
        if (reply.readUInt16BE(4) > 0) expect(reply.subarray(12, 33)).toEqual(question('wWw.example.com'));
        if (subject.finished[0]?.outcome === 'failed') expect(reply.readUInt16BE(2) & 0xf).toBe(2);
        else expect(reply.readUInt16BE(2) & ~0x0200).toBe(answer.readUInt16BE(2) & ~0x0200);
      }),
      RUNS,
    );
  });
});
