/** The tables for a terminal. */
import type { AddressResult } from './probe-providers.ts';
import { addressesOf, type Provider } from './provider.ts';

/** One line for each provider. */
export function providerTable(providers: readonly Provider[]): string {
  const rows = providers.map((provider) => [
    provider.name,
    provider.operator.country,
    blocksText(provider),
    yesNo(provider.dnssec),
    yesNo(provider.clientSubnet),
    provider.authName,
    addressesOf(provider).join(' '),
    provider.ended === null ? '' : `ended ${provider.ended.on}`,
  ]);
  const text = aligned([
    ['NAME', 'LAW', 'BLOCKS', 'DNSSEC', 'ECS', 'AUTHENTICATION NAME', 'ADDRESSES', ''],
    ...rows,
  ]);
  const verified = providers.filter((provider) => provider.verified).length;
  return `${text}\n${verified} of ${providers.length} verified against the live service; docs/PROVIDERS.md names the sources.\n`;
}

/** One line for each address, times in milliseconds. */
export function probeTable(results: readonly AddressResult[]): string {
  const rows = results.map(({ provider, address, result }) => [
    provider.name,
    address,
    ...(result.reached
      ? [
          ms(result.connectMs),
          ms(result.handshakeMs),
          ms(result.queryMs),
          String(result.rcode),
          result.protocol,
        ]
      : ['unreachable']),
  ]);
  return aligned([['NAME', 'ADDRESS', 'CONNECT', 'HANDSHAKE', 'QUERY', 'RCODE', 'PROTOCOL'], ...rows]);
}

/** What is blocked, or `nothing`. */
export function blocksText({ blocks }: Provider): string {
  return blocks.length === 0 ? 'nothing' : blocks.join(', ');
}

/** `?` for what is not known. */
export function yesNo(value: boolean | null): string {
  return value === null ? '?' : value ? 'yes' : 'no';
}

function ms(value: number): string {
  return value.toFixed(1);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
