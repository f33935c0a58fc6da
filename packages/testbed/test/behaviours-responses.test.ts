import dnsPacket from 'dns-packet';
import { describe, expect, it } from 'vitest';
import * as behaviours from '../src/behaviours/index.ts';
import { answers, ednsOptions, findOpt, framed, recordsOf } from '../src/message.ts';
import { query } from '../src/query.ts';
import { clientOf, upstreamWith } from './fixture.ts';

const plain = query({ name: 'ExAmple.com', id: 0x1234 });
const edns = query({ name: 'ExAmple.com', id: 0x1234, edns: {} });

async function answerUnder(behaviour: behaviours.Behaviour, asked = edns): Promise<Buffer> {
  const client = await clientOf(await upstreamWith([behaviour]));
  return client.ask(asked);
}

describe('responses that do not fit the query', () => {
  it.each([
    ['wrongId', behaviours.wrongId(), { id: 0x1235 }],
    ['wrongQuestion name', behaviours.wrongQuestion('name'), { questions: [{ name: 'zxAmple.com' }] }],
    ['wrongQuestion type', behaviours.wrongQuestion('type'), { questions: [{ type: 'UNKNOWN_65' }] }],
    ['wrongQuestion class', behaviours.wrongQuestion('class'), { questions: [{ class: 'CH' }] }],
    [
      'twoQuestions',
      behaviours.twoQuestions(),
      { questions: [{ name: 'ExAmple.com' }, { name: 'ExAmple.com' }] },
    ],
    ['noQuestion', behaviours.noQuestion(), { id: 0x1234, questions: [], answers: [] }],
    ['qr0', behaviours.qr0(), { type: 'query' }],
    ['otherOpcode', behaviours.otherOpcode(), { opcode: 'NOTIFY' }],
  ])('%s', async (_name, behaviour, expected) => {
    const response = await answerUnder(behaviour);
    expect(dnsPacket.decode(response)).toMatchObject(expected);
    expect(answers(edns, response)).toBe(false);
  });

  it('lowercaseQuestion still answers', async () => {
    const response = await answerUnder(behaviours.lowercaseQuestion());
    expect(dnsPacket.decode(response).questions).toMatchObject([{ name: 'example.com' }]);
    expect(answers(edns, response)).toBe(true);
  });

  it('wrongCounts and cutMessage cannot be decoded whole', async () => {
    for (const behaviour of [behaviours.wrongCounts(), behaviours.cutMessage()]) {
      const response = await answerUnder(behaviour, plain);
      expect(recordsOf(response).length).toBeLessThan(response.readUInt16BE(6));
    }
  });

  it('compressionLoop has an owner that points at itself', async () => {
    const response = await answerUnder(behaviours.compressionLoop());
    const start = recordsOf(response)[0]?.start ?? 0;
    expect(response.readUInt16BE(start)).toBe(0xc000 | start);
  });

  it('duplicate sends every answer twice', async () => {
    const client = await clientOf(await upstreamWith([behaviours.duplicate()]));
    client.send(plain);
    const [one, other] = await client.received(2);
    expect(one).toEqual(other);
  });

  it('unasked sends a response before any query, and one before each answer', async () => {
    const client = await clientOf(await upstreamWith([behaviours.unasked()]));
    await client.received(1);
    client.send(plain);
    const messages = await client.received(3);
    expect(messages.map((message) => answers(plain, message))).toEqual([false, false, true]);
    expect(messages.every((message) => dnsPacket.decode(message).type === 'response')).toBe(true);
  });
});

describe('what responses say', () => {
  it('fixedBytes replays a message with the ID and the letter case of the query', async () => {
    const recorded = dnsPacket.encode({
      type: 'response',
      id: 1,
      questions: [{ type: 'A', name: 'example.com' }],
      answers: [{ type: 'A', name: 'example.com', data: '192.0.2.77' }],
    });
    const response = await answerUnder(behaviours.fixedBytes(recorded));
    expect(response.subarray(29)).toEqual(recorded.subarray(29));
    expect(dnsPacket.decode(response)).toMatchObject({ id: 0x1234, questions: [{ name: 'ExAmple.com' }] });
  });

  it('rcode, truncated and authenticData set their bits alone', async () => {
    const sound = await answerUnder(behaviours.answer());
    const changed = await answerUnder(behaviours.rcode(5));
    expect(changed[3]).toBe((sound[3] ?? 0) | 5);
    expect((await answerUnder(behaviours.truncated()))[2]).toBe((sound[2] ?? 0) | 0x02);
    expect((await answerUnder(behaviours.authenticData()))[3]).toBe((sound[3] ?? 0) | 0x20);
  });

  it.each([16, 23, 3841, 4095])('extendedRcode %i', async (value) => {
    const response = await answerUnder(behaviours.extendedRcode(value), plain);
    const opt = findOpt(response);
    expect(((response[(opt?.start ?? 0) + 5] ?? 0) << 4) | ((response[3] ?? 0) & 15)).toBe(value);
  });

  it('withOpt and noOpt replace and remove the OPT', async () => {
    const response = await answerUnder(behaviours.withOpt({ udpSize: 4096, version: 1, z: 5 }), plain);
    expect(dnsPacket.decode(response).additionals).toMatchObject([
      { type: 'OPT', udpPayloadSize: 4096, ednsVersion: 1, flags: 5 },
    ]);
    expect(dnsPacket.decode(await answerUnder(behaviours.noOpt())).additionals).toEqual([]);
  });

  it('padding fills to the block', async () => {
    for (const asked of [plain, edns, query({ name: 'big.example.com', type: 'TXT', edns: {} })]) {
      expect((await answerUnder(behaviours.padding(468), asked)).length % 468).toBe(0);
    }
  });

  it('keepalive, cookie and ede add their options to one OPT', async () => {
    const upstream = await upstreamWith([
      behaviours.keepalive(300),
      behaviours.cookie(),
      behaviours.ede(22, 'why'),
    ]);
    const response = await (await clientOf(upstream)).ask(edns);
    expect(ednsOptions(response).map(({ code, data }) => [code, data.toString('hex')])).toEqual([
      [11, '012c'],
      [10, 'c0'.repeat(24)],
      [15, '0016776879'],
    ]);
    expect(recordsOf(response).filter(({ type }) => type === 41)).toHaveLength(1);
  });

  it.each([600, 20_000, 65_535])('bigAnswer makes %i octets', async (bytes) => {
    const response = await answerUnder(behaviours.bigAnswer(bytes));
    expect(response).toHaveLength(bytes);
    expect(dnsPacket.decode(response).answers).toHaveLength(1);
  });

  it('formerrOnOpt refuses an OPT and answers without', async () => {
    expect(dnsPacket.decode(await answerUnder(behaviours.formerrOnOpt()))).toMatchObject({
      rcode: 'FORMERR',
      additionals: [],
    });
    expect(dnsPacket.decode(await answerUnder(behaviours.formerrOnOpt(), plain)).answers).toHaveLength(1);
  });

  it('optInTheMiddle has a pointer at a name behind the OPT', async () => {
    const response = await answerUnder(behaviours.optInTheMiddle());
    expect(dnsPacket.decode(response).additionals?.map(({ name, type }) => [name, type])).toEqual([
      ['ExAmple.com', 'A'],
      ['.', 'OPT'],
      ['behind.example.com', 'A'],
      ['behind.example.com', 'A'],
    ]);
  });
});

describe('how answers lie in the stream', () => {
  const asked = query({ name: 'example.com', id: 3 });

  it('zeroLengthFrame, shortFrame and randomFrame come before the answer', async () => {
    for (const [behaviour, length] of [
      [behaviours.zeroLengthFrame(), 0],
      [behaviours.shortFrame(5), 5],
      [behaviours.randomFrame(500), 500],
    ] as const) {
      const client = await clientOf(await upstreamWith([behaviour]));
      client.send(asked);
      const messages = await client.received(2);
      expect(messages[0]).toHaveLength(length);
      expect(answers(asked, messages[1] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it('randomGarbage is no frame', async () => {
    const client = await clientOf(await upstreamWith([behaviours.randomGarbage(500)]));
    client.send(asked);
    await client.until(() => client.recordBytes.length > 0, 'garbage');
    expect(client.recordBytes).toEqual([500]);
  });

  it('cutFrame ends in the midst of a frame without close_notify', async () => {
    const client = await clientOf(await upstreamWith([behaviours.cutFrame(10)]));
    client.send(asked);
    await client.until(() => client.closed, 'the end');
    expect([client.recordBytes, client.messages]).toEqual([[10], []]);
  });

  it('splitFrames sends one octet in each record, frame after frame', async () => {
    const client = await clientOf(await upstreamWith([behaviours.splitFrames(1)]));
    client.send(asked, asked);
    const messages = await client.received(2);
    const octets = messages.reduce((sum, message) => sum + framed(message).length, 0);
    expect(messages.every((message) => answers(asked, message))).toBe(true);
    expect(client.recordBytes).toEqual(Array.from({ length: octets }, () => 1));
  });

  it('manyFramesPerRecord sends its frames in one record', async () => {
    const client = await clientOf(await upstreamWith([behaviours.manyFramesPerRecord(10)]));
    client.send(...Array.from({ length: 10 }, () => asked));
    await client.received(10);
    expect(client.recordBytes).toHaveLength(1);
  });
});

describe('behaviours by name', () => {
  it('parses names with numbers', () => {
    expect(behaviours.parseBehaviour('delay=20').name).toBe('delay');
    expect(behaviours.parseBehaviour('silence').name).toBe('silence');
  });

  it.each(['nonsense', 'delay=soon', 'toString', ''])('refuses "%s"', (text) => {
    expect(() => behaviours.parseBehaviour(text)).toThrow(RangeError);
  });

  it('makes every one of them', () => {
    for (const name of Object.keys(behaviours.NAMED_BEHAVIOURS)) {
      expect(behaviours.parseBehaviour(name).name).toEqual(expect.any(String));
    }
  });
});
