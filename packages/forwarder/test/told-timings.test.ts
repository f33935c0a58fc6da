import { createCache } from '@tridot/cache';
import { describe, expect, it } from 'vitest';
import { message, opt, option, question, record, uint16 } from '../../wire/test/build-message.ts';
import { createForwarder, type Timings } from '../src/index.ts';
import { client, octets } from './subject.ts';

const TIMINGS: Timings = {
  queueMs: 0.123,
  dialMs: 1,
  tlsMs: 2.5,
  waitMs: 12.349,
  tls: 'resumed',
  connectionAgeMs: 14.9,
  sends: 1,
};
const ANSWERED =
  /^upstream dns\.example: queue 0\.12 ms, dial 1 ms, tls 2\.5 ms, wait 12\.35 ms, reply [\d.]+ ms; connection 14\.9 ms old, resumed handshake$/;
const QUERY = message({ questions: [question()], additionals: [opt()] });
const ANSWER = record({ rdata: Buffer.from([192, 0, 2, 1]) });
const RESPONSE = message({
  flags: 0x8180,
  questions: [question()],
  answers: [ANSWER],
  additionals: [opt()],
});

class Failure extends Error {
  readonly ede = 22;
  readonly timings = { ...TIMINGS, sends: 2 };
}

interface Told {
  readonly code: number;
  readonly text: string;
}

/** The extended errors of a reply whose OPT lies last. */
function toldIn(reply: Buffer, optBytesFrom: number): Told[] {
  const told: Told[] = [];
  let offset = optBytesFrom + 11;
  expect(reply.readUInt16BE(optBytesFrom + 9)).toBe(reply.length - offset);
  while (offset < reply.length) {
    const end = offset + 4 + reply.readUInt16BE(offset + 2);
    if (reply.readUInt16BE(offset) === 15) {
      told.push({ code: reply.readUInt16BE(offset + 4), text: reply.subarray(offset + 6, end).toString() });
    }
    offset = end;
  }
  return told;
}

interface Given {
  readonly response?: Buffer;
  readonly failure?: Error;
  readonly tellsTimings?: boolean;
  readonly timings?: Timings | null;
}

function forwarderWith({ response = RESPONSE, failure, tellsTimings = true, timings = TIMINGS }: Given = {}) {
  const asked: unknown[] = [];
  const { handle } = createForwarder({
    upstream: {
      async ask(query) {
        asked.push(query);
        if (failure !== undefined) throw failure;
        const known = timings === null ? {} : { timings };
        return { message: Buffer.from(response), upstream: 'dns.example', ...known };
      },
    },
    observer: { onFinished() {}, onInternalError() {} },
    cache: createCache(),
    tellsTimings,
  });
  const ask = async (query: Buffer, transport: 'udp' | 'tcp' = 'udp') =>
    octets(await handle(query, client(transport)));
  return { asked, ask };
}

const OPT_IN_RESPONSE = RESPONSE.length - 11;

describe('with tellsTimings', () => {
  it('a reply says which upstream answered, and where the time went', async () => {
    const reply = await forwarderWith().ask(QUERY);
    expect(reply.subarray(0, OPT_IN_RESPONSE)).toEqual(RESPONSE.subarray(0, OPT_IN_RESPONSE));
    expect(toldIn(reply, OPT_IN_RESPONSE)).toEqual([{ code: 0, text: expect.stringMatching(ANSWERED) }]);
  });

  it('says it behind the options of the upstream', async () => {
    const options = [option(15, Buffer.concat([uint16(4), Buffer.from('forged')]))];
    const response = message({
      flags: 0x8180,
      questions: [question()],
      answers: [ANSWER],
      additionals: [opt({ options })],
    });
    const told = toldIn(await forwarderWith({ response }).ask(QUERY), OPT_IN_RESPONSE);
    expect(told.map(({ code }) => code)).toEqual([4, 0]);
  });

  it('names the upstream where nothing is known of the time', async () => {
    const told = toldIn(await forwarderWith({ timings: null }).ask(QUERY), OPT_IN_RESPONSE);
    expect(told).toEqual([{ code: 0, text: 'upstream dns.example' }]);
  });

  it('tells it of a failure, beside the reason', async () => {
    const failure = new Failure('upstream dns.example: connection closed (wait, connection 15 ms old)');
    const reply = await forwarderWith({ failure }).ask(QUERY);
    expect(toldIn(reply, QUERY.length - 11)).toEqual([
      { code: 22, text: '' },
      {
        code: 0,
        text: 'upstream dns.example: connection closed (wait, connection 15 ms old); queue 0.12 ms, dial 1 ms, tls 2.5 ms, wait 12.35 ms; sent 2 times',
      },
    ]);
  });

  it('names the upstream of a response that cannot be used', async () => {
    const response = message({ flags: 0x8180, questions: [question('other.example')] });
    const told = toldIn(await forwarderWith({ response }).ask(QUERY), QUERY.length - 11);
    expect(told[1]?.text).toMatch(
      /^upstream dns\.example: response does not answer the query \(reply, connection 15 ms old\); queue/,
    );
  });

  it('tells nothing of a mistake of ours', async () => {
    const reply = await forwarderWith({ failure: new Error('x is undefined') }).ask(QUERY);
    expect(toldIn(reply, QUERY.length - 11)).toEqual([{ code: 23, text: '' }]);
  });

  it('an equal query that only waited is told so', async () => {
    const { ask, asked } = forwarderWith();
    const replies = await Promise.all([ask(QUERY), ask(QUERY)]);
    const [first, second] = replies.map((reply) => toldIn(reply, OPT_IN_RESPONSE)[0]?.text);
    expect(asked).toHaveLength(1);
    expect(first).toMatch(ANSWERED);
    expect(second).toMatch(/wait 12\.35 ms; connection 14\.9 ms old, resumed handshake; of an equal query$/);
  });

  it('is not kept: what comes from the cache tells nothing', async () => {
    const { ask, asked } = forwarderWith();
    await ask(QUERY);
    expect(toldIn(await ask(QUERY), OPT_IN_RESPONSE)).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('tells nothing to a client without OPT', async () => {
    const query = message({ questions: [question()] });
    const bare = message({ flags: 0x8180, questions: [question()], answers: [ANSWER] });
    expect(await forwarderWith().ask(query, 'tcp')).toEqual(bare);
    expect(await forwarderWith({ failure: new Failure('no') }).ask(query)).toEqual(
      message({ flags: 0x8182, questions: [question()] }),
    );
  });

  it('leaves a signed exchange as it is', async () => {
    const tsig = record({ owner: 'key.example', type: 250, recordClass: 255, rdata: Buffer.alloc(16) });
    const query = message({ questions: [question()], additionals: [opt(), tsig] });
    const response = message({ flags: 0x8180, questions: [question()], additionals: [opt(), tsig] });
    expect(await forwarderWith({ response }).ask(query)).toEqual(response);
    const signedOnly = await forwarderWith({ response }).ask(QUERY);
    expect(signedOnly.includes('dns.example')).toBe(false);
  });

  it('leaves it out of a reply whose OPT is not last', async () => {
    const response = message({
      flags: 0x8180,
      questions: [question()],
      additionals: [opt(), ANSWER],
    });
    expect((await forwarderWith({ response }).ask(QUERY)).includes('dns.example')).toBe(false);
  });

  /** A response that is longer by so many octets of one record. */
  function padded(bytes: number): Buffer {
    return message({
      flags: 0x8180,
      questions: [question()],
      answers: [record({ type: 65_280, rdata: Buffer.alloc(bytes) })],
      additionals: [opt({ udpSize: 1_232 })],
    });
  }

  it.each([512, 900, 1_232])(
    'never makes a UDP reply longer than the %i octets of the client',
    async (size) => {
      const query = message({ questions: [question()], additionals: [opt({ udpSize: size })] });
      const empty = padded(0).length;
      let told = 0;
      for (let room = 0; room < 260; room++) {
        const response = padded(size - empty - room);
        const reply = await forwarderWith({ response }).ask(query);
        expect(reply.length).toBeLessThanOrEqual(size);
        expect((reply[2] ?? 0) & 0x02).toBe(0);
        if (reply.includes('dns.example')) told++;
        else expect(reply.length).toBe(response.length);
      }
      expect(told).toBeGreaterThan(50);
      expect(told).toBeLessThan(200);
    },
  );

  it('never makes a TCP reply longer than a message may be', async () => {
    const empty = padded(0).length;
    const response = padded(65_535 - empty - 20);
    expect(await forwarderWith({ response }).ask(QUERY, 'tcp')).toHaveLength(65_515);
    const shorter = padded(65_535 - empty - 400);
    expect((await forwarderWith({ response: shorter }).ask(QUERY, 'tcp')).includes('dns.example')).toBe(true);
  });
});

it('tells nothing unless it was asked to', async () => {
  const reply = await forwarderWith({ tellsTimings: false }).ask(QUERY);
  expect(reply).toHaveLength(RESPONSE.length);
});
