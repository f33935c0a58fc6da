import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { AdminAddress } from './admin-address.ts';
import type { AdminLimits } from './limits.ts';

/** What one path answers. */
export interface AdminPage {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The HTTP endpoint for the people and programs that look after us. */
export interface AdminServer {
  /** `http://127.0.0.1:9353` */
  readonly url: string;
  readonly port: number;
  /** Lets the port and every connection go. */
  close(): Promise<void>;
}

export type AdminPages = Readonly<Record<string, () => AdminPage | Promise<AdminPage>>>;

const MAX_HEADER_BYTES = 8_192;
const MAX_HEADERS = 64;
/** A scraper that stays connected is served again and again, but not for ever. */
const REQUESTS_PER_CONNECTION = 1_000;
const PLAIN = 'text/plain; charset=utf-8';

/**
 * Binds the endpoint and serves its pages. Only GET and HEAD, no bodies, small headers, few connections, short times: a
 * client that sends garbage, or nothing, costs little and only for a while.
 *
 * @throws the system's error when the address cannot be bound.
 */
export async function startAdminServer(
  { host, port }: AdminAddress,
  limits: AdminLimits,
  pages: AdminPages,
  onError: (error: unknown) => void,
): Promise<AdminServer> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.requestTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.ceil(limits.requestTimeoutMs / 2),
  });
  server.maxConnections = limits.maxConnections;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  server.maxHeadersCount = MAX_HEADERS;
  server.timeout = limits.requestTimeoutMs;
  server.on('request', (request, response) => void answer(request, response, pages, onError));
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', () => socket.destroy());
    else socket.destroy();
  });
  await listen(server, host, port);
  server.on('error', onError);
  return describe(server);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(host === '*' ? { port } : { host, port });
  await once(server, 'listening');
}

function describe(server: Server): AdminServer {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new TypeError('an HTTP server without a port');
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    url: `http://${host}:${bound.port}`,
    port: bound.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: AdminPages,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    send(request, response, await pageFor(request, pages));
  } catch (error) {
    onError(error);
    send(request, response, text(500, 'internal error'));
  }
}

async function pageFor(request: IncomingMessage, pages: AdminPages): Promise<AdminPage> {
  if (!isMeantForUs(request)) return text(421, 'the Host header names somebody else');
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET and HEAD');
  const [path = ''] = (request.url ?? '').split('?', 1);
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  return page === undefined ? text(404, `there is ${Object.keys(pages).join(', ')}`) : await page();
}

/**
 * A web page whose name was made to point at this machine must not read what a browser on it can reach. Whoever asks a
 * loopback address for good reason calls it by number or `localhost`.
 */
function isMeantForUs({ headers, socket }: IncomingMessage): boolean {
  if (!/^(?:127\.|::1$|::ffff:127\.)/.test(socket.localAddress ?? '')) return true;
  const host = (headers.host ?? '').replace(/:\d*$/, '').replace(/^\[|\]$/g, '');
  return host === '' || host.toLowerCase() === 'localhost' || isIP(host) !== 0;
}

function send(request: IncomingMessage, response: ServerResponse, page: AdminPage): void {
  const body = Buffer.from(page.body);
  response.writeHead(page.status, {
    'content-type': page.type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(page.status === 405 ? { allow: 'GET, HEAD' } : {}),
    // A body that nobody reads must not stay in the way of the next request.
    ...(page.status === 200 ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** A page of one line. */
export function text(status: number, line: string): AdminPage {
  return { status, type: PLAIN, body: `${line}\n` };
}
