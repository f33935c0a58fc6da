import { answerFromZone, HEADER_BYTES, questionEnd, rcodeOf } from '@tridot/testbed';
import type { Batch, ScriptedAnswer } from './batch.ts';
import { framesIn } from './cutting.ts';
import { type Meaning, meaningOf, meansTheSame } from './meaning.ts';
import { idOf } from './message-id.ts';
import type { Outcome } from './outcome.ts';
import { hasTrueCounts } from './reading.ts';

/** FORMERR, SERVFAIL, NOTIMP. */
const OUR_RCODES: readonly number[] = [1, 2, 4];
const TC = 0x02;

/**
 * Whether clients were told what the upstream said: each reply to a question of the script says what one of the scripted
 * messages or the true answer says, but for OPT, or it is an error of ours.
 *
 * @returns what is not so, in words; null: all is.
 */
export function judgeFaith(batch: Batch, outcome: Outcome): string | null {
  const scripts = new Map(batch.answers.map((answer) => [answer.question.toString('latin1'), answer]));
  const replies = [...outcome.datagrams, ...outcome.streams.map((stream) => stream.replies)].flat();
  for (const reply of replies) {
    const script = scripts.get(questionOf(reply));
    // A truncated reply says less.
    if (script === undefined || ((reply[2] ?? 0) & TC) !== 0 || isOurError(reply)) continue;
    const meaning = meaningOf(reply);
    const sources = [...scripted(script), ...truths(script, outcome)];
    if (!sources.some((source) => meansTheSame(source, meaning))) {
      return `a reply that the upstream never gave: ${reply.toString('hex')} (ID ${idOf(reply)})`;
    }
  }
  return null;
}

/**
 * Whether the upstream was asked what clients asked: each query that it saw says what one of theirs says, but for OPT.
 *
 * @returns what is not so, in words; null: all is.
 */
export function judgeUpward(batch: Batch, outcome: Outcome): string | null {
  const frames = batch.streams.flatMap(({ chunks }) => framesIn(Buffer.concat(chunks)).messages);
  const asked = [...batch.datagrams, ...frames]
    .filter((query) => query.length >= HEADER_BYTES && hasTrueCounts(query))
    .map(meaningOf);
  for (const query of outcome.seen) {
    const meaning = meaningOf(query);
    if (!asked.some((source) => meansTheSame(source, meaning))) {
      return `a query that no client asked: ${query.toString('hex')}`;
    }
  }
  return null;
}

function isOurError(reply: Buffer): boolean {
  return OUR_RCODES.includes(rcodeOf(reply)) && reply.readUInt32BE(6) === 0;
}

function scripted({ attempts }: ScriptedAnswer): Meaning[] {
  return attempts
    .flatMap(({ writes }) => writes)
    .filter(
      ({ kind, octets }) => kind === 'message' && octets.length >= HEADER_BYTES && hasTrueCounts(octets),
    )
    .map(({ octets }) => meaningOf(octets));
}

/** The true answers to the question in every form in which it went up. */
function truths({ question }: ScriptedAnswer, { seen }: Outcome): Meaning[] {
  return seen
    .filter((query) => questionOf(query) === question.toString('latin1'))
    .flatMap((query) => answerFromZone(query) ?? [])
    .map(meaningOf);
}

function questionOf(message: Buffer): string {
  return message.toString('latin1', HEADER_BYTES, Math.max(HEADER_BYTES, questionEnd(message)));
}
