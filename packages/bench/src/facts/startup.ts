import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, type Subject } from '@tridot/peers';
import { BENCH_LIMITS } from '../limits.ts';
import type { LoadUpstream } from '../load/upstream.ts';
import { readProcess } from '../method/process-figures.ts';
import type { Method } from '../method/result.ts';
import { encodeQuery } from '../query.ts';

/** What a fresh process costs before there is load. */
export interface StartUp {
  /** From the start of the process to the first answer over UDP, its TLS handshake included, in milliseconds. */
  readonly firstAnswerMs: number;
  /** Memory once it has answered and has had nothing to do for a moment. */
  readonly idleBytes: number;
}

/** Starts the subject once and asks it from before it is there until it answers. */
export async function measureStartUp(
  subject: Subject,
  upstream: LoadUpstream,
  method: Pick<Method, 'subjectCore' | 'nodeFlags'>,
): Promise<StartUp> {
  const port = await freePort();
  const startedAt = performance.now();
  const answered = firstAnswer(port);
  try {
    const running = await subject.start({
      port,
      upstreamPort: upstream.port,
      authName: upstream.authName,
      caFile: upstream.caFile,
      cache: subject.caches,
      core: method.subjectCore,
      nodeFlags: method.nodeFlags,
    });
    try {
      const firstAnswerMs = (await answered.at) - startedAt;
      await delay(BENCH_LIMITS.idleMs.default);
      return { firstAnswerMs, idleBytes: readProcess(running.pid).residentBytes };
    } finally {
      await running.stop();
    }
  } finally {
    answered.giveUp();
  }
}

/** Asks again and again; until the port is bound, queries go nowhere. */
function firstAnswer(port: number): { readonly at: Promise<number>; giveUp(): void } {
  const socket = createSocket('udp4');
  let asked = 0;
  const ask = () =>
    socket.send(encodeQuery(`start-${asked}.example.com`, asked++), port, '127.0.0.1', () => {});
  const timer = setInterval(ask, BENCH_LIMITS.startProbeMs.default);
  let open = true;
  const giveUp = () => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    socket.close();
  };
  const at = new Promise<number>((resolve) => {
    socket.on('message', (reply) => {
      if (((reply[3] ?? 0) & 15) !== 0) return;
      resolve(performance.now());
      giveUp();
    });
    socket.on('error', () => {});
  });
  return { at, giveUp };
}
