import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { startUpstream } from '@tridot/testbed';
import { answerOf } from './answers.ts';
import type { CaseContext } from './context.ts';

/** Stands at the upstream's port, which is down, and passes to another upstream what comes, after a while. */
export async function startRelay(
  context: CaseContext,
  { delayMs }: { readonly delayMs: number },
): Promise<void> {
  const behind = await startUpstream({
    ca: context.ca,
    authName: context.upstream.authName,
    answer: answerOf,
  });
  const sockets = new Set<Socket>();
  const relay = createServer((from) => {
    const timer = setTimeout(() => {
      const to = connect(behind.port, behind.host);
      sockets.add(to);
      to.on('error', () => from.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to).pipe(from);
    }, delayMs);
    sockets.add(from);
    from.on('error', () => from.destroy());
    from.on('close', () => clearTimeout(timer));
  });
  relay.listen(context.upstream.port, context.upstream.host);
  await once(relay, 'listening');
  context.cleanup(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => relay.close(resolve));
    await behind.close();
  });
}
