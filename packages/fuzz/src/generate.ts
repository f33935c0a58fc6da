import { framed } from '@tridot/testbed';
import type { Batch, Setting, Stream } from './batch.ts';
import { anyCuts, cutAt } from './cutting.ts';
import { Dice, seedOf } from './dice.ts';
import { generateAnswers } from './generate-answers.ts';
import { FUZZ_LIMITS } from './limits.ts';
import { withId } from './message-id.ts';
import { mutate } from './mutate/index.ts';
import { hostileQuery, soundQuery } from './queries.ts';

/** Where the wrong bytes come from: clients, the upstream, or now these and now those. */
export type Side = 'client' | 'upstream' | 'both';

const SETTINGS: readonly Setting[] = ['usual', 'usual', 'usual', 'tight', 'remembering'];
const MAX_DATAGRAM_BYTES = 65_507;
const STREAMS_PER_BATCH = 4;
/** More than one connection may have in flight by default (128). */
const LONG_PIPELINE = 200;

/** The batch of one iteration: the same for the same seed, whatever was tried before. */
export function generateBatch(runSeed: number, iteration: number, side: Side): Batch {
  const dice = new Dice(seedOf(runSeed, iteration));
  const setting = dice.pick(SETTINGS);
  const upstream = side === 'upstream' || (side === 'both' && iteration % 2 === 1);
  return { setting, ...(upstream ? generateAnswers(dice) : fromClients(dice)) };
}

/** A message as a client may send it: sound, hostile, or one of these made wrong. */
export function clientMessage(dice: Dice): Buffer {
  const source = () => (dice.chance(0.7) ? soundQuery(dice) : hostileQuery(dice));
  return dice.chance(0.1) ? source() : mutate(source(), dice, source);
}

function fromClients(dice: Dice): Omit<Batch, 'setting'> {
  const datagrams: Buffer[] = [];
  let bytes = 0;
  for (let left: number = FUZZ_LIMITS.datagramsPerBatch.default; left > 0; left -= 1) {
    const datagram = clientMessage(dice).subarray(0, MAX_DATAGRAM_BYTES);
    bytes += datagram.length;
    if (bytes > FUZZ_LIMITS.batchBytes.default && datagrams.length > 0) break;
    datagrams.push(datagram);
  }
  const resets = dice.chance(0.15);
  const streams = Array.from({ length: dice.below(STREAMS_PER_BATCH + 1) }, () => anyStream(dice, resets));
  return { datagrams, streams, answers: [] };
}

function anyStream(dice: Dice, mayReset: boolean): Stream {
  const pipeline = dice.chance(0.03) ? LONG_PIPELINE : dice.between(1, 12);
  const sound = dice.chance(0.3);
  // Most frames of a long row are sound: a bad one ends the connection.
  const wrongShare = sound ? 0 : Math.min(0.5, 3 / pipeline);
  const sameId = dice.chance(0.05);
  const frames = Array.from({ length: pipeline }, (_, id) => {
    const message = dice.chance(wrongShare) ? clientMessage(dice) : soundQuery(dice);
    return framed(withId(message, sameId ? 0 : id));
  });
  const starts: number[] = [];
  let length = 0;
  for (const frame of frames) {
    starts.push(length);
    length += frame.length;
  }
  const whole = Buffer.concat(frames);
  const stream = dice.chance(0.15) ? brokenStream(whole, dice) : whole;
  return {
    chunks: cutAt(stream, anyCuts(stream.length, dice, starts)),
    ending: mayReset && dice.chance(0.5) ? 'reset' : 'half-close',
  };
}

/** Cut off, with octets more, or with a prefix that lies. */
function brokenStream(stream: Buffer, dice: Dice): Buffer {
  const lie = Buffer.alloc(2);
  lie.writeUInt16BE(dice.pick([0, 1, 11, 12, 0xffff, dice.uint16()]));
  return dice.pick([
    () => stream.subarray(0, dice.below(stream.length)),
    () => Buffer.concat([stream, dice.octets(dice.between(1, 20))]),
    () => Buffer.concat([stream, lie]),
    () => Buffer.concat([lie, stream]),
    () => Buffer.concat([lie, stream.subarray(2)]),
  ])();
}
