import type {
  BoundAddress,
  Listener,
  ListenerEvent,
  ListenerLimits,
  QueryHandler,
  Strategy,
  Transport,
} from '@tridot/listener';
import { BindError, ClosedError, codeOf } from '../failures.ts';
import { formatAddress } from './endpoints.ts';
import type { PortGroup, SocketToOpen } from './sockets-to-open.ts';

/** All sockets of one proxy. */
export interface Listeners {
  /**
   * Binds every socket, one after another.
   *
   * @throws {BindError} ERR_BIND: one of them cannot be bound; then none stays bound.
   * @throws {ClosedError} ERR_CLOSED: `close()` came meanwhile.
   */
  listen(): Promise<BoundAddress[]>;
  /** Stops taking queries, waits `graceMs` for replies in flight, and lets all sockets go. Never rejects. */
  close(graceMs: number): Promise<void>;
}

export interface ListenersOptions {
  readonly strategy: Strategy;
  readonly handler: QueryHandler;
  readonly groups: readonly PortGroup[];
  readonly limits: ListenerLimits;
  /** How many ports of the system's choice are tried until one is free for all sockets of a group. */
  readonly portAttempts: number;
  readonly onEvent: (event: ListenerEvent, transport: Transport) => void;
}

/** Composes the listeners of a strategy: one for each transport on each address. */
export function createListeners(options: ListenersOptions): Listeners {
  const open: Listener[] = [];
  let closed = false;

  async function listen(): Promise<BoundAddress[]> {
    const addresses: BoundAddress[] = [];
    try {
      for (const group of options.groups) addresses.push(...(await listenOnGroup(group)));
    } catch (error) {
      await closeAll(open, 0);
      throw error;
    }
    return addresses;
  }

  async function listenOnGroup({ port, sockets }: PortGroup): Promise<BoundAddress[]> {
    for (let attempt = 1; ; attempt++) {
      const before = open.length;
      try {
        return await listenTogether(sockets, port);
      } catch (error) {
        await closeAll(open.splice(before), 0);
        if (!isConflictOfChosenPort(error, port) || attempt >= options.portAttempts) throw error;
      }
    }
  }

  async function listenTogether(sockets: readonly SocketToOpen[], port: number): Promise<BoundAddress[]> {
    const bound: BoundAddress[] = [];
    for (const socket of sockets) bound.push(await listenOn(socket, bound[0]?.port ?? port));
    return bound;
  }

  async function listenOn({ transport, address }: SocketToOpen, port: number): Promise<BoundAddress> {
    if (closed) throw new ClosedError();
    const { strategy, handler, limits } = options;
    const onEvent = (event: ListenerEvent): void => options.onEvent(event, transport);
    const listener = strategy.create(handler, { transport, address, port, limits, onEvent });
    open.push(listener);
    try {
      return await listener.listen();
    } catch (error) {
      if (closed) throw new ClosedError();
      throw new BindError(transport, formatAddress(address, port), error);
    }
  }

  return {
    listen,
    close(graceMs) {
      closed = true;
      return closeAll(open, graceMs);
    },
  };
}

/** The system chose the port for the first socket, and another socket's port of that number is taken. */
function isConflictOfChosenPort(error: unknown, port: number): boolean {
  return port === 0 && error instanceof BindError && codeOf(error.cause) === 'EADDRINUSE';
}

async function closeAll(listeners: readonly Listener[], graceMs: number): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close({ graceMs })));
}
