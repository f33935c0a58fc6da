import { answerFromZone, framed, HEADER_BYTES, query, questionEnd, TYPE } from '@tridot/testbed';
import type { Attempt, Batch, Ending, ScriptedAnswer, Write } from './batch.ts';
import { anyCuts, cutAt } from './cutting.ts';
import type { Dice } from './dice.ts';
import { FUZZ_LIMITS } from './limits.ts';
import { anyEdns } from './mutate/edns.ts';
import { mutate } from './mutate/index.ts';

/** One query may be sent three times, so it survives two lost connections. */
const MAX_LOST_CONNECTIONS = 2;
const ENDINGS: readonly Ending[] = ['close-notify', 'fin', 'fin', 'reset'];
/** First labels that the example zone answers with so many records, octets, or this RCODE. */
const SHAPES: readonly ((dice: Dice) => string)[] = [
  (dice) => `token-${dice.below(1_000)}`,
  (dice) => `records-${dice.below(60)}`,
  (dice) => `size-${dice.pick([512, 1_232]) + dice.between(-20, 20)}`,
  (dice) => `size-${dice.between(100, 3_000)}`,
  (dice) => `rcode-${dice.below(24)}`,
];

/** Sound queries of clients, and for each what the upstream makes of it. */
export function generateAnswers(dice: Dice): Omit<Batch, 'setting'> {
  const faults = dice.chance(0.12);
  let losses = faults ? MAX_LOST_CONNECTIONS : 0;
  // What is remembered of another batch must not answer this one.
  const place = dice.below(1_000_000);
  const datagrams: Buffer[] = [];
  const frames: Buffer[] = [];
  const answers: ScriptedAnswer[] = [];
  const count = faults ? dice.between(1, 8) : FUZZ_LIMITS.answersPerBatch.default;
  for (let id = 0; id < count; id += 1) {
    const asked = clientQuery(id, place, dice);
    const lost = losses > 0 && dice.chance(0.4);
    if (lost) losses -= 1;
    if (dice.chance(0.5)) datagrams.push(asked);
    else frames.push(framed(asked));
    const question = asked.subarray(HEADER_BYTES, questionEnd(asked));
    answers.push({ question, attempts: [lost ? losingAttempt(asked, dice) : wrongAttempt(asked, dice)] });
  }
  const stream = Buffer.concat(frames);
  const chunks = cutAt(stream, dice.chance(0.2) ? anyCuts(stream.length, dice) : []);
  return { datagrams, streams: frames.length === 0 ? [] : [{ chunks, ending: 'half-close' }], answers };
}

/** Each has a name of its own, so that the upstream knows which answer is meant. */
function clientQuery(id: number, place: number, dice: Dice): Buffer {
  const edns = anyEdns(dice);
  return query({
    id,
    name: `${dice.pick(SHAPES)(dice)}.U${id}.P${place}.example.com`,
    type: dice.pick([TYPE.A, TYPE.TXT, TYPE.AAAA, TYPE.MX, TYPE.ANY, TYPE.UNKNOWN]),
    flags: dice.chance(0.8) ? ['rd'] : ['rd', 'ad', 'cd'],
    ...(dice.chance(0.6) ? { edns: { ...edns, version: 0 } } : {}),
  });
}

function wrongAttempt(asked: Buffer, dice: Dice): Attempt {
  const writes: Write[] = [message(wrongAnswer(asked, dice), dice)];
  if (dice.chance(0.1)) writes.push(message(wrongAnswer(asked, dice), dice));
  if (dice.chance(0.05)) writes.unshift({ ...message(trueAnswer(asked, dice), dice), wrongIdBits: 1 });
  return { writes, ending: 'truth' };
}

/** The connection does not survive this: half a frame, no frame, octets beneath TLS, or simply its end. */
function losingAttempt(asked: Buffer, dice: Dice): Attempt {
  const ending = dice.pick(ENDINGS);
  const wrong = wrongAnswer(asked, dice);
  const frame = framed(wrong);
  const octets = (kind: Write['kind'], bytes: Buffer): Write => ({
    kind,
    octets: bytes,
    wrongIdBits: 0,
    cuts: anyCuts(bytes.length, dice),
  });
  return dice.pick<() => Attempt>([
    () => ({ writes: [], ending }),
    () => ({ writes: [message(wrong, dice)], ending }),
    () => ({ writes: [octets('octets', frame.subarray(0, dice.below(frame.length)))], ending }),
    () => ({ writes: [octets('octets', dice.octets(dice.between(1, 200)))], ending }),
    () => ({ writes: [message(wrong.subarray(0, dice.below(HEADER_BYTES)), dice)], ending: 'truth' }),
    () => ({ writes: [octets('plain', dice.octets(dice.between(1, 60)))], ending }),
    () => ({ writes: [octets('plain', Buffer.from('15030300020228', 'hex'))], ending }),
  ])();
}

function message(octets: Buffer, dice: Dice): Write {
  return {
    kind: 'message',
    octets,
    wrongIdBits: mayHaveWrongId(octets) && dice.chance(0.05) ? 1 << dice.below(16) : 0,
    cuts: dice.chance(0.3) ? anyCuts(octets.length + 2, dice) : [],
  };
}

/** Without a question only the ID says whose response it is, and a wrong one could be another query's. */
function mayHaveWrongId(octets: Buffer): boolean {
  return octets.length >= HEADER_BYTES && octets.readUInt16BE(4) === 1;
}

function wrongAnswer(asked: Buffer, dice: Dice): Buffer {
  const wrong = mutate(trueAnswer(asked, dice), dice, () => trueAnswer(asked, dice));
  // A shorter one would cost the connection: that is for the attempts that are meant to.
  return wrong.length < HEADER_BYTES ? trueAnswer(asked, dice) : wrong;
}

/** What the example zone says, to the query as the client wrote it or with an OPT as the upstream gets it. */
function trueAnswer(asked: Buffer, dice: Dice): Buffer {
  const end = questionEnd(asked);
  const name = asked.subarray(HEADER_BYTES, end - 4);
  const edns = dice.chance(0.8) ? { edns: { udpSize: 65_535, dnssecOk: dice.chance(0.3) } } : {};
  const upward = query({ id: 0, name, type: asked.readUInt16BE(end - 4), ...edns });
  return answerFromZone(upward) ?? upward;
}
