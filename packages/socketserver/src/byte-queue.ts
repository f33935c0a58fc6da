const EMPTY = Buffer.alloc(0);

/**
 * Octets in the order they came. A chunk that meets an empty queue is kept as it is, and whatever lies in one piece is
 * taken without a copy; otherwise chunks are joined in a buffer that at least doubles, so that each octet is copied a
 * bounded number of times however small the chunks are. Octets that were taken are never written again.
 */
export class ByteQueue {
  #buffer: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  /** The end of the part of the buffer that may be written; a chunk that was kept has none. */
  #capacity = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#capacity = chunk.length;
      return;
    }
    if (this.#end + chunk.length > this.#capacity) this.#grow(this.length + chunk.length);
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** The next `bytes` octets, which must be there. */
  take(bytes: number): Buffer {
    const taken = this.#buffer.subarray(this.#start, this.#start + bytes);
    this.#start += bytes;
    if (this.#start === this.#end) this.clear();
    return taken;
  }

  clear(): void {
    this.#buffer = EMPTY;
    this.#start = 0;
    this.#end = 0;
    this.#capacity = 0;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(needed * 2);
    this.#buffer.copy(grown, 0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = grown;
    this.#capacity = grown.length;
  }
}
