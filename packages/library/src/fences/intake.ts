import { PREFIX_BYTES } from '@tridot/wire';
import type { StreamRemote } from 'native-dns-multisocket/lib/server.js';

const NOTHING: Buffer = Buffer.alloc(0);

/** What flows from a TCP connection into the library's frame parser, in the portions that the parser can stand. */
export class Intake {
  readonly #feed: (octets: Buffer) => void;
  readonly #parser: StreamRemote;
  readonly #deliver: (message: Buffer) => void;
  /** Octets that the client has sent and the parser has not been given. */
  #held = NOTHING;
  /** An unfinished frame with its prefix, at its full size, and how much of it is there. */
  #frame: Buffer | undefined;
  #filledBytes = 0;

  constructor(feed: (octets: Buffer) => void, parser: StreamRemote, deliver: (message: Buffer) => void) {
    this.#feed = feed;
    this.#parser = parser;
    this.#deliver = deliver;
  }

  get holds(): boolean {
    return this.#held.length > 0;
  }

  push(chunk: Buffer): void {
    this.#held = this.holds ? Buffer.concat([this.#held, chunk]) : chunk;
  }

  /** Feeds the parser for as long as `mayTake` says so. */
  flow(mayTake: () => boolean): void {
    while (this.holds && mayTake()) {
      const octets = this.#held;
      this.#held = NOTHING;
      if (this.#frame === undefined) this.#parse(octets);
      else this.#fill(this.#frame, octets);
    }
  }

  #parse(octets: Buffer): void {
    this.#feed(octets);
    const rest = this.#parser._rest;
    if (rest === undefined || rest.length === 1) return;
    this.#parser._rest = undefined;
    if (rest.length < PREFIX_BYTES) return;
    const messageBytes = rest.readUInt16BE(0);
    if (messageBytes === 0) this.#deliverEmptyFrame();
    else this.#gatherFrame(rest, PREFIX_BYTES + messageBytes);
  }

  /**
   * Fence: called from within the delivery of a message, it makes that message the last one for now.
   *
   * Without it the library delivers every frame of a segment at once, more than 4 000 of them, whatever the limits say.
   */
  stop(message: Buffer): void {
    const rest = this.#parser._rest;
    if (rest === undefined) return;
    const end = PREFIX_BYTES + message.length;
    this.#held = rest.subarray(end);
    this.#parser._rest = rest.subarray(0, end);
  }

  /**
   * Fence: a zero-length frame is delivered when it is complete.
   *
   * Without it the library waits for a third octet, so `00 00` at the end of a segment is not noticed until more comes.
   */
  #deliverEmptyFrame(): void {
    this.#deliver(NOTHING);
  }

  /**
   * Fence: an unfinished frame is gathered here, in one buffer.
   *
   * Without it the library copies all it has for each chunk that comes: a frame of 65 535 octets that is sent octet by octet
   * costs 2 GB of copies and garbage.
   */
  #gatherFrame(rest: Buffer, frameBytes: number): void {
    this.#frame = Buffer.allocUnsafe(frameBytes);
    this.#filledBytes = rest.copy(this.#frame);
  }

  #fill(frame: Buffer, octets: Buffer): void {
    const taken = octets.copy(frame, this.#filledBytes);
    this.#filledBytes += taken;
    if (this.#filledBytes === frame.length) {
      this.#frame = undefined;
      this.#parse(frame);
    }
    this.#held = octets.subarray(taken);
  }
}
