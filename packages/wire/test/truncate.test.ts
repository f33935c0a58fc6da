import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNT_OFFSET, countOf, isTruncated, truncate, walk } from '../src/index.ts';
import { anyMessage } from './arbitraries.ts';
import { message, opt, option, question, record } from './build-message.ts';

const FLAGS = 0x85b3;
const TC = 0x0200;

function cut(response: Buffer, limitBytes: number): Buffer {
  return truncate(Buffer.from(response), walk(response), limitBytes);
}

function answers(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => record({ rdata: Buffer.from([192, 0, 2, i]) }));
}

describe('truncate', () => {
  it('keeps the whole answer records that fit, flags and rcode', () => {
    const response = message({ flags: FLAGS, questions: [question()], answers: answers(40) });
    const kept = Math.floor((512 - 33) / 16);
    expect(kept).toBeGreaterThanOrEqual(20);
    expect(cut(response, 512)).toEqual(
      message({ flags: FLAGS | TC, questions: [question()], answers: answers(kept) }),
    );
  });

  it('keeps OPT and its options, and makes room for them', () => {
    const edns = opt({ flags: 0x8000, options: [option(3, Buffer.from('ns1'))] });
    const response = message({
      flags: FLAGS,
      questions: [question()],
      answers: answers(40),
      additionals: [edns],
    });
    const kept = Math.floor((512 - 33 - edns.length) / 16);
    expect(cut(response, 512)).toEqual(
      message({ flags: FLAGS | TC, questions: [question()], answers: answers(kept), additionals: [edns] }),
    );
  });

  it('drops the options of an OPT that leaves no room for the question', () => {
    const edns = opt({ extendedRcode: 1, flags: 0x8000, options: [option(15, Buffer.alloc(600))] });
    const response = message({ flags: FLAGS, questions: [question()], additionals: [edns] });
    expect(cut(response, 512)).toEqual(
      message({
        flags: FLAGS | TC,
        questions: [question()],
        additionals: [opt({ extendedRcode: 1, flags: 0x8000 })],
      }),
    );
  });

  it('cuts authority and additional sections with true counts', () => {
    const big = record({ rdata: Buffer.alloc(200) });
    const response = message({
      flags: FLAGS,
      questions: [question()],
      answers: answers(1),
      authorities: [big, big],
      additionals: [big, opt(), record()],
    });
    expect(cut(response, 512)).toEqual(
      message({
        flags: FLAGS | TC,
        questions: [question()],
        answers: answers(1),
        authorities: [big, big],
        additionals: [opt()],
      }),
    );
  });

  it('drops questions that do not fit', () => {
    const questions = Array.from({ length: 60 }, () => question());
    expect(cut(message({ flags: FLAGS, questions }), 512)).toEqual(message({ flags: FLAGS | TC }));
  });

  it('drops octets behind the last record', () => {
    const trailing = Buffer.alloc(600);
    expect(
      cut(message({ flags: FLAGS, questions: [question()], answers: answers(2), trailing }), 512),
    ).toEqual(message({ flags: FLAGS | TC, questions: [question()], answers: answers(2) }));
  });

  it('always gives a well-formed message within the limit that is a prefix of the records', () => {
    fc.assert(
      fc.property(anyMessage, fc.integer({ min: 512, max: 1300 }), (response, limitBytes) => {
        const whole = walk(response);
        const reply = cut(response, limitBytes);
        const layout = walk(reply);
        expect(layout.fault).toBeNull();
        expect(layout.end).toBe(reply.length);
        expect(reply.length).toBeLessThanOrEqual(limitBytes);
        expect(isTruncated(reply)).toBe(true);
        expect(layout.optOffset === -1).toBe(whole.optOffset === -1);
        const recordsEnd = layout.optOffset === -1 ? layout.end : layout.optOffset;
        expect(reply.subarray(12, recordsEnd)).toEqual(response.subarray(12, recordsEnd));
        expect(countOf(reply, COUNT_OFFSET.QUESTION)).toBe(countOf(response, COUNT_OFFSET.QUESTION));
      }),
      { numRuns: 500 },
    );
  });
});
