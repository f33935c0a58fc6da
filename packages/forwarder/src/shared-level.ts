/** A second cache that several forwarders share, as the forwarder sees it. Its loss only costs hits. */
export interface SharedCache {
  /** Whether it is worth asking now: connected, and not overloaded. */
  readonly isReady: boolean;
  /** Asks for a value, within the deadline of the shared cache itself. Never rejects; `null` when it has none in time. */
  get(key: Buffer): Promise<SharedValue | null>;
  /** Hands a value over for `ttlMs` milliseconds and does not wait for it. Never throws. */
  set(key: Buffer, value: Buffer, ttlMs: number): void;
}

export interface SharedValue {
  readonly value: Buffer;
  /** For how long it is still kept there, in milliseconds. */
  readonly remainingMs: number;
}
