import type { SecureContext } from 'node:tls';
import type { ClientCertificate } from './client-certificate.ts';
import type { DialEvents, Opener } from './dialler.ts';
import { UpstreamError } from './errors.ts';
import { createHostResolver } from './host-resolver.ts';
import { type Expected, identityOf } from './identity.ts';
import type { UpstreamLimits } from './limits.ts';
import { serverName, type TlsServerOptions } from './options.ts';
import { type TicketKey, Tickets } from './tickets.ts';
import { type DialTarget, dial } from './tls-dial.ts';
import { contextOf, trustOf } from './trust.ts';

/** Dials one server over TLS, with the sessions of earlier connections and our certificate as it is at that moment. */
export function createTlsOpener(
  server: TlsServerOptions,
  groupCa: string | undefined,
  limits: UpstreamLimits,
  client: ClientCertificate | null,
): Opener {
  const { host, port, sni = true, tls13Only = false } = server;
  const trustOptions = { ca: server.ca ?? groupCa, tls13Only };
  const trust = trustOf(trustOptions);
  const expected = expectedOf(server);
  const tickets = new Tickets(limits.maxQueriesPerConnection === 0 ? limits.resumptionMaxAgeMs : 0);
  const resolveHost = createHostResolver(host);
  let ours: { fingerprint: string; context: SecureContext } | null = null;

  return (events: DialEvents) => {
    const context = client === null ? trust.context : contextWith(client);
    const target: DialTarget = { name: serverName(server), host, port, expected, sni, context, resolveHost };
    const ticketKey: TicketKey = {
      host,
      port,
      expected: JSON.stringify(expected),
      trust: trust.key,
      client: client?.pair.fingerprint ?? '',
    };
    return dial(target, tickets.take(ticketKey), limits, {
      onDone(result) {
        // A session may be what the server choked on.
        if (result instanceof UpstreamError && result.phase === 'handshake') tickets.drop(ticketKey);
        events.onDone(result);
      },
      onTicket: (ticket) => tickets.put(ticketKey, ticket),
      onClosed: () => events.onClosed(),
    });
  };

  function contextWith({ pair }: ClientCertificate): SecureContext {
    if (ours?.fingerprint !== pair.fingerprint) {
      ours = { fingerprint: pair.fingerprint, context: contextOf(trustOptions, pair) };
    }
    return ours.context;
  }
}

function expectedOf({ host, authName, pins = [], authentication = 'strict' }: TlsServerOptions): Expected {
  const identity = identityOf(host, authName);
  const pinsAlone = pins.length > 0 && authName === undefined && 'address' in identity;
  return {
    identity,
    chain: !pinsAlone,
    pins: pins.map((pin) => pin.slice('sha256/'.length)),
    required: authentication === 'strict',
  };
}
