/** An answer as a shared cache holds it: version, lifetime, message with the TTLs that it had at first. */
import type { EntryMemory } from './entry.ts';
import { readInt32, writeInt32 } from './octets.ts';

/** Changes whenever the meaning of the octets does, so that other versions' entries are nobody's. */
const VERSION = 1;
const LIFETIME_OFFSET = 1;
const MESSAGE_OFFSET = 5;

export interface SharedEntry {
  readonly value: Buffer;
  readonly lifetimeSeconds: number;
}

export function exportEntry(memory: EntryMemory, at: number): SharedEntry {
  const start = memory.messageAt(at);
  const messageBytes = memory.messageBytes(at);
  const lifetimeSeconds = memory.expires(at) - memory.stored(at);
  const value = Buffer.allocUnsafe(MESSAGE_OFFSET + messageBytes);
  value[0] = VERSION;
  writeInt32(value, LIFETIME_OFFSET, lifetimeSeconds);
  memory.octets.copy(value, MESSAGE_OFFSET, start, start + messageBytes);
  return { value, lifetimeSeconds };
}

/** @returns `null` when the octets are no entry of this version. The message may be anything. */
export function readEntry(value: Buffer): { message: Buffer; lifetimeSeconds: number } | null {
  if (value.length < MESSAGE_OFFSET || value[0] !== VERSION) return null;
  const lifetimeSeconds = readInt32(value, LIFETIME_OFFSET);
  return lifetimeSeconds < 1 ? null : { message: value.subarray(MESSAGE_OFFSET), lifetimeSeconds };
}
