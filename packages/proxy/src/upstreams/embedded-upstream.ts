import type { UpstreamAddress } from './upstream-addresses.ts';

/** A DoT server inside the process, for trying things with no network. */
export interface EmbeddedUpstream {
  readonly address: UpstreamAddress;
  /** PEM of the throwaway authority that signed its certificate. */
  readonly ca: string;
  close(): Promise<void>;
}

/** Starts it on a loopback port of the system's choice. It answers from an example zone. */
export async function startEmbedded(): Promise<EmbeddedUpstream> {
  // The test bed brings a certificate authority and DNS codecs, which nobody else should wait for.
  const { startEmbeddedUpstream } = await import('@tridot/testbed');
  const upstream = await startEmbeddedUpstream();
  const { host, port, authName } = upstream;
  return {
    address: { host, port, authName, label: `embedded (${host}:${port})` },
    ca: upstream.caPem,
    close: () => upstream.close(),
  };
}
