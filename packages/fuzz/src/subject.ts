import { LISTENER_LIMITS, type QueryHandler, type Strategy } from '@tridot/listener';
import { createProxy, createSettings, type DnsProxy, type Logger } from '@tridot/proxy';
import { HEADER_BYTES } from '@tridot/testbed';
import type { Authority } from './authority.ts';
import type { Batch, Setting } from './batch.ts';
import { DatagramClient, OWN_LABEL } from './datagram-client.ts';
import { FUZZ_LIMITS } from './limits.ts';
import { type Outcome, sorted } from './outcome.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';
import { playStream } from './stream-client.ts';
import { within } from './turn.ts';

export interface SubjectOptions {
  readonly setting: Setting;
  readonly authority: Authority;
  /** Told of what only a mistake of ours can cause. */
  readonly onFault: (what: string) => void;
}

/** Queries of one connection that are answered at once. */
export const PIPELINE: Readonly<Record<Setting, number>> = {
  usual: LISTENER_LIMITS.maxInFlightPerConnection.default,
  tight: 3,
  remembering: LISTENER_LIMITS.maxInFlightPerConnection.default,
};
const OWN_LABEL_OFFSET = 13;
/** The question for the root's name servers: so the forwarder looks whether an upstream that was lost is back. */
const PROBE = Buffer.from('0000020001', 'hex');

/** One strategy behind the proxy that its command line runs, with a client and an upstream of its own. */
export class Subject {
  readonly name: string;
  readonly #upstream: ScriptedUpstream;
  readonly #client: DatagramClient;
  readonly #proxy: DnsProxy;
  readonly #port: number;
  readonly #inFlight: InFlight;
  readonly #seen: Buffer[];

  static async open(strategy: Strategy, { setting, authority, onFault }: SubjectOptions): Promise<Subject> {
    const seen: Buffer[] = [];
    const upstream = await ScriptedUpstream.start(authority, (query) => note(query, seen));
    const inFlight = new InFlight();
    const remembers = setting === 'remembering';
    const proxy = createProxy(
      { name: strategy.name, create: (handle, options) => strategy.create(inFlight.watch(handle), options) },
      createSettings({
        listen: ['127.0.0.1:0'],
        upstream: [upstream.address],
        ca: authority.caFile,
        cache: { enabled: remembers, coalesce: remembers },
        limits: {
          listener: { maxInFlightPerConnection: PIPELINE[setting] },
          // A lost connection is made anew at once, or every fault would cost a pause.
          upstream: { backoffMinMs: 1, backoffMaxMs: 2 },
        },
      }),
      { logger: faultsOf(strategy.name, onFault) },
    );
    const [bound] = await proxy.start();
    if (bound === undefined) throw new Error('the proxy bound nothing');
    const client = await DatagramClient.open(bound.port);
    return new Subject(strategy.name, upstream, client, proxy, bound.port, inFlight, seen);
  }

  private constructor(
    name: string,
    upstream: ScriptedUpstream,
    client: DatagramClient,
    proxy: DnsProxy,
    port: number,
    inFlight: InFlight,
    seen: Buffer[],
  ) {
    this.name = name;
    this.#upstream = upstream;
    this.#client = client;
    this.#proxy = proxy;
    this.#port = port;
    this.#inFlight = inFlight;
    this.#seen = seen;
  }

  /**
   * Tries a batch. That nothing more will come is known without waiting for time to pass: a sound query sent behind the
   * datagrams is answered, every connection has ended, nothing is in flight, and a second sound query is answered.
   */
  async run({ datagrams, streams, answers }: Batch): Promise<Outcome> {
    const waitMs = FUZZ_LIMITS.waitMs.default;
    const stuck: string[] = [];
    this.#seen.length = 0;
    this.#upstream.follow(answers);
    this.#client.send(datagrams);
    const played = Promise.all(streams.map((stream) => playStream(this.#port, stream, waitMs)));
    if (!(await this.#client.askSound(waitMs))) stuck.push('a sound query is not answered');
    const streamOutcomes = await played;
    if (streamOutcomes.some(({ end }) => end === 'never')) stuck.push('a connection does not end');
    if (!(await this.#inFlight.idle(waitMs))) stuck.push(`${this.#inFlight.count} queries stay in flight`);
    if (!(await this.#client.askSound(waitMs))) stuck.push('a sound query is not answered afterwards');
    return {
      datagrams: this.#client.replies,
      streams: streamOutcomes,
      seen: sorted(this.#seen),
      stray: this.#client.stray,
      stuck,
    };
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.#proxy.close({ graceMs: 0 });
    await this.#upstream.close();
  }
}

/** Keeps what the upstream was asked, without its ID, and not what the fuzzer or the forwarder asked on its own account. */
function note(query: Buffer, seen: Buffer[]): void {
  if (PROBE.equals(query.subarray(HEADER_BYTES, HEADER_BYTES + PROBE.length))) return;
  if (query.toString('latin1', OWN_LABEL_OFFSET, OWN_LABEL_OFFSET + OWN_LABEL.length) === OWN_LABEL) return;
  const copy = Buffer.from(query);
  copy.fill(0, 0, 2);
  seen.push(copy);
}

/** Counts the queries whose reply is a promise that has not settled. */
class InFlight {
  count = 0;
  #onIdle: (() => void) | undefined;

  watch(handle: QueryHandler): QueryHandler {
    return (query, client) => {
      const reply = handle(query, client);
      if (!(reply instanceof Promise)) return reply;
      this.count += 1;
      return reply.finally(() => this.#left());
    };
  }

  async idle(waitMs: number): Promise<boolean> {
    if (this.count === 0) return true;
    const settled = new Promise<true>((resolve) => {
      this.#onIdle = () => resolve(true);
    });
    return within(settled, waitMs, false);
  }

  #left(): void {
    this.count -= 1;
    if (this.count === 0) this.#onIdle?.();
  }
}

/** Warnings are what a bad upstream causes; errors are what only we can cause. */
function faultsOf(name: string, onFault: (what: string) => void): Logger {
  const fault = (_fields: object, message: string) => onFault(`${name} logged: ${message}`);
  const ignore = () => {};
  return { debug: ignore, info: ignore, warn: ignore, error: fault, fatal: fault };
}
