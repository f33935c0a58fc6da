import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { CaseContext } from './context.ts';

/** A process that listens and, once stopped by a signal, accepts nothing: the kernel drops SYNs when its queue is full. */
const LISTEN = `require('node:net').createServer().listen({ port: +process.argv[1], host: process.argv[2], backlog: 1 }, () => {
  process.stdout.write('listening');
})`;
const FULL_MS = 300;

/** Puts a black hole in the place of the upstream, which is down: connection attempts get no answer. */
export async function startBlackHole(context: CaseContext): Promise<void> {
  const { port, host } = context.upstream;
  const child = spawn(process.execPath, ['-e', LISTEN, String(port), host], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const fillers: Socket[] = [];
  context.cleanup(() => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  // The queue is full as soon as a connection attempt gets no answer.
  for (let full = false; !full; ) {
    const filler = connect(port, host).on('error', () => {});
    fillers.push(filler);
    full = await Promise.race([
      once(filler, 'connect').then(() => false),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(true), FULL_MS)),
    ]);
  }
}
