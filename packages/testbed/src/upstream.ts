/**
 * A DNS-over-TLS server that does what it is told and keeps a journal.
 *
 *   forwarder ── TCP ──► accepted ── TLS ──► secured ── frames ──► query ──► behaviour ► behaviour ► … ► deliver
 *                        (may take over)                 journal ◄──┘            (answer of the zone)
 */

import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { applies, type Behaviour, runChain, type TlsOverride } from './behaviours/behaviour.ts';
import { Connection, type ConnectionHandler } from './connection.ts';
import { Journal } from './journal.ts';
import { createTestCa, type IssuedCertificate, type TestCa } from './test-ca.ts';
import type { WaitOptions } from './wait.ts';
import { answerFromZone } from './zone.ts';

/** The true answer to a query, unframed; null: none. */
export type Answerer = (query: Buffer) => Buffer | null;

export interface UpstreamOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: the system chooses. */
  readonly port?: number;
  /** The name that the certificate is for. Default `dot.example.com`. */
  readonly authName?: string;
  /** Default: a new one. Sharing one saves time. */
  readonly ca?: TestCa;
  /** Default: issued by `ca` for `authName` and the addresses 127.0.0.1 and ::1. */
  readonly certificate?: IssuedCertificate;
  /** Default: none, which is to answer at once. */
  readonly behaviours?: readonly Behaviour[];
  /** Default: the example zone. */
  readonly answer?: Answerer;
  /** Application protocols; null: no ALPN. Default `['dot']`. */
  readonly alpn?: readonly string[] | null;
  /** 48 octets that session tickets are sealed with; two upstreams that share them resume each other's sessions. */
  readonly ticketKeys?: Buffer;
  /** `counts` keeps no bytes and does not look at the raw stream: for loads. Default `full`. */
  readonly journal?: 'full' | 'counts';
}

export interface TestUpstream {
  readonly host: string;
  /** Stays the same over stop and start. */
  readonly port: number;
  readonly authName: string;
  /** The trust anchor for this upstream. */
  readonly caPem: string;
  readonly ca: TestCa;
  readonly journal: Journal;
  /** Connections that are open now. */
  readonly connections: ReadonlySet<Connection>;
  /** Replaces the behaviours, also for connections that are open. None: answer at once. */
  behave(...behaviours: readonly (Behaviour | readonly Behaviour[])[]): void;
  /** Presents another certificate to connections from now on. */
  useCertificate(certificate: IssuedCertificate): void;
  waitForQueries(count: number, options?: WaitOptions): Promise<void>;
  /** Settles once `count` connections have been accepted in all. */
  waitForConnections(count: number, options?: WaitOptions): Promise<void>;
  /** Stops accepting and closes every connection in order (close_notify). The port is free afterwards. */
  stop(): Promise<void>;
  /** As if the process had been killed: no listener, and every connection is cut with RST. */
  kill(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
  /** Lets everything go. */
  close(): Promise<void>;
}

/** Starts an upstream; it listens once the promise settles. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<TestUpstream> {
  const authName = options.authName ?? 'dot.example.com';
  const ca = options.ca ?? (await createTestCa());
  const certificate =
    options.certificate ?? (await ca.issue({ dnsNames: [authName], ipAddresses: ['127.0.0.1', '::1'] }));
  const upstream = new Upstream(options, authName, ca, certificate);
  await upstream.start();
  return upstream;
}

class Upstream implements TestUpstream, ConnectionHandler {
  readonly host: string;
  readonly authName: string;
  readonly ca: TestCa;
  readonly journal: Journal;
  readonly connections = new Set<Connection>();
  port: number;
  readonly #answer: Answerer;
  readonly #alpn: readonly string[] | null;
  readonly #ticketKeys: Buffer;
  readonly #tapped: boolean;
  readonly #contexts = new Map<string, SecureContext>();
  #certificate: IssuedCertificate;
  #behaviours: readonly Behaviour[];
  #server: Server | null = null;

  constructor(options: UpstreamOptions, authName: string, ca: TestCa, certificate: IssuedCertificate) {
    this.host = options.host ?? '127.0.0.1';
    this.port = options.port ?? 0;
    this.authName = authName;
    this.ca = ca;
    this.#certificate = certificate;
    this.#behaviours = options.behaviours ?? [];
    this.#answer = options.answer ?? answerFromZone;
    this.#alpn = options.alpn === undefined ? ['dot'] : options.alpn;
    this.#ticketKeys = options.ticketKeys ?? randomBytes(48);
    this.#tapped = options.journal !== 'counts';
    this.journal = new Journal(this.#tapped);
  }

  get caPem(): string {
    return this.ca.pem;
  }

  behave(...behaviours: readonly (Behaviour | readonly Behaviour[])[]): void {
    this.#behaviours = behaviours.flat();
  }

  useCertificate(certificate: IssuedCertificate): void {
    this.#certificate = certificate;
  }

  waitForQueries(count: number, options?: WaitOptions): Promise<void> {
    return this.journal.waitForQueries(count, options);
  }

  waitForConnections(count: number, options?: WaitOptions): Promise<void> {
    return this.journal.waitForConnections(count, options);
  }

  start(): Promise<void> {
    if (this.#server !== null) return Promise.resolve();
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, this.host, () => {
        server.off('error', reject);
        this.port = portOf(server);
        resolve();
      });
    });
  }

  stop(): Promise<void> {
    return this.#stopWith((connection) => {
      connection.halfClose();
      connection.raw.once('finish', () => connection.destroy());
      if (connection.raw.writableFinished || !connection.writable) connection.destroy();
    });
  }

  kill(): Promise<void> {
    return this.#stopWith((connection) => connection.reset());
  }

  close(): Promise<void> {
    return this.#stopWith((connection) => connection.destroy());
  }

  onSecure(connection: Connection): void {
    for (const behaviour of this.#behaviours)
      if (applies(behaviour, connection)) behaviour.secured?.(connection);
  }

  onMessages(connection: Connection, messages: readonly Buffer[]): void {
    if (this.#behaviours.length === 0) this.#answerAll(connection, messages);
    else for (const message of messages) this.#exchange(connection, message);
  }

  onClose(connection: Connection): void {
    this.connections.delete(connection);
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, this.journal);
    this.connections.add(connection);
    socket.on('close', () => this.connections.delete(connection));
    const applying = this.#behaviours.filter((behaviour) => applies(behaviour, connection));
    if (applying.some((behaviour) => behaviour.accepted?.(connection) === true)) return;
    const overrides: TlsOverride = Object.assign({}, ...applying.map((behaviour) => behaviour.tls));
    const alpn = overrides.alpn === undefined ? this.#alpn : overrides.alpn;
    connection.secure(this.#contextFor(overrides), alpn, this.#tapped, this);
  }

  /** The way without behaviours: all answers to one read leave in one write. */
  #answerAll(connection: Connection, messages: readonly Buffer[]): void {
    const pieces: Buffer[] = [];
    for (const message of messages) {
      this.journal.enterQuery(message, connection.entry);
      const response = this.#answer(message);
      if (response !== null) pieces.push(lengthPrefix(response.length), response);
    }
    if (pieces.length > 0) connection.write(Buffer.concat(pieces));
  }

  #exchange(connection: Connection, query: Buffer): void {
    this.journal.enterQuery(query, connection.entry);
    const response = this.#answer(query);
    if (response === null) return;
    runChain(this.#behaviours, {
      connection,
      query: Buffer.from(query),
      ordinal: connection.entry.queries,
      response,
      deliver: (to, frame, done) => to.write(frame, done),
    });
  }

  #contextFor(overrides: TlsOverride): SecureContext {
    const certificate = overrides.certificate ?? this.#certificate;
    const { minVersion, maxVersion, ciphers } = overrides;
    const key = [certificate.cert, minVersion, maxVersion, ciphers].join('|');
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const context = createSecureContext({
      cert: certificate.cert,
      key: certificate.key,
      ticketKeys: this.#ticketKeys,
      ...(minVersion === undefined ? {} : { minVersion }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
      ...(ciphers === undefined ? {} : { ciphers }),
    });
    this.#contexts.set(key, context);
    return context;
  }

  #stopWith(end: (connection: Connection) => void): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return Promise.resolve();
    return new Promise((resolve) => {
      server.close(() => resolve());
      for (const connection of this.connections) end(connection);
    });
  }
}

function lengthPrefix(length: number): Buffer {
  const prefix = Buffer.allocUnsafe(2);
  prefix.writeUInt16BE(length, 0);
  return prefix;
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the upstream listens on no TCP port');
  return address.port;
}
