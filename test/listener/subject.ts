import { EventEmitter, once } from 'node:events';
import {
  type BoundAddress,
  LISTENER_LIMITS,
  type Listener,
  type ListenerEvent,
  type ListenerLimits,
  type QueryHandler,
  type Reply,
  type Strategy,
  type Transport,
} from '@tridot/listener';
import { onTestFinished } from 'vitest';

export interface Subject {
  readonly listener: Listener;
  readonly at: BoundAddress;
  readonly events: readonly ListenerEvent[];
  /** Settles once the listener has told of `event`, before or after this call. */
  seen(event: ListenerEvent): Promise<unknown>;
}

export interface Setting {
  readonly address?: string;
  readonly port?: number;
  readonly limits?: Partial<ListenerLimits>;
}

/** A listener on a port of its own, closed when the test is over. */
export async function serve(
  strategy: Strategy,
  transport: Transport,
  handler: QueryHandler,
  setting: Setting = {},
): Promise<Subject> {
  const events: ListenerEvent[] = [];
  const emitter = new EventEmitter();
  const listener = create(strategy, transport, handler, setting, (event) => {
    events.push(event);
    emitter.emit(event);
  });
  const at = await listener.listen();
  onTestFinished(() => listener.close());
  const seen = async (event: ListenerEvent): Promise<unknown> =>
    events.includes(event) || (await once(emitter, event));
  return { listener, at, events, seen };
}

export function create(
  strategy: Strategy,
  transport: Transport,
  handler: QueryHandler,
  { address = '127.0.0.1', port = 0, limits = {} }: Setting = {},
  onEvent: (event: ListenerEvent) => void = () => {},
): Listener {
  return strategy.create(handler, {
    transport,
    address,
    port,
    limits: { ...defaultLimits(), ...limits },
    onEvent,
  });
}

export function defaultLimits(): ListenerLimits {
  const { maxInFlight, maxInFlightPerConnection, maxConnections, maxConnectionsPerAddress } = LISTENER_LIMITS;
  const { idleTimeoutMs, writeStallMs, lingerMs, receiveBufferBytes } = LISTENER_LIMITS;
  return {
    maxInFlight: maxInFlight.default,
    maxInFlightPerConnection: maxInFlightPerConnection.default,
    maxConnections: maxConnections.default,
    maxConnectionsPerAddress: maxConnectionsPerAddress.default,
    idleTimeoutMs: idleTimeoutMs.default,
    writeStallMs: writeStallMs.default,
    lingerMs: lingerMs.default,
    receiveBufferBytes: receiveBufferBytes.default,
  };
}

/** Answers when the test says so, in any order. */
export class HeldQueries {
  readonly queries: Buffer[] = [];
  readonly #replies: ((reply: Reply) => void)[] = [];
  readonly #arrived = new EventEmitter();

  readonly handler: QueryHandler = (query) => {
    this.queries.push(query);
    const reply = new Promise<Reply>((resolve) => this.#replies.push(resolve));
    this.#arrived.emit('query');
    return reply;
  };

  async count(wanted: number): Promise<void> {
    while (this.queries.length < wanted) await once(this.#arrived, 'query');
  }

  answer(index: number, reply: Reply): void {
    this.#replies[index]?.(reply);
  }

  answerAll(): void {
    for (const [index, query] of this.queries.entries()) this.answer(index, query);
  }
}
