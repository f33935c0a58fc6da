/** One connection to the server, kept up for as long as it is wanted. */
import { createClient, RESP_TYPES } from '@redis/client';
import type { SharedCacheLimits } from './limits.ts';

const FIRST_RECONNECT_MS = 50;
const CONNECT_MS = 2_000;

/** The three commands that are used. Replies are octets. */
export interface Connection {
  /** Whether commands are sent at once. Nothing is ever queued for a later connection. */
  readonly isReady: boolean;
  get(key: Buffer): Promise<Buffer | null>;
  /** How long a key is still kept, in milliseconds; negative when it is not there, or for ever. */
  remainingMs(key: Buffer): Promise<number>;
  set(key: Buffer, value: Buffer, ttlMs: number): Promise<unknown>;
  /** Fails all commands that are owed a reply, and never connects again. */
  destroy(): void;
}

export interface ConnectionEvents {
  onUp(): void;
  /** Called for every attempt that failed, and when the connection was lost. */
  onDown(error: Error): void;
}

/**
 * Begins to connect, and goes on trying until destroyed.
 *
 * @param url `redis://`, `rediss://` (TLS) or `unix://`, with user, password and number of the database as usual.
 */
export function connect(url: string, limits: SharedCacheLimits, events: ConnectionEvents): Connection {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    commandsQueueMaxLength: limits.maxPending * 2,
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (attempt) => {
        const pauseMs = Math.min(limits.maxReconnectMs, FIRST_RECONNECT_MS * 2 ** Math.min(attempt, 16));
        // Replicas that lost the server at the same moment must not all come back at the same moment.
        return pauseMs * (0.5 + Math.random() / 2);
      },
    },
  });
  client.on('error', (error: Error) => events.onDown(error));
  client.on('ready', () => events.onUp());
  client.connect().catch((error: Error) => events.onDown(error));
  const octets = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    get isReady() {
      return client.isReady;
    },
    get: (key) => octets.get(key),
    remainingMs: (key) => client.pTTL(key),
    set: (key, value, ttlMs) => client.set(key, value, { expiration: { type: 'PX', value: ttlMs } }),
    destroy: () => client.destroy(),
  };
}
