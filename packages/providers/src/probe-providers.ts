/** Probes every address of some providers, a few at a time. */
import type { ProbeLimits } from './limits.ts';
import { type ProbeResult, probe } from './probe.ts';
import { addressesOf, DOT_PORT, type Provider } from './provider.ts';

export interface ProbeOptions extends ProbeLimits {
  /** Default 853. */
  readonly port?: number;
  /** PEM trust anchors instead of the system's. */
  readonly ca?: string;
  /** Is told of each address when it is done. */
  readonly onResult?: (done: AddressResult) => void;
}

export interface AddressResult {
  readonly provider: Provider;
  readonly address: string;
  readonly result: ProbeResult;
}

/** Results in the order of providers and their addresses, whichever came first. */
export async function probeProviders(
  providers: readonly Provider[],
  options: ProbeOptions,
): Promise<readonly AddressResult[]> {
  const { timeoutMs, concurrency, port = DOT_PORT, ca, onResult } = options;
  const tasks = providers.flatMap((provider) =>
    addressesOf(provider).map((address) => ({ provider, address })),
  );
  const results: AddressResult[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let i = next++; i < tasks.length; i = next++) {
      const task = tasks[i];
      if (task === undefined) return;
      const { provider, address } = task;
      const trust = ca === undefined ? {} : { ca };
      const result = await probe({ address, port, authName: provider.authName, ...trust }, timeoutMs);
      const done = { provider, address, result };
      results[i] = done;
      onResult?.(done);
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, tasks.length) }, work));
  return results;
}
