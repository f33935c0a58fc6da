import { ClientCertificate, type ClientCertificateFiles } from './client-certificate.ts';
import { DatagramServer } from './datagram-server.ts';
import { type GroupOptions, isPlain, type ServerOptions, serverName } from './options.ts';
import type { Server } from './server.ts';
import type { ServerContext } from './server-context.ts';
import { StreamServer } from './stream-server.ts';
import { createTcpOpener } from './tcp-dial.ts';
import { createTlsOpener } from './tls-opener.ts';

/** The servers of one group, and what must be let go with them. */
export interface Servers {
  readonly all: readonly Server[];
  close(): Promise<void>;
}

/**
 * Makes the servers of a group from its options, which have been checked.
 *
 * @throws {UpstreamOptionError} ERR_UPSTREAM_OPTION: PEM text or a file cannot be used.
 */
export function createServers(
  options: GroupOptions,
  ca: string | undefined,
  context: ServerContext,
): Servers {
  const certificates = new Map<string, ClientCertificate>();
  const users = new Map<ClientCertificate, Server[]>();
  try {
    const all = options.servers.map((server, index) => create(server, isWarm(options, index)));
    return { all, close: () => closeAll(all) };
  } catch (error) {
    for (const certificate of certificates.values()) certificate.close();
    throw error;
  }

  function create(server: ServerOptions, warm: boolean): Server {
    const name = serverName(server);
    if (isPlain(server)) {
      // Padding serves nobody where everything can be read.
      const plain = { ...context, limits: { ...context.limits, padBlockBytes: 0 } };
      const overTcp = new StreamServer(name, createTcpOpener(name, server, plain.limits), plain, warm);
      return server.transport === 'tcp' ? overTcp : new DatagramServer(name, server, plain, overTcp);
    }
    const client = server.clientCertificate === undefined ? null : certificateOf(server.clientCertificate);
    const open = createTlsOpener(server, ca, context.limits, client);
    const created = new StreamServer(name, open, context, warm);
    if (client !== null) users.get(client)?.push(created);
    return created;
  }

  function certificateOf(files: ClientCertificateFiles): ClientCertificate {
    const key = JSON.stringify([files.certFile, files.keyFile]);
    const known = certificates.get(key);
    if (known !== undefined) return known;
    const { limits, observer } = context;
    const certificate = new ClientCertificate(files, limits.certificatePollMs, {
      onChanged() {
        observer.clientCertificateRead?.({ ...files, problem: null });
        for (const server of users.get(certificate) ?? []) server.renew();
      },
      onProblem: (problem) => observer.clientCertificateRead?.({ ...files, problem }),
    });
    certificates.set(key, certificate);
    users.set(certificate, []);
    return certificate;
  }

  async function closeAll(all: readonly Server[]): Promise<void> {
    for (const certificate of certificates.values()) certificate.close();
    await Promise.all(all.map((server) => server.close()));
  }
}

/** With failover only the first server is likely to be asked next. */
function isWarm({ warm = false, selection = 'failover' }: GroupOptions, index: number): boolean {
  return warm && (selection !== 'failover' || index === 0);
}
