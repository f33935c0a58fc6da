import { equal } from './assert.ts';
import { query, ROOT } from './bytes/build.ts';
import { read } from './bytes/read.ts';
import { type CaseContext, delay } from './context.ts';
import { answered } from './expectations.ts';

/** Long enough for a reply that comes twice. */
const AFTERWARDS_MS = 50;

/** Asks one query after the other on one client, and wants a true answer to each, once. */
export async function askInTurn(context: CaseContext, count: number): Promise<void> {
  const client = await context.open();
  for (let id = 0; id < count; id += 1) {
    const asked = query({ id, name: context.qname() });
    answered(asked, await context.ask(asked, { client }));
  }
  equal(client.received.length, count, 'one reply each');
}

/** Without a pause between the batches none of their replies need have come. */
const BATCH_PAUSE_MS = 5;
/** The replies to queries that waited for one connection come all at once. */
const ALL_AT_ONCE = { receiveBufferBytes: 4_194_304 };

/**
 * Asks all on one client, without waiting for replies, and wants a true answer to each, once.
 *
 * @param options.atOnce queries sent without a pause. Default: all.
 */
export async function askTogether(
  context: CaseContext,
  count: number,
  { atOnce = count }: { readonly atOnce?: number } = {},
): Promise<void> {
  const client = context.transport === 'udp' ? await context.udp(ALL_AT_ONCE) : await context.tcp();
  const queries = Array.from({ length: count }, (_, id) => query({ id, name: context.qname() }));
  for (const [index, each] of queries.entries()) {
    if (index > 0 && index % atOnce === 0) await delay(BATCH_PAUSE_MS);
    client.send(each);
  }
  const replies = (await client.take(count, 2 * context.deadlineMs)).map(read);
  equal(new Set(replies.map((reply) => reply.id)).size, count, 'each once');
  for (const reply of replies) answered(queries[reply.id] ?? ROOT, reply);
  await delay(AFTERWARDS_MS);
  equal(client.received.length, count, 'no reply twice');
}
