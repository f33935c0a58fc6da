import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * Stands between a TCP socket and the TLS that runs over it, and shows the raw octets that come in. It also holds the end
 * of the stream back for a moment, so that a close_notify which came with it is seen first.
 */
export class Tap extends Duplex {
  readonly #raw: Socket;
  #endDelivered = false;

  constructor(raw: Socket, onOctets: (octets: Buffer) => void) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
    raw.on('data', (octets: Buffer) => {
      onOctets(octets);
      if (!this.push(octets)) raw.pause();
    });
    raw.on('end', () => afterTurn(() => this.#deliverEnd()));
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => afterTurn(() => this.destroy()));
  }

  /** Whether TLS has been told that the raw stream is over. An end that TLS sees before that is a close_notify. */
  get endDelivered(): boolean {
    return this.#endDelivered;
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(octets: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // After the raw socket was ended on purpose TLS may still want to say something: it is lost, as on a broken line.
    if (this.#raw.writable) this.#raw.write(octets, done);
    else done();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#raw.writable) this.#raw.end(() => done());
    else done();
  }

  #deliverEnd(): void {
    this.#endDelivered = true;
    this.push(null);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }
}

/** Two turns of the event loop later: by then TLS has handed on what it had. */
function afterTurn(action: () => void): void {
  setImmediate(() => setImmediate(action));
}
