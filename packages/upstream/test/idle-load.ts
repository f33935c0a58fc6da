import type { Upstreams } from '../src/index.ts';
import { outgoing } from './messages.ts';

/** Asks one query after another, with pauses of any length between two bounds. */
export async function askNowAndThen(
  upstreams: Upstreams,
  plan: { readonly durationMs: number; readonly minPauseMs: number; readonly maxPauseMs: number },
): Promise<{ asked: number; failures: unknown[] }> {
  const failures: unknown[] = [];
  const endMs = performance.now() + plan.durationMs;
  let asked = 0;
  while (performance.now() < endMs) {
    await upstreams.ask(outgoing(`n${asked++}.example.com`)).catch((error: unknown) => failures.push(error));
    const pauseMs = plan.minPauseMs + Math.random() * (plan.maxPauseMs - plan.minPauseMs);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return { asked, failures };
}

/** Keeps `workers` queries in flight until told to stop. */
export function keepAsking(upstreams: Upstreams, workers: number) {
  const failures: unknown[] = [];
  let answered = 0;
  let stopped = false;
  const work = async () => {
    while (!stopped) {
      await upstreams.ask(outgoing(`n${answered}.example.com`)).then(
        () => {
          answered++;
        },
        (error: unknown) => failures.push(error),
      );
    }
  };
  const done = Promise.all(Array.from({ length: workers }, work));
  return {
    failures,
    get answered() {
      return answered;
    },
    async stop(): Promise<void> {
      stopped = true;
      await done;
    },
  };
}
