import type { Strategy } from '@tridot/listener';
import { describe } from 'vitest';
import { closingContract } from './closing.contract.ts';
import { tcpConnectionsContract } from './tcp-connections.contract.ts';
import { tcpFramingContract } from './tcp-framing.contract.ts';
import { tcpPeersContract } from './tcp-peers.contract.ts';
import { udpContract } from './udp.contract.ts';

/** What every strategy's listeners do with a handler, seen from their sockets: the obligations L1 to L7. */
export function listenerContract(strategy: Strategy): void {
  describe(strategy.name, () => {
    udpContract(strategy);
    tcpFramingContract(strategy);
    tcpConnectionsContract(strategy);
    tcpPeersContract(strategy);
    closingContract(strategy);
  });
}
