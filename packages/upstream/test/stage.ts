import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestCa, type LeafOptions, type TestCa } from '@tridot/testbed';
import {
  type ClientCertificateRead,
  type ConnectionClosed,
  type ConnectionOpened,
  createUpstreams,
  type TlsServerOptions,
  UpstreamError,
  type UpstreamsOptions,
} from '../src/index.ts';
import { outgoing, type QueryParts, qnameOf, responseTo } from './messages.ts';
import { type Script, type ScriptedServer, type ServerSide, startScriptedServer } from './scripted-server.ts';

export const AUTH_NAME = 'dns.example.com';

let ca: Promise<TestCa> | undefined;

/** One CA for a test file: making one costs more than most tests. */
export function sharedCa(): Promise<TestCa> {
  ca ??= createTestCa();
  return ca;
}

export const answer = (query: Buffer, connection: ServerSide): void => connection.send(responseTo(query));

/** Everything that the upstream side told its observer. */
export interface Seen {
  readonly opened: ConnectionOpened[];
  readonly closed: ConnectionClosed[];
  readonly failed: UpstreamError[];
  readonly retried: string[];
  readonly strays: string[];
  readonly hedged: string[];
  readonly certificates: ClientCertificateRead[];
}

/** What one test puts on stage; all of it ends with the test. */
export class Stage implements AsyncDisposable {
  readonly #ends: (() => Promise<unknown>)[] = [];

  async server(script: Script = {}, leaf: LeafOptions = { dnsNames: [AUTH_NAME] }): Promise<ScriptedServer> {
    const issued = await (await sharedCa()).issue(leaf);
    const server = await startScriptedServer(issued, script);
    this.#ends.push(() => server.close());
    return server;
  }

  async upstreams(
    servers: readonly (Partial<TlsServerOptions> & { readonly port: number })[],
    options: Partial<UpstreamsOptions> = {},
  ) {
    const seen: Seen = {
      opened: [],
      closed: [],
      failed: [],
      retried: [],
      strays: [],
      hedged: [],
      certificates: [],
    };
    const upstreams = createUpstreams(
      {
        servers: servers.map((server) => ({ host: '127.0.0.1', authName: AUTH_NAME, ...server })),
        ca: (await sharedCa()).pem,
        ...options,
      },
      {
        connectionOpened: (event) => seen.opened.push(event),
        connectionClosed: (event) => seen.closed.push(event),
        dialFailed: (error) => seen.failed.push(error),
        queryRetried: (_upstream, why) => seen.retried.push(why),
        strayMessage: (_upstream, kind) => seen.strays.push(kind),
        queryHedged: (upstream) => seen.hedged.push(upstream),
        clientCertificateRead: (event) => seen.certificates.push(event),
      },
    );
    this.#ends.unshift(() => upstreams.close());
    /** The name that the answer is about, or the code of the error. */
    const outcome = (qname: string, parts?: QueryParts): Promise<string> =>
      upstreams.ask(outgoing(qname, parts)).then(
        ({ message }) => qnameOf(message),
        (error: unknown) => {
          if (error instanceof UpstreamError) return error.code;
          throw error;
        },
      );
    return { upstreams, seen, outcome };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end();
  }
}

export const names = (count: number, prefix = 'n'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}.example.com`);

/** Asks one query in a process of its own. */
export async function askOnce(
  options: UpstreamsOptions,
  environment: Record<string, string> = {},
): Promise<{ outcome: string; left: string[] }> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL('ask-once.ts', import.meta.url)), JSON.stringify(options)],
    { env: { ...process.env, ...environment } },
  );
  return JSON.parse(stdout);
}
