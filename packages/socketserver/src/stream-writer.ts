import type { Writable } from 'node:stream';
import { type ConnectionLostError, StateError } from './errors.ts';

/**
 * The stream is given no more than this before it has seen it leave; larger chunks are cut. Small enough that a slow peer
 * makes visible progress, large enough that a length prefix of two octets and the longest message after it stay together.
 */
const BATCH_BYTES = 131_072;

interface Wait {
  /** Settled when so many octets have been flushed since the beginning. */
  readonly upTo: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Writes chunks whole and in order. Those of one turn of the event loop leave in one write. The stream is given one batch
 * at a time, so that a peer that reads slowly is told from one that does not read at all.
 */
export class StreamWriter {
  readonly #target: Writable;
  readonly #onProgress: (stuck: boolean) => void;
  readonly #queue: Buffer[] = [];
  readonly #waiting: Wait[] = [];
  #queuedBytes = 0;
  #acceptedBytes = 0;
  #flushedBytes = 0;
  #batchBytes = 0;
  #flushing = false;
  /** A batch waits for the peer to read. */
  #stuck = false;
  #ending = false;
  #lost: ConnectionLostError | undefined;

  /** @param onProgress called with true when octets wait for the peer to read, again when some left, with false when none wait */
  constructor(target: Writable, onProgress: (stuck: boolean) => void) {
    this.#target = target;
    this.#onProgress = onProgress;
  }

  /** False once the connection is gone or has been ended by this side. */
  get writable(): boolean {
    return this.#lost === undefined && !this.#ending;
  }

  /**
   * Writes a chunk. Gives a promise when the peer is slower than the writer: it settles when the chunk has left. To wait
   * for it is to honour back-pressure; who does not wait fills memory.
   *
   * @throws {ConnectionLostError} ERR_CONNECTION_LOST: the connection is gone
   * @throws {StateError} ERR_STATE: this side has been ended
   */
  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#ending) throw new StateError('this side of the connection has been ended');
    if (chunk.length <= BATCH_BYTES) this.#queue.push(chunk);
    else
      for (let at = 0; at < chunk.length; at += BATCH_BYTES)
        this.#queue.push(chunk.subarray(at, at + BATCH_BYTES));
    this.#queuedBytes += chunk.length;
    this.#acceptedBytes += chunk.length;
    if (!this.#flushing) {
      this.#flushing = true;
      process.nextTick(this.#flush);
    }
    return this.#stuck || this.#queuedBytes > BATCH_BYTES ? this.#flushed() : undefined;
  }

  /** Ends this side after what has been written. */
  end(): void {
    if (!this.writable) return;
    this.#ending = true;
    if (!this.#flushing) this.#target.end();
  }

  fail(error: ConnectionLostError): void {
    this.#lost = error;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#onProgress(false);
    for (const wait of this.#waiting.splice(0)) {
      // A write that nobody waits for must not end the process.
      wait.promise.catch(() => {});
      wait.reject(error);
    }
  }

  #flushed(): Promise<void> {
    const wait = { upTo: this.#acceptedBytes, ...Promise.withResolvers<void>() };
    this.#waiting.push(wait);
    return wait.promise;
  }

  readonly #flush = (): void => {
    if (this.#lost !== undefined) return;
    const batch = this.#nextBatch();
    const last = batch.pop();
    if (last === undefined) {
      this.#flushing = false;
      if (this.#ending) this.#target.end();
      return;
    }
    this.#target.cork();
    for (const chunk of batch) this.#target.write(chunk);
    this.#target.write(last, this.#onBatchWritten);
    this.#target.uncork();
    if (this.#target.writableLength === 0) return;
    this.#stuck = true;
    this.#onProgress(true);
  };

  #nextBatch(): Buffer[] {
    let taken = 0;
    let bytes = 0;
    for (const chunk of this.#queue) {
      if (bytes + chunk.length > BATCH_BYTES) break;
      taken += 1;
      bytes += chunk.length;
    }
    this.#batchBytes = bytes;
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, taken);
  }

  readonly #onBatchWritten = (error?: Error | null): void => {
    // A failure is also an event of the stream; its owner then calls `fail`.
    if (error || this.#lost !== undefined) return;
    this.#flushedBytes += this.#batchBytes;
    if (this.#stuck) {
      this.#stuck = false;
      this.#onProgress(false);
    }
    while (this.#waiting[0] !== undefined && this.#waiting[0].upTo <= this.#flushedBytes) {
      this.#waiting.shift()?.resolve();
    }
    this.#flush();
  };
}
