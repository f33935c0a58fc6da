import type { Exchange, TestCa, TestUpstream } from '@tridot/testbed';
import { answerOf, responseTo } from './answers.ts';
import { type OptSpec, opt, query, record } from './bytes/build.ts';
import { type ReadMessage, read } from './bytes/read.ts';
import { type Client, TcpClient, type TcpEnd, UdpClient } from './client.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Exit, RunningSubject, Settings, Transport } from './subject.ts';

/** What the upstream responds to a query, at once or later; null: nothing. */
export type Script = (query: ReadMessage, exchange: Exchange) => Buffer | null | Promise<Buffer | null>;

export interface AskOptions {
  /** Default: a fresh one of the case's transport. */
  readonly client?: Client;
  /** Default: the deadline of the case. */
  readonly timeoutMs?: number;
}

/** What {@link CaseContext} is made of; the runner makes it. */
export interface ContextParts {
  readonly id: string;
  readonly transport: Transport;
  readonly subject: RunningSubject;
  readonly upstreams: readonly [TestUpstream, ...TestUpstream[]];
  readonly ca: TestCa;
  readonly settings: Settings;
  /** Within this a query is answered or refused. */
  readonly deadlineMs: number;
  /** Starts one more instance of the same subject. The runner stops it. */
  readonly startAnother: (settings: Settings) => Promise<RunningSubject>;
  /** The subject was asked whether it answers yet, until it did. */
  readonly probed: boolean;
}

/** Everything a case works with: its own subject, its own upstream, and clients. */
export class CaseContext {
  readonly transport: Transport;
  readonly subject: RunningSubject;
  /** The first upstream. */
  readonly upstream: TestUpstream;
  readonly upstreams: readonly TestUpstream[];
  /** The authority that the subject trusts. */
  readonly ca: TestCa;
  readonly settings: Settings;
  /** Within this a query is answered or refused, in milliseconds. */
  readonly deadlineMs: number;
  readonly startAnother: (settings: Settings) => Promise<RunningSubject>;
  readonly #domain: string;
  readonly #clients: Client[] = [];
  readonly #scriptErrors: unknown[] = [];
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  readonly #journalStart: number;
  readonly #probed: boolean;
  /** The case has ended the subject. */
  stopped = false;
  #names = 0;
  #finished = false;

  constructor(parts: ContextParts) {
    this.transport = parts.transport;
    this.subject = parts.subject;
    this.upstreams = parts.upstreams;
    this.upstream = parts.upstreams[0];
    this.ca = parts.ca;
    this.settings = parts.settings;
    this.deadlineMs = parts.deadlineMs;
    this.startAnother = parts.startAnother;
    this.#probed = parts.probed;
    this.#domain = `${parts.id.replaceAll('.', '-').toLowerCase()}-${parts.transport}.example.com`;
    this.#journalStart = this.upstream.journal.queries.length;
  }

  /** A name that no other case asks for, and that is the same in every run. */
  qname(label = 'q'): string {
    this.#names += 1;
    return `${label}-${this.#names}.${this.#domain}`;
  }

  /** Ends the subject in order, because the case is about how it ends. */
  stop(options?: { readonly graceMs?: number }): Promise<Exit> {
    this.stopped = true;
    return this.subject.stop(options);
  }

  /** An address of this machine that no other client of this run uses. */
  clientAddress(): string {
    return loopbackAddress();
  }

  // --- clients ---

  /** A client of the case's transport. */
  open(): Promise<Client> {
    return this.transport === 'udp' ? this.udp() : this.tcp();
  }

  async udp(
    options: {
      readonly from?: { address: string; port: number };
      readonly receiveBufferBytes?: number;
      /** Another address of the machine than the subject's. */
      readonly at?: string;
    } = {},
  ) {
    const { at, ...others } = options;
    const { address, port } = this.subject;
    return this.keep(await UdpClient.open({ address: at ?? address, port, ...others }));
  }

  async tcp(options: { readonly from?: string } = {}): Promise<TcpClient> {
    const { address, port } = this.subject;
    return this.keep(await TcpClient.open({ address, port, from: options.from }));
  }

  /** Makes sure that the client is closed after the case, and that what it saw is recorded. */
  keep<C extends Client>(client: C): C {
    this.#clients.push(client);
    // Nobody waits for a case whose subject has died, but it may still be at work.
    if (this.#finished) client.close();
    return client;
  }

  get usedTcp(): boolean {
    return this.#clients.some((client) => client.transport === 'tcp');
  }

  /** Runs after the case, whatever becomes of it. */
  cleanup(action: () => void | Promise<void>): void {
    this.#cleanups.push(action);
  }

  /** Asks on a fresh client, or the one given, and reads the reply. */
  async ask(query: Buffer, options: AskOptions = {}): Promise<ReadMessage> {
    return read(await this.askRaw(query, options));
  }

  /** As {@link ask}, for a reply that need not be well-formed beyond its header. */
  async askRaw(query: Buffer, { client, timeoutMs }: AskOptions = {}): Promise<Buffer> {
    const asked = client ?? (await this.open());
    asked.send(query);
    return asked.next(timeoutMs ?? this.deadlineMs);
  }

  // --- the upstream ---

  /** Queries that came since the case began, read. */
  get journal(): readonly ReadMessage[] {
    return this.rawJournal.map((octets) => read(octets));
  }

  /** Queries that came since the case began. */
  get rawJournal(): readonly Buffer[] {
    const entries = this.upstream.journal.queries.slice(this.#journalStart);
    return entries.map((entry) => entry.bytes).filter((octets) => !this.#probed || !isStartProbe(octets));
  }

  /** Settles once so many queries have come since the case began. */
  async arrived(count: number): Promise<void> {
    const enough = () => (this.rawJournal.length >= count ? true : undefined);
    await this.upstream.journal.waitFor(enough, `${count} queries at the upstream`);
  }

  /** The last query that came. */
  get lastQuery(): ReadMessage {
    const last = this.journal.at(-1);
    if (last === undefined) throw new Error('the upstream got no query');
    return last;
  }

  /** Scripts the upstream: what it responds to each query, or null for nothing. A script that throws fails the case. */
  respond(respond: Script): void {
    const failed = (error: unknown) => this.#scriptErrors.push(error);
    this.upstream.behave({
      name: 'scripted by a case',
      query(exchange) {
        const send = (response: Buffer | null) => response !== null && exchange.connection.send(response);
        try {
          const response = respond(read(exchange.query), exchange);
          if (response instanceof Promise) response.then(send).catch(failed);
          else send(response);
        } catch (error) {
          failed(error);
        }
      },
    });
  }

  /** For work that goes on while the case does other things: it has to be awaited, and fails where it is. */
  meanwhile<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return work;
  }

  /** The true answer; with these EDNS fields when the query has an OPT. */
  answer(query: ReadMessage, edns: OptSpec = {}): Buffer {
    const answer = answerOf(query.bytes);
    if (query.opt === undefined) return answer;
    const { answers } = read(answer);
    return responseTo(query, {
      answers: answers.map((each) => record(each)),
      additionals: [opt({ dnssecOk: query.opt.dnssecOk, ...edns })],
      noOpt: true,
    });
  }

  /** @throws what a script threw. */
  checkScripts(): void {
    if (this.#scriptErrors.length > 0) throw this.#scriptErrors[0];
  }

  /** @internal */
  async finish(): Promise<Outcome> {
    this.#finished = true;
    const outcome = outcomeOf(this.#clients);
    for (const client of this.#clients) client.close();
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
    return outcome;
  }
}

/** The ways a connection can end for a client, within a time. */
export async function endWithin(client: TcpClient, timeoutMs: number): Promise<TcpEnd> {
  const timeout = new Promise<TcpEnd>((resolve) => {
    const timer = setTimeout(() => resolve('open'), timeoutMs);
    void client.ended.then(() => clearTimeout(timer));
  });
  return Promise.race([client.ended, timeout]);
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Subjects that do not say when they are ready were asked this until they answered, and the last of it may come late. */
const START_PROBE = query({ name: 'example.com' }).subarray(12);

function isStartProbe(octets: Buffer): boolean {
  return octets.subarray(12, 12 + START_PROBE.length).equals(START_PROBE);
}

let lastLoopback = Math.floor(Math.random() * 10_000);

/** Clients with a fixed source port have an address each, so that runs at the same time do not meet. */
function loopbackAddress(): string {
  lastLoopback += 1;
  return `127.1.${(lastLoopback >> 8) & 0xff}.${lastLoopback & 0xff || 1}`;
}
