import { networkInterfaces } from 'node:os';
import type { Transport } from '@tridot/listener';
import { type Endpoint, isLinkLocal } from './endpoints.ts';

/** Sockets that share one port: UDP and TCP of one address, or of all local addresses. */
export interface PortGroup {
  /** 0: the system chooses one that is free for all of them. */
  readonly port: number;
  readonly sockets: readonly SocketToOpen[];
}

export interface SocketToOpen {
  readonly transport: Transport;
  /** A concrete local address, never a wildcard. */
  readonly address: string;
}

/** The addresses of this machine, as `os.networkInterfaces()` lists them. */
export type Interfaces = ReturnType<typeof networkInterfaces>;

/**
 * What to bind for a list of endpoints. A wildcard becomes one socket for each local address, for UDP and TCP alike: a
 * reply has to leave from the address that was asked, and Node does not tell a wildcard's datagrams which one that was
 * (RFC 2181 §4.1). An endpoint that repeats another is bound once.
 *
 * @param defaultPort the port of an endpoint that names none.
 * @throws {RangeError} when a wildcard stands for no address at all.
 */
export function socketsToOpen(
  endpoints: readonly Endpoint[],
  defaultPort: number,
  interfaces: Interfaces = networkInterfaces(),
): PortGroup[] {
  const seen = new Set<string>();
  const groups: PortGroup[] = [];
  for (const { transports, address, port = defaultPort } of endpoints) {
    const sockets = addressesBehind(address, interfaces)
      .flatMap((concrete) => transports.map((transport) => ({ transport, address: concrete })))
      .filter((socket) => port === 0 || isNew(seen, `${socket.transport} ${socket.address} ${port}`));
    if (sockets.length > 0) groups.push({ port, sockets });
  }
  return groups;
}

function isNew(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function addressesBehind(address: string, interfaces: Interfaces): string[] {
  const family = WILDCARDS[address];
  if (family === undefined) return [address];
  const local = localAddresses(interfaces).filter((candidate) => family.test(candidate));
  if (local.length === 0)
    throw new RangeError(`no network interface has an address that ${address} stands for`);
  return local;
}

/** Each wildcard, and what the addresses that it stands for look like. `::` is IPv6 alone; `*` is both. */
const WILDCARDS: Readonly<Record<string, RegExp>> = { '0.0.0.0': /\./, '::': /:/, '*': /./ };

function localAddresses(interfaces: Interfaces): string[] {
  const found = new Set<string>();
  for (const [name, addresses = []] of Object.entries(interfaces)) {
    for (const { address } of addresses) {
      found.add(isLinkLocal(address) && !address.includes('%') ? `${address}%${name}` : address);
    }
  }
  return [...found];
}
