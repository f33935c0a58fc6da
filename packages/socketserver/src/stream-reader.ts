import type { Readable } from 'node:stream';
import { ByteQueue } from './byte-queue.ts';
import { type ConnectionLostError, IncompleteReadError, OptionError, StateError } from './errors.ts';

const NOTHING = Buffer.alloc(0);

interface Wait {
  readonly bytes: number;
  readonly promise: Promise<Buffer | null>;
  readonly resolve: (octets: Buffer | null) => void;
  readonly reject: (error: Error) => void;
}

/** Reads a stream in the pieces that its user asks for, and not much further ahead than `readAheadBytes`. */
export class StreamReader {
  readonly #source: Readable;
  readonly #readAheadBytes: number;
  readonly #queue = new ByteQueue();
  #waiting: Wait | undefined;
  /** `ended`: the peer sends no more. `cut`: we take no more. Both: what has come can still be read. */
  #state: 'open' | 'ended' | 'cut' | 'discarding' = 'open';
  #lost: ConnectionLostError | undefined;

  /** Reads nothing before the first `readExactly`. Errors of the source reach the reader through `fail` alone. */
  constructor(source: Readable, readAheadBytes: number) {
    this.#source = source;
    this.#readAheadBytes = readAheadBytes;
    source.pause();
    source.on('data', this.#onData);
    source.on('end', this.#onEnd);
  }

  /** Octets that have come and were not read yet. */
  get buffered(): number {
    return this.#queue.length;
  }

  /**
   * The next `bytes` octets, which then belong to the caller; `null` when the peer ended its stream before the first of
   * them, or when reading was cut off before the last.
   *
   * @throws {IncompleteReadError} ERR_INCOMPLETE_READ: the peer ended its stream among them
   * @throws {ConnectionLostError} ERR_CONNECTION_LOST: the connection is gone
   * @throws {StateError} ERR_STATE: an earlier read has not settled
   * @throws {OptionError} ERR_OPTION: `bytes` is not a non-negative integer
   */
  readExactly(bytes: number): Promise<Buffer | null> {
    const ready = this.readNow(bytes);
    if (ready !== undefined) return Promise.resolve(ready);
    if (!Number.isInteger(bytes) || bytes < 0) {
      return Promise.reject(new OptionError(`cannot read ${bytes} octets`));
    }
    if (this.#waiting !== undefined) return Promise.reject(new StateError('a read is waiting already'));
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const wait = { bytes, ...Promise.withResolvers<Buffer | null>() };
    if (this.#state === 'open') {
      this.#waiting = wait;
      this.#source.resume();
    } else {
      this.#refuse(wait);
    }
    return wait.promise;
  }

  /** What `readExactly` would give, if it is there without waiting; else undefined. */
  readNow(bytes: number): Buffer | undefined {
    if (this.#waiting !== undefined || this.#lost !== undefined) return undefined;
    if (bytes === 0) return NOTHING;
    return bytes > 0 && bytes <= this.#queue.length ? this.#queue.take(bytes) : undefined;
  }

  /** Takes no more from the source. What has come can still be read; then `readExactly` gives `null`. */
  cutOff(): void {
    if (this.#state !== 'open') return;
    this.#state = 'cut';
    this.#source.pause();
    this.#refuseWaiting();
  }

  /** Throws away what has come and what still comes, up to the end of the stream. */
  discard(): void {
    this.#state = this.#state === 'ended' ? 'ended' : 'discarding';
    this.#queue.clear();
    this.#refuseWaiting();
    this.#source.resume();
  }

  /** The connection is gone: nothing more can be read. */
  fail(error: ConnectionLostError): void {
    this.#lost = error;
    this.#queue.clear();
    const wait = this.#waiting;
    if (wait === undefined) return;
    this.#waiting = undefined;
    // A reader that nobody waits for must not end the process.
    wait.promise.catch(() => {});
    wait.reject(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === 'discarding') return;
    this.#queue.push(chunk);
    const wait = this.#waiting;
    if (wait !== undefined && wait.bytes <= this.#queue.length) {
      this.#waiting = undefined;
      wait.resolve(this.#queue.take(wait.bytes));
    }
    if (this.#waiting === undefined && this.#queue.length >= this.#readAheadBytes) this.#source.pause();
  };

  readonly #onEnd = (): void => {
    if (this.#state !== 'discarding') this.#state = 'ended';
    this.#refuseWaiting();
  };

  #refuseWaiting(): void {
    const wait = this.#waiting;
    if (wait === undefined) return;
    this.#waiting = undefined;
    this.#refuse(wait);
  }

  /** Settles a read for which not enough octets have come or will come. */
  #refuse(wait: Wait): void {
    const partial = this.#queue.take(this.#queue.length);
    if (this.#state !== 'ended' || partial.length === 0) {
      wait.resolve(null);
      return;
    }
    wait.promise.catch(() => {});
    wait.reject(new IncompleteReadError(wait.bytes, partial));
  }
}
