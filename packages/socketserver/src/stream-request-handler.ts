import { BaseRequestHandler } from './base-request-handler.ts';
import type { Connection } from './connection.ts';
import type { Peer } from './peer.ts';

/** Handles one connection. When its three steps are done, what was written leaves and the connection ends. */
export abstract class StreamRequestHandler extends BaseRequestHandler {
  readonly connection: Connection;

  constructor(connection: Connection) {
    super();
    this.connection = connection;
  }

  get peer(): Peer {
    return this.connection.peer;
  }

  /** False once nothing can be written any more. */
  get writable(): boolean {
    return this.connection.writer.writable;
  }

  /**
   * The next `bytes` octets, which then belong to the handler; `null` when the peer has ended its stream before the
   * first of them, or when the server takes nothing more from it.
   *
   * @throws {IncompleteReadError} ERR_INCOMPLETE_READ: the peer ended its stream among them
   * @throws {ConnectionLostError} ERR_CONNECTION_LOST: the connection is gone
   */
  readExactly(bytes: number): Promise<Buffer | null> {
    return this.connection.reader.readExactly(bytes);
  }

  /** What `readExactly` would give, if it has come already; else undefined. It costs no promise. */
  readNow(bytes: number): Buffer | undefined {
    return this.connection.reader.readNow(bytes);
  }

  /**
   * Writes a chunk whole. Gives a promise when the peer is slower than the handler, to be awaited before more is
   * written; else undefined.
   *
   * @throws {ConnectionLostError} ERR_CONNECTION_LOST: the connection is gone
   */
  write(chunk: Buffer): Promise<void> | undefined {
    return this.connection.write(chunk);
  }

  /** A whole request was read. Until `end` is called as often, the connection is not idle and is not evicted. */
  begin(): void {
    this.connection.begin();
  }

  /** A request was answered, or needs no answer. The clock of idleness begins again. */
  end(): void {
    this.connection.end();
  }

  /** Settles when fewer than `count` requests are begun and not ended; undefined when that is so. */
  owesFewerThan(count: number): Promise<void> | undefined {
    return this.connection.owesFewerThan(count);
  }

  /** Takes nothing more from the peer: what has come can be read, then `readExactly` gives `null`. */
  cutOff(): void {
    this.connection.cutOff();
  }
}
