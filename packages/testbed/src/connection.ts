import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { FrameReader } from './frame-reader.ts';
import type { Journal, JournalConnection } from './journal.ts';
import { framed } from './message.ts';
import { Tap } from './tap.ts';

/** What a connection tells the upstream. */
export interface ConnectionHandler {
  onSecure(connection: Connection): void;
  /** The messages of one read, in order. */
  onMessages(connection: Connection, messages: readonly Buffer[]): void;
  onClose(connection: Connection): void;
}

/** One accepted connection: raw TCP at first, then TLS. What behaviours do to a client, they do through this. */
export class Connection {
  readonly number: number;
  readonly entry: JournalConnection;
  /** The TCP socket beneath TLS. */
  readonly raw: Socket;
  readonly #journal: Journal;
  readonly #frames = new FrameReader();
  #tls: TLSSocket | null = null;

  constructor(raw: Socket, journal: Journal) {
    this.raw = raw;
    this.#journal = journal;
    this.entry = journal.enterConnection(raw.remotePort ?? 0);
    this.number = this.entry.number;
    raw.setNoDelay(true);
    raw.on('error', (error) => this.#failed(error));
  }

  /** Whether anything can still be sent. */
  get writable(): boolean {
    return this.#tls?.writable === true && this.raw.writable;
  }

  /** Sends one message, framed, as one write. */
  send(message: Buffer): void {
    this.write(framed(message));
  }

  /** Sends octets through TLS as they are: one write is one record (or several, over 16 KiB). */
  write(octets: Buffer, done?: () => void): void {
    if (this.#tls !== null && this.writable) this.#tls.write(octets, () => done?.());
  }

  /** Sends octets beneath TLS, in clear. */
  inject(octets: Buffer): void {
    if (this.raw.writable) this.raw.write(octets);
  }

  /** Ends this side in order, with close_notify and FIN, and goes on reading. */
  halfClose(): void {
    this.#tls?.end();
  }

  /** Ends TCP without close_notify once what was written is out. */
  fin(): void {
    this.#endedHere();
    this.raw.end();
  }

  /** Cuts the connection with RST. */
  reset(): void {
    this.#endedHere();
    this.raw.resetAndDestroy();
  }

  /** Lets the connection go without a word of TLS. */
  destroy(): void {
    this.#endedHere();
    this.#tls?.destroy();
    this.raw.destroy();
  }

  /** Takes nothing more from the socket, so that the client's queue fills. */
  stopReading(): void {
    this.#tls?.pause();
    this.raw.pause();
  }

  /** Takes over the raw stream: what comes is shown to `onOctets` and no TLS is spoken. */
  readRaw(onOctets?: (octets: Buffer) => void): void {
    this.raw.on('data', (octets: Buffer) => {
      this.#journal.enterRawOctets(octets, this.entry);
      onOctets?.(octets);
    });
    this.raw.on('end', () => this.#ended('fin'));
    this.raw.on('close', () => this.#ended('fin'));
  }

  /** Starts TLS. With `tapped` the raw stream is shown to the journal, which costs time. */
  secure(
    context: SecureContext,
    alpn: readonly string[] | null,
    tapped: boolean,
    handler: ConnectionHandler,
  ): void {
    const tap = tapped
      ? new Tap(this.raw, (octets) => this.#journal.enterRawOctets(octets, this.entry))
      : null;
    const tls = new TLSSocket(tap ?? this.raw, {
      isServer: true,
      secureContext: context,
      ...(alpn === null ? {} : { ALPNProtocols: [...alpn] }),
    });
    this.#tls = tls;
    tls.on('secure', () => {
      this.#enterHandshake(tls);
      handler.onSecure(this);
    });
    tls.on('data', (octets: Buffer) => {
      this.#journal.enterRecord(octets.length, this.entry);
      const messages: Buffer[] = [];
      this.#frames.push(octets, (message) => messages.push(message));
      if (messages.length > 0) handler.onMessages(this, messages);
    });
    tls.on('end', () => {
      this.#ended(tap !== null && !tap.endDelivered ? 'close-notify' : 'fin');
      tls.end();
    });
    tls.on('error', (error) => this.#failed(error));
    tls.on('_tlsError', (error: Error) => this.#journal.update(this.entry, { tlsError: error }));
    tls.on('close', () => {
      this.#ended('fin');
      handler.onClose(this);
    });
  }

  #enterHandshake(tls: TLSSocket): void {
    const sni: unknown = Reflect.get(tls, 'servername');
    this.#journal.update(this.entry, {
      tls: {
        sni: typeof sni === 'string' ? sni : null,
        alpn: typeof tls.alpnProtocol === 'string' ? tls.alpnProtocol : null,
        protocol: tls.getProtocol() ?? 'none',
        resumed: tls.isSessionReused(),
      },
    });
  }

  #failed(error: Error): void {
    const reset = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
    if (!reset) this.#journal.update(this.entry, { tlsError: error });
    this.#ended(reset ? 'reset' : 'fin');
  }

  #endedHere(): void {
    this.#ended('upstream');
  }

  #ended(end: JournalConnection['end']): void {
    if (this.entry.end === 'open') this.#journal.update(this.entry, { end });
  }
}
