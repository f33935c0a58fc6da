import { type Client, HANG_UP, type ListenerEvent, type QueryHandler, type Reply } from '@tridot/listener';
import {
  type Connection,
  IncompleteReadError,
  type Semaphore,
  type Step,
  StreamRequestHandler,
} from '@tridot/socketserver';

const PREFIX_BYTES = 2;
const MAX_FRAME_BYTES = 65_535;

/** What the handlers of all connections share. */
export interface StreamService {
  readonly answer: QueryHandler;
  /** Queries being answered, of all connections. */
  readonly inFlight: Semaphore;
  readonly maxInFlightPerConnection: number;
  readonly onEvent: (event: ListenerEvent) => void;
}

/**
 * One connection. Each frame starts a task, and reading goes on; replies leave in the order in which they are ready (RFC
 * 7766 §6.2.1.1). A query counts as one of its connection until its reply has left, so that a client that does not read
 * is read no more; it counts as one of the whole listener only until its reply is ready, so that nobody else pays for that.
 */
export class StreamHandler extends StreamRequestHandler {
  readonly #service: StreamService;
  readonly #client: Client;
  /** The {@link QueryHandler} broke its promise not to fail. */
  #failure: { readonly error: unknown } | undefined;

  constructor(connection: Connection, service: StreamService) {
    super(connection);
    this.#service = service;
    this.#client = { transport: 'tcp', ...connection.peer };
  }

  override async handle(): Promise<void> {
    try {
      for (;;) {
        // Frames that have come already cost no promise.
        const prefix = this.readNow(PREFIX_BYTES) ?? (await this.readExactly(PREFIX_BYTES));
        if (prefix === null) return;
        const length = prefix.readUInt16BE(0);
        const query = this.readNow(length) ?? (await this.readExactly(length));
        if (query === null) return;
        const place = this.#takePlace();
        if (place !== undefined) await place;
        this.#startTask(query);
      }
    } catch (error) {
      // The client has left in the middle of a frame; what it asked before is still answered.
      if (!(error instanceof IncompleteReadError)) throw error;
    }
  }

  override finish(): Step {
    const owed = this.owesFewerThan(1);
    if (owed !== undefined) return owed.then(() => this.#rethrow());
    this.#rethrow();
  }

  /** While this takes time nothing more is read. */
  #takePlace(): Promise<void> | undefined {
    const { inFlight, maxInFlightPerConnection } = this.#service;
    if (this.connection.owed < maxInFlightPerConnection && inFlight.tryAcquire()) {
      this.begin();
      return undefined;
    }
    this.#service.onEvent('read-paused');
    return this.#waitForPlace();
  }

  async #waitForPlace(): Promise<void> {
    await this.owesFewerThan(this.#service.maxInFlightPerConnection);
    this.begin();
    await this.#service.inFlight.acquire();
  }

  #startTask(query: Buffer): void {
    // The client has gone while its query waited for a place.
    if (this.connection.lost) {
      this.#send(null);
      return;
    }
    let reply: Reply | Promise<Reply>;
    try {
      reply = this.#service.answer(query, this.#client);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (reply instanceof Promise) reply.then(this.#send, this.#fail);
    else this.#send(reply);
  }

  readonly #send = (reply: Reply): void => {
    this.#service.inFlight.release();
    if (reply === HANG_UP) {
      this.#service.onEvent('connection-hung-up');
      this.cutOff();
    } else if (reply !== null && reply.length > MAX_FRAME_BYTES) {
      this.#service.onEvent('send-failed');
    } else if (reply !== null && this.writable) {
      const flushed = this.write(framed(reply));
      if (flushed !== undefined) {
        flushed.then(this.#answered, this.#answered);
        return;
      }
    }
    this.end();
  };

  readonly #answered = (): void => this.end();

  readonly #fail = (error: unknown): void => {
    this.#failure ??= { error };
    this.#send(null);
    this.cutOff();
  };

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Length and message in one piece, so that they leave together (RFC 7766 §8). */
function framed(reply: Buffer): Buffer {
  const octets = Buffer.allocUnsafe(PREFIX_BYTES + reply.length);
  octets.writeUInt16BE(reply.length, 0);
  reply.copy(octets, PREFIX_BYTES);
  return octets;
}
