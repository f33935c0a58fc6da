import { connect } from 'node:net';
import type { Opener } from './dialler.ts';
import { reasonOf, UpstreamError } from './errors.ts';
import type { UpstreamLimits } from './limits.ts';
import type { PlainServerOptions } from './options.ts';
import { TCP_KEEPALIVE_MS } from './tls-dial.ts';

/** Connects without TLS, to a private address only: the options have been checked. */
export function createTcpOpener(
  name: string,
  { host, port }: PlainServerOptions,
  { connectTimeoutMs }: UpstreamLimits,
): Opener {
  return (events) => {
    const startedMs = performance.now();
    let settled = false;
    const socket = connect({ host, port, noDelay: true });
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    const timer = setTimeout(() => fail(`no connection within ${connectTimeoutMs} ms`), connectTimeoutMs);
    socket.once('connect', () => {
      settled = true;
      clearTimeout(timer);
      const connectedMs = performance.now();
      const setup = { startedMs, connectedMs, securedMs: connectedMs, tls: null };
      events.onDone({ socket, setup, protocol: 'TCP', unauthenticated: null });
    });
    // Stays for the life of the socket: an error that nobody listens to would end the process.
    socket.on('error', (error) => fail(reasonOf(error), error));
    socket.once('close', () => {
      fail('connection closed by the server');
      events.onClosed();
    });

    function fail(what: string, cause?: Error): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      socket.destroy();
      events.onDone(
        new UpstreamError('ERR_UPSTREAM_UNREACHABLE', what, { upstream: name, phase: 'dial', cause }),
      );
    }

    return {
      abort() {
        settled = true;
        clearTimeout(timer);
        socket.destroy();
      },
    };
  };
}
