import type { Upstreams } from '@tridot/upstream';
import { buildOutgoing, walk } from '@tridot/wire';

/** `. IN SOA`, recursion desired: every resolver knows it, it is short, and it tells nothing about anybody. */
const QUERY = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1]);

/** Asks the upstreams something, to find out whether they answer. Rejects when none does. */
export async function probe(upstreams: Upstreams): Promise<void> {
  const query = Buffer.from(QUERY);
  await upstreams.ask(buildOutgoing(query, walk(query)));
}
