import { createHostResolver } from './host-resolver.ts';
import { identityOf } from './identity.ts';
import type { ServerOptions, UpstreamsOptions } from './options.ts';
import type { TicketKey } from './tickets.ts';
import type { DialTarget } from './tls-dial.ts';
import { createTrustStore } from './trust.ts';

/** What must be known to dial each server, made from the options. */
export function targetsOf(options: UpstreamsOptions): { target: DialTarget; ticketKey: TicketKey }[] {
  const trustOf = createTrustStore();
  return options.servers.map((server) => {
    const { host, port } = server;
    const trust = trustOf(server.ca ?? options.ca);
    const identity = identityOf(host, server.authName);
    const resolveHost = createHostResolver(host);
    return {
      target: { name: nameOf(server), host, port, identity, context: trust.context, resolveHost },
      ticketKey: { host, port, identity: JSON.stringify(identity), trust: trust.key },
    };
  });
}

function nameOf({ host, port, authName, label }: ServerOptions): string {
  const address = host.includes(':') ? `[${host}]` : host;
  return label ?? `tls://${address}:${port}${authName === undefined ? '' : `#${authName}`}`;
}
