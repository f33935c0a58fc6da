import type { ClientCertificateFiles } from './client-certificate.ts';
import type { UpstreamLimits } from './limits.ts';
import type { SelectionName } from './selection/selection.ts';

/** One upstream: a DNS-over-TLS server that must prove who it is. */
export interface TlsServerOptions {
  readonly transport?: 'tls';
  /** An IP address, or a name that the system's resolver finds when the server is dialled. */
  readonly host: string;
  readonly port: number;
  /**
   * The name that its certificate must carry, sent as SNI too. Default: `host`. When that is an IP address, the certificate
   * must carry the address, unless there are `pins`: then they alone count.
   */
  readonly authName?: string;
  /** Trust anchors for this server alone, in PEM. Default: those of the group. */
  readonly ca?: string;
  /**
   * Public keys, `sha256/` and the Base64 of the SHA-256 of SubjectPublicKeyInfo; the server's certificate must have one of
   * them. With an authentication name, chain and name must be good as well. Default: none. RFC 7858 §4.2
   */
  readonly pins?: readonly string[];
  /** Whether the authentication name is sent in clear as SNI. Default true. */
  readonly sni?: boolean;
  /** Who we are, for servers that ask for a certificate. */
  readonly clientCertificate?: ClientCertificateFiles;
  /** TLS 1.2 is not accepted. Default false. */
  readonly tls13Only?: boolean;
  /**
   * `opportunistic` uses a server that does not prove who it is too: encryption against those who only listen. Never clear
   * text. Default `strict`. RFC 8310 §5
   */
  readonly authentication?: 'strict' | 'opportunistic';
  /** Its name in logs and errors. Default: `tls://host:port#authName`. */
  readonly label?: string;
}

/** Plain DNS to a private or loopback address, in a group that says `insecure: true`. */
export interface PlainServerOptions {
  /** `udp` goes over to TCP for responses that are too large. */
  readonly transport: 'udp' | 'tcp';
  /** A literal address without a route on the internet. */
  readonly host: string;
  readonly port: number;
  /** Its name in logs and errors. Default: `udp://host:port`. */
  readonly label?: string;
}

export type ServerOptions = TlsServerOptions | PlainServerOptions;

/** Servers of which any may answer a query, and how one is chosen. */
export interface GroupOptions {
  /** In order of preference; at least one. */
  readonly servers: readonly ServerOptions[];
  /** Default `failover`. */
  readonly selection?: SelectionName;
  /**
   * `failure`: a query that one server answers with SERVFAIL is asked of another; when all say so, that is the answer.
   * Default `answer`.
   */
  readonly servfail?: 'answer' | 'failure';
  /** `strip` takes ECS (RFC 7871) out of the queries of clients that send it. Default `forward`. */
  readonly ecs?: 'forward' | 'strip';
  /**
   * One connection is opened at the start and kept open, and renewed before the server closes it: to the first server with
   * `failover`, else to each. Default false.
   */
  readonly warm?: boolean;
  /** Trust anchors in PEM. Default: those of all groups, else the system's. */
  readonly ca?: string;
  /** What is left out is as it is for all groups. */
  readonly limits?: Partial<UpstreamLimits>;
}

/** A group that serves the names of some routes. */
export interface RoutedGroupOptions extends GroupOptions {
  /** Must be true for a group with plain DNS servers. Default false. */
  readonly insecure?: boolean;
}

/** The group that serves every name without a route; its `ca` and `limits` are those of the other groups too. */
export interface UpstreamsOptions extends GroupOptions {
  /** More groups, by name. `default` is taken. */
  readonly groups?: Readonly<Record<string, RoutedGroupOptions>>;
  /** From domain names to names of groups: a query goes to the group of the longest name that its own name ends in. */
  readonly routes?: Readonly<Record<string, string>>;
}

/** What logs and errors call a server. */
export function serverName(server: ServerOptions): string {
  const { host, port, label, transport = 'tls' } = server;
  if (label !== undefined) return label;
  const authName = 'authName' in server ? server.authName : undefined;
  const address = host.includes(':') ? `[${host}]` : host;
  return `${transport}://${address}:${port}${authName === undefined ? '' : `#${authName}`}`;
}

export function isPlain(server: ServerOptions): server is PlainServerOptions {
  return server.transport === 'udp' || server.transport === 'tcp';
}
