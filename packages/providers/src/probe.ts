/**
 * Measures one address: TCP handshake, TLS handshake with the authentication name checked, one query.
 */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { identityFault } from './identity.ts';
import { PREFIX_BYTES, probeQuery, rcodeOfAnswer } from './probe-query.ts';

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  readonly authName: string;
  /** PEM trust anchors instead of the system's. */
  readonly ca?: string;
}

/** Times in milliseconds, each counted from the end of the one before. */
export interface ProbeTimes {
  readonly connectMs: number;
  readonly handshakeMs: number;
  readonly queryMs: number;
}

export type ProbeResult =
  | ({ readonly reached: true; readonly protocol: string; readonly rcode: number } & ProbeTimes)
  /** `reason` is one line. */
  | { readonly reached: false; readonly reason: string };

/**
 * Probes one address. Never rejects: what goes wrong is the result.
 *
 * @param timeoutMs for all of it together.
 */
export async function probe(target: ProbeTarget, timeoutMs: number): Promise<ProbeResult> {
  const signal = AbortSignal.timeout(timeoutMs);
  const startedMs = performance.now();
  const socket = connectTcp({ host: target.address, port: target.port });
  let secured: TLSSocket | null = null;
  try {
    await once(socket, 'connect', { signal });
    const connectedMs = performance.now();
    secured = secure(socket, target);
    await once(secured, 'secureConnect', { signal });
    const securedMs = performance.now();
    const rcode = await ask(secured, signal);
    return {
      reached: true,
      rcode,
      protocol: secured.getProtocol() ?? 'TLS',
      connectMs: connectedMs - startedMs,
      handshakeMs: securedMs - connectedMs,
      queryMs: performance.now() - securedMs,
    };
  } catch (error) {
    return { reached: false, reason: signal.aborted ? `no answer in ${timeoutMs} ms` : reasonOf(error) };
  } finally {
    // An error may still come from sockets that nobody listens to any more.
    for (const each of [socket, secured]) each?.on('error', ignore).destroy();
  }
}

function secure(socket: Socket, { authName, ca }: ProbeTarget): TLSSocket {
  return connectTls({
    socket,
    servername: authName,
    // Explicit, since an environment variable can change the default.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['dot'],
    checkServerIdentity: (_host, certificate) => identityFault(authName, certificate),
    ...(ca === undefined ? {} : { ca }),
  });
}

async function ask(socket: TLSSocket, signal: AbortSignal): Promise<number> {
  const query = probeQuery();
  socket.write(query);
  let received = Buffer.alloc(0);
  for await (const chunk of onData(socket, signal)) {
    received = Buffer.concat([received, chunk]);
    if (received.length < PREFIX_BYTES) continue;
    const end = PREFIX_BYTES + received.readUInt16BE(0);
    if (received.length < end) continue;
    const rcode = rcodeOfAnswer(received.subarray(PREFIX_BYTES, end), query.subarray(PREFIX_BYTES));
    if (rcode !== -1) return rcode;
    throw new Error('the response is not one to our query');
  }
  throw new Error('closed without a response');
}

async function* onData(socket: TLSSocket, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk: Buffer | null = socket.read();
    if (chunk !== null) yield chunk;
    else if (socket.readableEnded || socket.destroyed) return;
    else await Promise.race([once(socket, 'readable', { signal }), once(socket, 'close', { signal })]);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const text = error.message === '' ? code : error.message;
  return text
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 200);
}

function ignore(): void {}
