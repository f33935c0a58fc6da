/**
 * `listener-main.ts NAME PORT`: one way of serving sockets on 127.0.0.1, UDP and TCP, with a handler that answers from
 * memory. NAME is a strategy, or `echo`: bare sockets that send back what came, which is the floor of Node.
 */
import { LISTENER_LIMITS, type ListenerLimits, type Strategy, type Transport } from '@tridot/listener';
import { answerFromMemory } from './answer-from-memory.ts';
import { serveEcho } from './echo.ts';

const [name = '', port = '0'] = process.argv.slice(2);

if (name === 'echo') await serveEcho(Number(port));
else await serve(await load(name), Number(port));
console.log(`listening on 127.0.0.1:${port}`);

async function serve(strategy: Strategy, at: number): Promise<void> {
  for (const transport of ['udp', 'tcp'] satisfies Transport[]) {
    const options = { transport, address: '127.0.0.1', port: at, limits: limits(), onEvent: () => {} };
    await strategy.create(answerFromMemory, options).listen();
  }
}

/** Only the one that is asked for is loaded, so that memory is its own. */
async function load(strategy: string): Promise<Strategy> {
  if (strategy === 'raw') return (await import('@tridot/raw')).raw;
  if (strategy === 'framework') return (await import('@tridot/framework')).framework;
  if (strategy === 'library') return (await import('@tridot/library')).library;
  throw new Error(`no strategy is called "${strategy}"`);
}

function limits(): ListenerLimits {
  const { maxInFlight, maxInFlightPerConnection, maxConnections, maxConnectionsPerAddress } = LISTENER_LIMITS;
  const { idleTimeoutMs, writeStallMs, lingerMs, receiveBufferBytes } = LISTENER_LIMITS;
  return {
    maxInFlight: maxInFlight.default,
    maxInFlightPerConnection: maxInFlightPerConnection.default,
    maxConnections: maxConnections.default,
    maxConnectionsPerAddress: maxConnectionsPerAddress.default,
    idleTimeoutMs: idleTimeoutMs.default,
    writeStallMs: writeStallMs.default,
    lingerMs: lingerMs.default,
    receiveBufferBytes: receiveBufferBytes.default,
  };
}
