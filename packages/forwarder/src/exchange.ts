import type { Client } from '@tridot/listener';
import type { Layout } from '@tridot/wire';

/** One well-formed query of a client, on its way to its reply. */
export interface Exchange {
  readonly query: Buffer;
  readonly layout: Layout;
  readonly client: Client;
  /** By `performance.now()`, in milliseconds; 0 when nobody wants to know. */
  readonly startedMs: number;
}
