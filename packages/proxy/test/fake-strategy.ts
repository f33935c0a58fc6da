import type {
  BoundAddress,
  CloseOptions,
  Listener,
  ListenerOptions,
  QueryHandler,
  Strategy,
} from '@tridot/listener';

/** What a fake listener was asked to do, in order. */
export interface FakeStrategy extends Strategy {
  readonly journal: string[];
  readonly handlers: QueryHandler[];
  /** Listeners that are bound now. */
  readonly bound: Set<ListenerOptions>;
}

export interface FakeOptions {
  /** Throws what `listen()` shall reject with, or does nothing. */
  readonly refuse?: (options: ListenerOptions, attempt: number) => void;
  /** What `listen()` waits for. */
  readonly until?: Promise<void>;
  /** What `close()` waits for. */
  readonly untilClosed?: Promise<void>;
  readonly onListen?: (options: ListenerOptions) => void;
}

const FIRST_CHOSEN_PORT = 40_000;

/** A strategy without sockets: it keeps a journal, and refuses where it is told to. */
export function fakeStrategy(fake: FakeOptions = {}): FakeStrategy {
  const journal: string[] = [];
  const handlers: QueryHandler[] = [];
  const bound = new Set<ListenerOptions>();
  let attempt = 0;
  let chosen = FIRST_CHOSEN_PORT;

  function create(handler: QueryHandler, options: ListenerOptions): Listener {
    handlers.push(handler);
    const name = `${options.transport} ${options.address}`;
    return {
      async listen(): Promise<BoundAddress> {
        journal.push(`listen ${name}:${options.port}`);
        fake.onListen?.(options);
        await fake.until;
        attempt += 1;
        fake.refuse?.(options, attempt);
        bound.add(options);
        const port = options.port === 0 ? chosen++ : options.port;
        return { transport: options.transport, address: options.address, port };
      },
      async close({ graceMs = 0 }: CloseOptions = {}): Promise<void> {
        journal.push(`close ${name} ${graceMs}`);
        await fake.untilClosed;
        bound.delete(options);
      },
    };
  }

  return { name: 'fake', create, journal, handlers, bound };
}

/** An error as the system makes them. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`listen ${code}`), { code });
}
