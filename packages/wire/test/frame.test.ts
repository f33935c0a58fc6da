import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameParser, frame, MessageTooLongError } from '../src/index.ts';

function parse(...chunks: Buffer[]): { messages: Buffer[]; pendingBytes: number } {
  const parser = new FrameParser();
  const messages: Buffer[] = [];
  for (const chunk of chunks) parser.push(chunk, (message) => messages.push(message));
  return { messages, pendingBytes: parser.pendingBytes };
}

describe('frame', () => {
  it('puts the length first', () => {
    expect(frame(Buffer.from('abc'))).toEqual(Buffer.from('\u0000\u0003abc'));
    expect(frame(Buffer.alloc(65_535)).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xff]));
  });

  it('refuses what no prefix can say', () => {
    expect(() => frame(Buffer.alloc(65_536))).toThrow(MessageTooLongError);
  });
});

describe('FrameParser', () => {
  const messages = [Buffer.from('first'), Buffer.alloc(0), Buffer.alloc(65_535, 1), Buffer.from('x')];
  const stream = Buffer.concat(messages.map(frame));

  it('gives every frame of one chunk without a copy', () => {
    const parsed = parse(stream);
    expect(parsed).toEqual({ messages, pendingBytes: 0 });
    expect(parsed.messages[0]?.buffer).toBe(stream.buffer);
  });

  it('takes one octet at a time', () => {
    const small = Buffer.concat([
      frame(Buffer.from('first')),
      frame(Buffer.alloc(0)),
      frame(Buffer.from('x')),
    ]);
    expect(parse(...Array.from(small, (octet) => Buffer.from([octet])))).toEqual({
      messages: [Buffer.from('first'), Buffer.alloc(0), Buffer.from('x')],
      pendingBytes: 0,
    });
  });

  it('says how much it holds of a frame', () => {
    expect(parse(Buffer.from([0])).pendingBytes).toBe(1);
    expect(parse(Buffer.from([0, 5, 1, 2])).pendingBytes).toBe(4);
    expect(parse(Buffer.from([0, 5, 1]), Buffer.from([2, 3, 4, 5])).pendingBytes).toBe(0);
  });

  it('does not let a later chunk change an earlier message', () => {
    const chunk = Buffer.from([0, 2, 7]);
    const parser = new FrameParser();
    const seen: Buffer[] = [];
    parser.push(chunk, (message) => seen.push(message));
    chunk.fill(0);
    parser.push(Buffer.from([8, 0, 2, 9]), (message) => seen.push(message));
    parser.push(Buffer.from([9]), (message) => seen.push(message));
    expect(seen).toEqual([Buffer.from([7, 8]), Buffer.from([9, 9])]);
  });

  it('gives the same messages however the stream is cut', () => {
    const cut = fc.record({
      messages: fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 8 }),
      cuts: fc.array(fc.nat(3_000), { maxLength: 12 }),
      rest: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(cut, ({ messages, cuts, rest }) => {
        const expected = messages.map((each) => Buffer.from(each));
        const stump = Buffer.concat([Buffer.from([0, 41]), Buffer.from(rest)]).subarray(0, rest.length);
        const whole = Buffer.concat([...expected.map(frame), stump]);
        const points = [0, ...cuts.filter((each) => each < whole.length).sort((a, b) => a - b), whole.length];
        const chunks = points.slice(1).map((point, i) => whole.subarray(points[i], point));
        expect(parse(...chunks)).toEqual({ messages: expected, pendingBytes: rest.length });
      }),
      { numRuns: 500 },
    );
  });
});
