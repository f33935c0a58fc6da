/** Messages in a byte stream: two octets of length before each (RFC 1035 §4.2.2). */
import { MAX_MESSAGE_BYTES } from './header.ts';
import { readUint16, writeUint16 } from './integers.ts';

/** Length of the prefix, in octets. */
export const PREFIX_BYTES = 2;

/** A message that no frame can hold. */
export class MessageTooLongError extends Error {
  override readonly name = 'MessageTooLongError';
  readonly code = 'ERR_MESSAGE_TOO_LONG';

  constructor(lengthBytes: number) {
    super(`a message of ${lengthBytes} octets is longer than ${MAX_MESSAGE_BYTES}`);
  }
}

/**
 * Puts the length prefix before a message, in one new buffer.
 *
 * @throws {MessageTooLongError} ERR_MESSAGE_TOO_LONG: over 65 535 octets.
 */
export function frame(message: Buffer): Buffer {
  if (message.length > MAX_MESSAGE_BYTES) throw new MessageTooLongError(message.length);
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  writeUint16(framed, 0, message.length);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/** Room taken first for a frame that has begun; more comes as its octets do, not as its prefix promises. */
const FIRST_ROOM_BYTES = 512;
const MAX_FRAME_BYTES = PREFIX_BYTES + MAX_MESSAGE_BYTES;
const NO_ROOM = Buffer.alloc(0);

/** Cuts a byte stream, however it is split, into messages. One parser serves one direction of one connection. */
export class FrameParser {
  #room: Buffer = NO_ROOM;
  #pending = 0;

  /** Octets kept of a frame that is not complete, its prefix included. */
  get pendingBytes(): number {
    return this.#pending;
  }

  /**
   * Takes the next octets of the stream.
   *
   * @param onMessage is called for each message that is now complete, in order; a frame of length zero gives an empty
   *   Buffer. Frames that lie whole in `chunk` are parts of it, not copies.
   */
  push(chunk: Buffer, onMessage: (message: Buffer) => void): void {
    let offset = this.#pending === 0 ? 0 : this.#complete(chunk, onMessage);
    while (chunk.length - offset >= PREFIX_BYTES) {
      const start = offset + PREFIX_BYTES;
      const end = start + readUint16(chunk, offset);
      if (end > chunk.length) break;
      offset = end;
      onMessage(chunk.subarray(start, end));
    }
    if (offset < chunk.length) this.#keep(chunk, offset, chunk.length);
  }

  /** Feeds the frame that is pending, and returns how much of the chunk it took. */
  #complete(chunk: Buffer, onMessage: (message: Buffer) => void): number {
    let offset = 0;
    if (this.#pending < PREFIX_BYTES) {
      offset = Math.min(PREFIX_BYTES - this.#pending, chunk.length);
      this.#keep(chunk, 0, offset);
      if (this.#pending < PREFIX_BYTES) return offset;
    }
    const frameBytes = PREFIX_BYTES + readUint16(this.#room, 0);
    const end = Math.min(chunk.length, offset + frameBytes - this.#pending);
    this.#keep(chunk, offset, end);
    if (this.#pending === frameBytes) {
      const message = this.#room.subarray(PREFIX_BYTES, frameBytes);
      this.#room = NO_ROOM;
      this.#pending = 0;
      onMessage(message);
    }
    return end;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const needed = this.#pending + to - from;
    if (needed > this.#room.length) {
      const roomBytes = Math.max(FIRST_ROOM_BYTES, this.#room.length * 2, needed);
      const room = Buffer.allocUnsafeSlow(Math.min(roomBytes, MAX_FRAME_BYTES));
      this.#room.copy(room, 0, 0, this.#pending);
      this.#room = room;
    }
    chunk.copy(this.#room, this.#pending, from, to);
    this.#pending = needed;
  }
}
