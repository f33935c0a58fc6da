import { type Behaviour, behaviours } from '@tridot/testbed';
import { decode, encode, RECURSION_AVAILABLE, RECURSION_DESIRED } from 'dns-packet';
import { type LoadUpstream, startCountingUpstream } from '../load/upstream.ts';
import type { HandshakeRound } from './result.ts';

/** An upstream that tells full handshakes from resumed ones. */
export interface HandshakeUpstream extends LoadUpstream {
  /** So far. */
  counts(): Pick<HandshakeRound, 'connections' | 'full' | 'resumed'>;
}

/** Starts the test bed's upstream, which resumes sessions, and which ends a connection that was idle for `idleMs`. */
export async function startHandshakeUpstream(idleMs: number): Promise<HandshakeUpstream> {
  const handshakes = { full: 0, resumed: 0 };
  const count: Behaviour = {
    name: 'countHandshakes',
    secured({ entry }) {
      handshakes[entry.tls?.resumed === true ? 'resumed' : 'full'] += 1;
    },
  };
  const upstream = await startCountingUpstream([
    count,
    behaviours.closeWhenIdle(idleMs),
    ...behaviours.onQueries('.', rootServers),
  ]);
  return { ...upstream, counts: () => ({ connections: upstream.connections() ?? 0, ...handshakes }) };
}

/**
 * Every resolver knows the name servers of the root, and the test bed’s zone does not: Knot Resolver would ask for them again
 * every 10 s, and its connection would never be idle.
 */
const rootServers: Behaviour = {
  name: 'rootServers',
  query(exchange, next) {
    const { id = 0, questions = [] } = decode(exchange.query);
    if (questions[0]?.type === 'NS') {
      exchange.response = encode({
        ...{ id, questions, type: 'response', flags: RECURSION_DESIRED | RECURSION_AVAILABLE },
        answers: [{ type: 'NS', name: '.', ttl: ROOT_TTL_SECONDS, data: 'ns.example.com' }],
      });
    }
    next();
  },
};

const ROOT_TTL_SECONDS = 518_400;
