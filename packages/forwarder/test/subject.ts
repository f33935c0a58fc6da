/** A forwarder whose upstream is a function, and what it did. */
import type { CacheCounters } from '@tridot/cache';
import type { Client, Reply, Transport } from '@tridot/listener';
import type { OutgoingQuery } from '@tridot/wire';
import {
  createForwarder,
  type FinishedQuery,
  type ForwarderLimits,
  type ForwarderOptions,
  type UpstreamAnswer,
} from '../src/index.ts';

export type Answerer = (query: OutgoingQuery) => Buffer | Promise<Buffer>;

export interface Subject {
  readonly asked: OutgoingQuery[];
  readonly counters: CacheCounters;
  readonly finished: FinishedQuery[];
  readonly internalErrors: unknown[];
  /** What `handle` returned, not awaited. */
  handle(query: Buffer, transport?: Transport): Reply | Promise<Reply>;
  udp(query: Buffer): Promise<Buffer>;
  tcp(query: Buffer): Promise<Buffer>;
}

export function client(transport: Transport): Client {
  return { transport, address: '192.0.2.7', port: 40_000 };
}

export function createSubject(
  answerer: Answerer,
  limits?: ForwarderLimits,
  more: Omit<ForwarderOptions, 'upstream'> = {},
): Subject {
  const asked: OutgoingQuery[] = [];
  const finished: FinishedQuery[] = [];
  const internalErrors: unknown[] = [];
  const { handle, counters } = createForwarder({
    ...more,
    upstream: {
      async ask(query): Promise<UpstreamAnswer> {
        asked.push(query);
        return { message: await answerer(query), upstream: 'resolver.example' };
      },
    },
    ...(limits === undefined ? {} : { limits }),
    observer: {
      onFinished: (each) => finished.push(each),
      onInternalError: (error) => internalErrors.push(error),
    },
  });
  return {
    asked,
    counters,
    finished,
    internalErrors,
    handle: (query, transport = 'udp') => handle(query, client(transport)),
    udp: async (query) => octets(await handle(query, client('udp'))),
    tcp: async (query) => octets(await handle(query, client('tcp'))),
  };
}

/** For queries that must not get there. */
export const unreachable: Answerer = () => {
  throw new Error('the query was forwarded');
};

export function octets(reply: Reply): Buffer {
  if (!Buffer.isBuffer(reply)) throw new Error(`no octets but ${String(reply)}`);
  return reply;
}
