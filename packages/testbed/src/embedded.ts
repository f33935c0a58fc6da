import { createTestCa } from './test-ca.ts';
import { startUpstream, type TestUpstream } from './upstream.ts';

export interface EmbeddedUpstreamOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: the system chooses. */
  readonly port?: number;
}

/**
 * The upstream behind `--upstream embedded`: the example zone, answered at once, with a CA of its own. It counts queries and
 * keeps none, so that it costs the same after a million as at the start.
 */
export async function startEmbeddedUpstream(options: EmbeddedUpstreamOptions = {}): Promise<TestUpstream> {
  return startUpstream({
    ...options,
    ca: await createTestCa({ commonName: 'tridot embedded upstream' }),
    authName: 'embedded.example.com',
    journal: 'counts',
  });
}
