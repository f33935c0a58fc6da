import {
  answerFromZone,
  type Behaviour,
  type Connection,
  type Exchange,
  framed,
  HEADER_BYTES,
  messageId,
  questionEnd,
  startUpstream,
  type TestUpstream,
  withUInt16,
} from '@tridot/testbed';
import { AUTH_NAME, type Authority } from './authority.ts';
import type { Attempt, Ending, ScriptedAnswer, Write } from './batch.ts';
import { cutAt } from './cutting.ts';

const NOTHING = Buffer.alloc(0);

/** One answer of the script, and how often it was asked for. */
interface Progress {
  readonly answer: ScriptedAnswer;
  asked: number;
}

/** A DNS-over-TLS upstream that answers what its script says, else from the example zone, and notes what it is asked. */
export class ScriptedUpstream {
  readonly #upstream: TestUpstream;
  readonly #ended = new WeakSet<Connection>();
  readonly #script = new Map<string, Progress>();

  static async start(authority: Authority, note: (query: Buffer) => void): Promise<ScriptedUpstream> {
    const { ca, certificate } = authority;
    // Its own answerer is called for every query, so what it is asked is noted there.
    const upstream = await startUpstream({
      ca,
      certificate,
      authName: AUTH_NAME,
      journal: 'counts',
      answer: (query) => {
        note(query);
        return answerFromZone(query);
      },
    });
    return new ScriptedUpstream(upstream);
  }

  private constructor(upstream: TestUpstream) {
    this.#upstream = upstream;
  }

  /** As the proxy's settings want it. */
  get address(): string {
    return `tls://127.0.0.1:${this.#upstream.port}#${AUTH_NAME}`;
  }

  follow(answers: readonly ScriptedAnswer[]): void {
    this.#script.clear();
    for (const answer of answers) this.#script.set(keyOf(answer.question), { answer, asked: 0 });
    this.#upstream.behave(...(answers.length === 0 ? [] : [this.#behaviour]));
  }

  close(): Promise<void> {
    return this.#upstream.close();
  }

  readonly #behaviour: Behaviour = {
    name: 'script',
    query: (exchange, next) => {
      const attempt = this.#nextAttempt(exchange.query);
      if (attempt === undefined) next();
      else this.#perform(attempt, exchange, next);
    },
  };

  #perform({ writes, ending }: Attempt, { connection, query }: Exchange, truth: () => void): void {
    for (const write of writes) writeTo(connection, write, query);
    if (ending === 'truth') truth();
    else if (!this.#ended.has(connection)) this.#end(connection, ending);
  }

  /** At most once: a reset of a socket that is being shut down already fails, and leaves its descriptor open. */
  #end(connection: Connection, ending: Exclude<Ending, 'truth'>): void {
    this.#ended.add(connection);
    if (ending === 'close-notify') connection.halfClose();
    // What was written is to be out before the end.
    else connection.write(NOTHING, () => (ending === 'fin' ? connection.fin() : connection.reset()));
  }

  #nextAttempt(query: Buffer): Attempt | undefined {
    const end = questionEnd(query);
    const progress = end < 0 ? undefined : this.#script.get(keyOf(query.subarray(HEADER_BYTES, end)));
    if (progress === undefined) return undefined;
    progress.asked += 1;
    return progress.answer.attempts[progress.asked - 1];
  }
}

function keyOf(question: Buffer): string {
  return question.toString('latin1');
}

function writeTo(connection: Connection, { kind, octets, wrongIdBits, cuts }: Write, query: Buffer): void {
  const withId = octets.length < 2 ? octets : withUInt16(octets, 0, messageId(query) ^ wrongIdBits);
  const bytes = kind === 'message' ? framed(withId) : octets;
  for (const piece of cutAt(bytes, cuts)) {
    if (kind === 'plain') connection.inject(piece);
    else connection.write(piece);
  }
}
