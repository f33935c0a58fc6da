const EMPTY = Buffer.alloc(0);

/** Cuts a stream into its length-prefixed messages (RFC 1035 §4.2.2). Zero-length frames come as empty buffers. */
export class FrameReader {
  #pending: Buffer = EMPTY;

  /** Octets of a frame that is not whole yet. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  push(chunk: Buffer, onMessage: (message: Buffer) => void): void {
    const octets = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (at + 2 <= octets.length) {
      const end = at + 2 + octets.readUInt16BE(at);
      if (end > octets.length) break;
      onMessage(octets.subarray(at + 2, end));
      at = end;
    }
    this.#pending = at === octets.length ? EMPTY : octets.subarray(at);
  }
}
