/** `pnpm providers [--probe] [--json]`: what it takes, and what it prints. */
import { parseArgs } from 'node:util';
import { type Limit, PROBE_LIMITS } from './limits.ts';
import { type AddressResult, probeProviders } from './probe-providers.ts';
import type { Provider } from './provider.ts';
import { probeTable, providerTable } from './text-table.ts';

export const HELP = `usage: pnpm providers [NAME …] [options]
  --probe            connect to each address and measure: TCP, TLS with the name checked, one query
  --json             print JSON
  --timeout MS       for one address, ${rangeOf(PROBE_LIMITS.timeoutMs)}
  --concurrency N    addresses probed at the same time, ${rangeOf(PROBE_LIMITS.concurrency)}
  --help
`;

/** What the command works with; replaced in tests. */
export interface Surroundings {
  readonly providers: readonly Provider[];
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly port?: number;
  readonly ca?: string;
}

/** An argument that cannot be used. The message says what it was and what it may be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'ERR_USAGE';
}

/** Runs the command. @returns the exit code: 0 done, 1 nothing could be reached, 2 a bad argument. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await runParsed(parse(args), surroundings);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    surroundings.writeError(`providers: ${error.message}\n`);
    return 2;
  }
}

interface Command {
  readonly help: boolean;
  readonly probe: boolean;
  readonly json: boolean;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly names: readonly string[];
}

function parse(args: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  return {
    help: values.help ?? false,
    probe: values.probe ?? false,
    json: values.json ?? false,
    timeoutMs: numberOf('--timeout', values.timeout, PROBE_LIMITS.timeoutMs),
    concurrency: numberOf('--concurrency', values.concurrency, PROBE_LIMITS.concurrency),
    names: positionals,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        probe: { type: 'boolean' },
        json: { type: 'boolean' },
        timeout: { type: 'string' },
        concurrency: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function numberOf(option: string, given: string | undefined, limit: Limit): number {
  if (given === undefined) return limit.default;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= limit.min && value <= limit.max) return value;
  throw new UsageError(`${option} is ${JSON.stringify(given)}; it may be ${limit.min} to ${limit.max}`);
}

async function runParsed(command: Command, surroundings: Surroundings): Promise<number> {
  const { write, writeError, port, ca } = surroundings;
  if (command.help) {
    write(HELP);
    return 0;
  }
  const providers = wanted(command.names, surroundings.providers);
  if (!command.probe) {
    write(command.json ? json(providers) : providerTable(providers));
    return 0;
  }
  const results = await probeProviders(providers, {
    timeoutMs: command.timeoutMs,
    concurrency: command.concurrency,
    ...(port === undefined ? {} : { port }),
    ...(ca === undefined ? {} : { ca }),
    onResult: ({ provider, address, result }) => {
      if (!result.reached) writeError(`${provider.name} ${address}: unreachable: ${result.reason}\n`);
    },
  });
  write(command.json ? json(results.map(flat)) : probeTable(results));
  return results.some(({ result }) => result.reached) ? 0 : 1;
}

function wanted(names: readonly string[], providers: readonly Provider[]): readonly Provider[] {
  const unknown = names.find((name) => !providers.some((provider) => provider.name === name));
  if (unknown !== undefined) throw new UsageError(`${JSON.stringify(unknown)} is not a provider`);
  return names.length === 0 ? providers : providers.filter(({ name }) => names.includes(name));
}

function flat({ provider, address, result }: AddressResult): object {
  return { provider: provider.name, address, authName: provider.authName, ...result };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function rangeOf({ default: value, min, max }: Limit): string {
  return `${min} to ${max}, default ${value}`;
}
