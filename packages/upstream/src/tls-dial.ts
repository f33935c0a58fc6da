import { connect, type SecureContext } from 'node:tls';
import type { Dial, DialEvents, Dialled } from './dialler.ts';
import { reasonOf, UpstreamError, type UpstreamErrorCode } from './errors.ts';
import type { HostResolver } from './host-resolver.ts';
import { authenticationProblem, type Expected } from './identity.ts';
import type { UpstreamLimits } from './limits.ts';
import type { Authentication, Ticket } from './tickets.ts';

/** Where to connect, and who must answer there. */
export interface DialTarget {
  /** For errors and logs. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly expected: Expected;
  /** Whether the name is told in clear in the ClientHello. */
  readonly sni: boolean;
  readonly context: SecureContext;
  readonly resolveHost: HostResolver;
}

/** Is told what becomes of a dial. */
export interface TlsDialEvents extends DialEvents {
  /** What may be resumed later. Called any number of times, never for a server that was refused. */
  onTicket(ticket: Ticket): void;
}

/** Registered for DNS over TLS (RFC 7858). A server that knows no ALPN is fine. */
const ALPN_PROTOCOLS = ['dot'];
/** Only of use where idle connections are kept for longer than this. */
export const TCP_KEEPALIVE_MS = 15_000;

/**
 * Connects and authenticates. Not an octet of DNS is sent before the server has proved what it must, on a resumed session
 * too.
 *
 * @param ticket of an earlier connection to the same server under the same identity and trust.
 *
 * RFC 7858 §3.1, §3.2; RFC 8310 §5, §8.1
 */
export function dial(
  target: DialTarget,
  ticket: Ticket | undefined,
  limits: Pick<UpstreamLimits, 'connectTimeoutMs' | 'handshakeTimeoutMs'>,
  events: TlsDialEvents,
): Dial {
  const { expected } = target;
  const startedMs = performance.now();
  let connectedMs = 0;
  let settled = false;
  let authentication: Authentication | null = null;
  const offered: Buffer[] = [];

  const socket = connect({
    host: target.host,
    port: target.port,
    secureContext: target.context,
    // Said explicitly, NODE_TLS_REJECT_UNAUTHORIZED=0 cannot switch it off.
    rejectUnauthorized: expected.chain && expected.required,
    // Ours runs below, since Node skips this one when a session is resumed.
    checkServerIdentity: () => undefined,
    ALPNProtocols: ALPN_PROTOCOLS,
    // Never an IP literal (RFC 6066 §3).
    ...('name' in expected.identity && target.sni ? { servername: expected.identity.name } : {}),
    ...(ticket === undefined ? {} : { session: ticket.session }),
    lookup: (_host, options, found) => {
      target.resolveHost((error, addresses) => {
        const first = addresses[0];
        if (options.all === true || first === undefined) found(error, addresses);
        else found(error, first.address, first.family);
      });
    },
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
  let timer = setTimeout(onTimeout, limits.connectTimeoutMs);
  socket.once('connect', onConnect);
  socket.once('secureConnect', onSecureConnect);
  socket.on('session', (session) => {
    if (authentication === null) offered.push(session);
    else keep(session, authentication);
  });
  // Stays for the life of the socket: an error that nobody listens to would end the process.
  socket.on('error', onError);
  socket.once('close', onClose);
  return { abort: () => settle(null) };

  function onConnect(): void {
    connectedMs = performance.now();
    clearTimeout(timer);
    timer = setTimeout(onTimeout, limits.handshakeTimeoutMs);
  }

  function onSecureConnect(): void {
    const resumed = socket.isSessionReused();
    const proof = resumed ? ticket?.authentication : newAuthentication();
    const problem = chainProblem() ?? authenticationProblem(proof?.certificate, expected);
    if (problem !== null && expected.required) {
      settle(failure('ERR_UPSTREAM_IDENTITY', problem));
      return;
    }
    if (proof !== undefined) {
      authentication = proof;
      for (const session of offered) keep(session, proof);
    }
    socket.disableRenegotiation();
    settle({
      socket,
      setup: { startedMs, connectedMs, securedMs: performance.now(), tls: resumed ? 'resumed' : 'full' },
      protocol: socket.getProtocol() ?? 'unknown',
      unauthenticated: problem,
    });
  }

  /** Only asked where Node was told not to refuse the server itself. */
  function chainProblem(): string | null {
    if (!expected.chain || socket.authorized) return null;
    return `certificate chain: ${String(socket.authorizationError)}`;
  }

  /** To be called once: Node hands the certificate out only the first time, and on a resumed session never. */
  function newAuthentication(): Authentication | undefined {
    const certificate = socket.getPeerX509Certificate();
    return certificate && { certificate, atMs: performance.now() };
  }

  function keep(session: Buffer, proof: Authentication): void {
    events.onTicket({ session, authentication: proof });
  }

  function onTimeout(): void {
    const [what, limitMs] =
      connectedMs === 0
        ? ['no connection', limits.connectTimeoutMs]
        : ['TLS handshake not finished', limits.handshakeTimeoutMs];
    settle(failure('ERR_UPSTREAM_UNREACHABLE', `${what} within ${limitMs} ms`));
  }

  function onError(error: Error): void {
    settle(failure(isOfTls(error) ? 'ERR_UPSTREAM_TLS' : 'ERR_UPSTREAM_UNREACHABLE', reasonOf(error), error));
  }

  function onClose(): void {
    settle(failure('ERR_UPSTREAM_UNREACHABLE', 'connection closed by the server'));
    events.onClosed();
  }

  function failure(code: UpstreamErrorCode, what: string, cause?: Error): UpstreamError {
    const phase = connectedMs === 0 ? 'dial' : 'handshake';
    return new UpstreamError(code, what, { upstream: target.name, phase, cause });
  }

  function settle(result: Dialled | UpstreamError | null): void {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    if (result === null || result instanceof UpstreamError) socket.destroy();
    if (result !== null) events.onDone(result);
  }
}

/** Errors of the system (ECONNRESET, EHOSTUNREACH, ENOTFOUND …) say nothing about TLS; all others of a TLS socket do. */
function isOfTls(error: Error): boolean {
  if (error instanceof AggregateError || 'syscall' in error) return false;
  return !('code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE'));
}
