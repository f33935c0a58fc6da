/** What is tried at once: bytes alone, no chance. The same batch can be tried again, made smaller, and kept in a file. */

/**
 * The settings of the subjects. `usual`: nothing is remembered, so that every query goes up. `tight`: besides, a connection may
 * have only few queries in flight, so that reading is paused. `remembering`: cache and coalescing are on, and every batch is
 * tried twice; what comes of it depends on time and on what was asked before, so it is held to the rules and not compared.
 */
export type Setting = 'usual' | 'tight' | 'remembering';

export interface Batch {
  readonly setting: Setting;
  /** Each is sent as one datagram. */
  readonly datagrams: readonly Buffer[];
  /** Each is a TCP connection. */
  readonly streams: readonly Stream[];
  /** What the upstream answers to certain questions; to all others it tells the truth. */
  readonly answers: readonly ScriptedAnswer[];
}

/** One TCP connection of a client. Chunks arrive one by one, each in a turn of the event loop of its own. */
export interface Stream {
  readonly chunks: readonly Buffer[];
  /** `half-close` waits for the end of the other side; `reset` does not. */
  readonly ending: 'half-close' | 'reset';
}

/** How the upstream answers one question, by how often it has been asked; after the last attempt it tells the truth. */
export interface ScriptedAnswer {
  /** The octets of the question section. */
  readonly question: Buffer;
  readonly attempts: readonly Attempt[];
}

export interface Attempt {
  readonly writes: readonly Write[];
  /** `truth`: the true answer follows. The others end the connection. */
  readonly ending: Ending;
}

export type Ending = 'truth' | 'close-notify' | 'fin' | 'reset';

/** Something that the upstream writes. */
export interface Write {
  /** `message`: framed, with the ID of the query. `octets`: as they are. `plain`: as they are, beneath TLS. */
  readonly kind: 'message' | 'octets' | 'plain';
  readonly octets: Buffer;
  /** Bits of the ID of a `message` that are wrong. */
  readonly wrongIdBits: number;
  /** Where the octets, the prefix of a `message` included, are cut; each piece is a TLS record. */
  readonly cuts: readonly number[];
}

/** A header. */
const HEADER_BYTES = 12;

/** Whether an attempt costs the connection, and so all other queries on it. */
export function endsConnection({ writes, ending }: Attempt): boolean {
  if (ending !== 'truth') return true;
  return writes.some(({ kind, octets }) => kind !== 'message' || octets.length < HEADER_BYTES);
}

export function costsConnections(batch: Batch): boolean {
  return batch.answers.some(({ attempts }) => attempts.some(endsConnection));
}

/** How many inputs that is. */
export function sizeOf(batch: Batch): number {
  return batch.datagrams.length + batch.streams.length + batch.answers.length;
}

export const EMPTY_BATCH: Batch = { setting: 'usual', datagrams: [], streams: [], answers: [] };
