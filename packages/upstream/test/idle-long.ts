/**
 * Two minutes with a server that closes each connection after an idle second, asked at random intervals of 0.1 to 2 s; then
 * what it cost. Ends with 1 if a query was lost. `node packages/upstream/test/idle-long.ts [seconds]`
 */
import { behaviours, startUpstream } from '@tridot/testbed';
import { type CloseReason, createUpstreams } from '../src/index.ts';
import { askNowAndThen } from './idle-load.ts';

const seconds = Number(process.argv[2] ?? 120);
const server = await startUpstream({ behaviours: [behaviours.closeWhenIdle(1_000)], journal: 'counts' });
const closed = new Map<CloseReason, number>();
const handshakes = { full: 0, resumed: 0 };
let retries = 0;
const { host, port, authName, caPem: ca } = server;
const upstreams = createUpstreams(
  { servers: [{ host, port, authName }], ca },
  {
    connectionOpened: ({ resumed }) => handshakes[resumed ? 'resumed' : 'full']++,
    connectionClosed: ({ reason }) => closed.set(reason, (closed.get(reason) ?? 0) + 1),
    queryRetried: () => retries++,
  },
);
const { asked, failures } = await askNowAndThen(upstreams, {
  durationMs: seconds * 1_000,
  minPauseMs: 100,
  maxPauseMs: 2_000,
});
await upstreams.close();
await server.close();
const result = { asked, failed: failures.length, retries, handshakes, closed: Object.fromEntries(closed) };
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
