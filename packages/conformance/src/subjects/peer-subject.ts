import type { Subject as Peer } from '@tridot/peers';
import type { Need } from '../case.ts';
import type { Subject } from '../subject.ts';
import { startChildSubject } from './child-subject.ts';

const CAN: readonly Need[] = ['process', 'start'];
/** Two cores serve the peers, their upstreams and the clients. */
const CONCURRENCY = 6;

/** A forwarder of another project, as a child process with a configuration of its own. */
export function peerSubject(peer: Peer): Subject {
  return {
    name: peer.name,
    version: peer.version(),
    peer: true,
    can: new Set<Need>(peer.caches ? [...CAN, 'cache'] : CAN),
    shared: true,
    concurrency: CONCURRENCY,
    start: (start) =>
      startChildSubject(start, ({ first, port, caFile, settings }) =>
        peer.start({
          port,
          caFile,
          upstreamPort: first.port,
          authName: first.authName,
          cache: settings.cache !== undefined,
        }),
      ),
  };
}
