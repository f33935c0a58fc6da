import type { FinishedQuery } from '@tridot/forwarder';
import { UpstreamError } from '@tridot/upstream';
import { messageOf } from '../failures.ts';
import { rcodeOfReply } from '../metrics/reply-rcode.ts';
import type { LogFields, Logger } from './log.ts';
import { oneLine } from './one-line.ts';
import { presentRcode } from './presentation.ts';
import { readQuestion } from './question.ts';
import { type ClientDetail, shownClient } from './shown-client.ts';

const UNREADABLE = { qname: '?', qtype: '?', qclass: '?' };

/** Writes one line for a finished query: its question, how it ended, and where its answer came from. */
export function logQuery(logger: Logger, finished: FinishedQuery, clients: ClientDetail): void {
  const { qname, qtype, qclass } = readQuestion(finished.query) ?? UNREADABLE;
  const code = rcodeOfReply(finished.reply);
  const rcode = code < 0 ? 'none' : presentRcode(code);
  const durationMs = rounded(performance.now() - finished.startedMs);
  const { source } = finished;
  const { transport, address } = finished.client;
  const client = shownClient(address, clients);
  const upstream = finished.upstream === null ? undefined : oneLine(finished.upstream);
  const cause = finished.error === null ? undefined : oneLine(messageOf(finished.error));
  const from = client === undefined ? '' : ` from ${client}`;
  const by = upstream === undefined ? (SOURCES[source] ?? '') : ` by ${upstream}`;
  const because = cause === undefined ? '' : `: ${cause}`;
  logger.info(
    {
      qname,
      qtype,
      qclass,
      rcode,
      durationMs,
      transport,
      client,
      source,
      upstream,
      cause,
      ...phases(finished, durationMs),
    },
    `query ${qname} ${qclass} ${qtype}${from} ${rcode} in ${durationMs} ms over ${transport}${by}${because}`,
  );
}

/** Where the time went at the upstream, whether it answered or not. Nothing for those who only waited for the answer. */
function phases({ error, timings: answered }: FinishedQuery, durationMs: number): LogFields {
  const timings = error instanceof UpstreamError ? error.timings : answered;
  if (timings === null) return {};
  const { queueMs, dialMs, tlsMs, waitMs, tls, connectionAgeMs, sends } = timings;
  return {
    queueMs: rounded(queueMs),
    dialMs: rounded(dialMs),
    tlsMs: rounded(tlsMs),
    waitMs: rounded(waitMs),
    replyMs: rounded(Math.max(0, durationMs - queueMs - dialMs - tlsMs - waitMs)),
    tls: tls ?? undefined,
    connectionAgeMs: connectionAgeMs === null ? undefined : rounded(connectionAgeMs),
    sends,
  };
}

/** To hundredths: what is below is noise. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** What the message says where no upstream is named. */
const SOURCES: Readonly<Partial<Record<FinishedQuery['source'], string>>> = {
  cache: ' from the cache',
  stale: ' from the cache, stale',
  shared: ' from the shared cache',
  policy: ' by the policy',
};
