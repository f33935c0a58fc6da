/** Z: start, drain, stop. */

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { behaviours } from '@tridot/testbed';
import { equal, match, ok } from '../assert.ts';
import { query, ROOT } from '../bytes/build.ts';
import { read } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, TCP, UDP } from '../case.ts';
import { TcpClient, UdpClient } from '../client.ts';
import { type CaseContext, delay, endWithin } from '../context.ts';
import { alive, answered, eventually } from '../expectations.ts';
import { nextPort } from '../ports.ts';
import type { RunningSubject } from '../subject.ts';

const RESTARTS = 20;
/** A process takes most of a second to start on a busy machine. */
const PROCESS_RESTARTS = 5;

export const LIFECYCLE_CASES: readonly ConformanceCase[] = [
  {
    id: 'Z1',
    level: 'MUST',
    reference: '',
    title: 'MUST leave nothing bound when one of its sockets cannot be bound',
    transports: TCP,
    needs: ['start'],
    async run(context) {
      const port = await takenPort(context);
      const failure = await context.startAnother({ ...context.settings, port }).then(
        () => undefined,
        (error: unknown) => error,
      );
      ok(failure instanceof Error, 'it does not start');
      const udp = createSocket('udp4');
      context.cleanup(() => closed(udp));
      udp.bind(port, '127.0.0.1');
      await once(udp, 'listening');
    },
  },
  {
    id: 'Z1.exit-code',
    level: 'MUST',
    reference: '',
    title: 'MUST exit with 1 and say why in one line when an address cannot be bound',
    transports: UDP,
    needs: ['process', 'start'],
    async run(context) {
      // Some let a second instance share their port, so it is somebody else's.
      const port = await takenPort(context);
      const failure = await context.startAnother({ ...context.settings, port }).then(
        () => undefined,
        (error: unknown) => error,
      );
      ok(failure instanceof Error, 'it does not start');
      match(failure.message, /exit code 1\b/);
      match(failure.message, /EADDRINUSE|in use/i);
      ok(!/^\s+at .+:\d+:\d+/m.test(failure.message), 'no stack trace');
    },
  },
  {
    id: 'Z2',
    level: 'MUST',
    reference: 'RFC 7766 §5',
    title: 'MUST serve UDP and TCP on the same port',
    transports: UDP,
    async run(context) {
      await alive(context, await context.udp());
      await alive(context, await context.tcp());
    },
  },
  ...BOTH.map(
    (transport): ConformanceCase => ({
      id: `Z3.${transport}`,
      level: 'MUST',
      reference: 'RFC 7766 §6.2.4',
      title: 'MUST send the replies in flight, take nothing new and exit in order when it is told to stop',
      transports: [transport],
      needs: ['drains'],
      setup: { fresh: true, settings: { graceMs: 5_000 } },
      async run(context) {
        const hold = behaviours.hold();
        await alive(context);
        context.upstream.behave(hold);
        const idle = await context.tcp();
        const client = await context.open();
        const queries = Array.from({ length: 50 }, (_, id) => query({ id, name: context.qname() }));
        for (const each of queries) client.send(each);
        await eventually('50 queries in flight', () => hold.held === 50);
        const stopping = context.meanwhile(context.stop({ graceMs: 5_000 }));
        await delay(200);
        const late = await UdpClient.open(context.subject);
        late.send(query({ name: context.qname('late') }));
        await delay(100);
        equal(hold.held, 50, 'nothing new is taken');
        late.close();
        hold.open();
        for (const octets of await client.take(50)) {
          const reply = read(octets);
          answered(queries[reply.id] ?? ROOT, reply);
        }
        equal(await endWithin(idle, 5_000), 'fin', 'an idle TCP connection gets FIN');
        const { code } = await stopping;
        ok(code === 0 || code === null, `exit code ${code}`);
      },
    }),
  ),
  {
    id: 'Z4',
    level: 'MUST',
    reference: '',
    title: 'MUST stop when the grace is over, whatever is still in flight',
    transports: BOTH,
    needs: ['limits'],
    setup: { fresh: true, settings: { graceMs: 1_000 } },
    async run(context) {
      await hasQueriesInFlight(context);
      const from = performance.now();
      const { code } = await context.stop({ graceMs: 1_000 });
      const lasted = performance.now() - from;
      ok(lasted > 800 && lasted < 3_000, `${Math.round(lasted)} ms, the grace is 1000`);
      ok(code === 0 || code === null, `exit code ${code}`);
    },
  },
  {
    id: 'Z4.second-signal',
    level: 'MUST',
    reference: '',
    title: 'MUST stop at once at the second signal',
    transports: UDP,
    needs: ['process', 'limits'],
    setup: { fresh: true, settings: { graceMs: 10_000 } },
    async run(context) {
      await hasQueriesInFlight(context);
      const stopping = context.meanwhile(context.stop({ graceMs: 10_000 }));
      await delay(300);
      const from = performance.now();
      context.subject.kill?.('SIGTERM');
      await stopping;
      ok(
        performance.now() - from < 3_000,
        `${Math.round(performance.now() - from)} ms after the second signal`,
      );
    },
  },
  {
    id: 'Z5',
    level: 'MUST',
    reference: '',
    title: 'MUST bind the same port at once again after it has stopped, with connections in TIME_WAIT',
    transports: TCP,
    needs: ['start'],
    timeoutMs: 60_000,
    async run(context) {
      const port = nextPort();
      const { pid } = await context.subject.health();
      const restarts = pid === process.pid ? RESTARTS : PROCESS_RESTARTS;
      for (let round = 0; round < restarts; round += 1) {
        const instance = await context.startAnother({ ...context.settings, port });
        const client = await TcpClient.open(instance);
        const asked = query({ name: context.qname() });
        client.send(asked);
        answered(asked, read(await client.next()));
        await instance.stop();
        client.close();
      }
    },
  },
  {
    id: 'Z6',
    level: 'SHOULD',
    reference: 'RFC 8446 §6.1, RFC 7858 §3.4',
    title: 'SHOULD close TLS with close_notify when it stops',
    transports: UDP,
    needs: ['start'],
    setup: { fresh: true },
    async run(context) {
      await alive(context);
      await context.stop({ graceMs: 1_000 });
      const used = context.upstream.journal.connections.filter((each) => each.queries > 0);
      for (const { number } of used) await context.upstream.journal.waitForEnd(number);
      equal(used.at(-1)?.end, 'close-notify');
    },
  },
  {
    id: 'Z7',
    level: 'MUST',
    reference: '',
    title: 'MUST settle when it is told to stop twice at once, and again',
    transports: UDP,
    needs: ['in-process'],
    async run(context) {
      const instance = await context.startAnother(context.settings);
      await Promise.all([instance.stop({ graceMs: 100 }), instance.stop()]);
      await instance.stop();
    },
  },
  {
    id: 'Z8',
    level: 'MUST',
    reference: '',
    title: 'MUST leave no handle of the event loop behind after 1,000 starts and stops',
    transports: UDP,
    needs: ['in-process'],
    alone: true,
    timeoutMs: 40_000,
    async run(context) {
      const handles = () => process.getActiveResourcesInfo().filter((each) => each !== 'Timeout').length;
      await cycle(context);
      const before = handles();
      for (let round = 0; round < 1_000; round += 1) await cycle(context);
      await eventually('as many handles as before', () => handles() <= before, 3_000);
    },
  },
  {
    id: 'Z9.idle',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.3',
    title: 'SHOULD not wait out its grace for clients that are owed nothing',
    transports: TCP,
    needs: ['drains'],
    setup: { fresh: true, settings: { graceMs: 8_000 } },
    async run(context) {
      const client = await context.tcp();
      await alive(context, client);
      const startedAt = performance.now();
      const stopping = context.meanwhile(context.stop({ graceMs: 8_000 }));
      equal(await endWithin(client, 4_000), 'fin', 'the idle connection is ended in order');
      client.close();
      await stopping;
      ok(performance.now() - startedAt < 4_000, 'it has stopped long before');
    },
  },
  {
    id: 'Z9',
    level: 'MUST',
    reference: '',
    title: 'MUST stop within the grace though clients keep their connections open',
    transports: TCP,
    needs: ['limits'],
    setup: { fresh: true, settings: { graceMs: 2_000 } },
    async run(context) {
      const clients = await Promise.all(Array.from({ length: 40 }, () => context.tcp()));
      clients.forEach((client, index) => {
        if (index % 2 === 0) client.write(Buffer.from([0, 50, 1, 2, 3]));
        if (index % 4 === 1) client.end();
      });
      await alive(context);
      const from = performance.now();
      await context.stop({ graceMs: 2_000 });
      ok(performance.now() - from < 4_000, `${Math.round(performance.now() - from)} ms, the grace is 2000`);
    },
  },
];

/** A TCP port that this process listens on until the case is over. */
async function takenPort(context: CaseContext): Promise<number> {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  context.cleanup(() => void taken.close());
  const address = taken.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

async function cycle(context: CaseContext): Promise<void> {
  const instance: RunningSubject = await context.startAnother(context.settings);
  await instance.stop();
}

/** Queries that the upstream will never answer, over the case's transport. */
async function hasQueriesInFlight(context: CaseContext): Promise<void> {
  await alive(context);
  const hold = behaviours.hold();
  context.upstream.behave(hold);
  const client = await context.open();
  for (let id = 0; id < 10; id += 1) client.send(query({ id, name: context.qname() }));
  await eventually('10 queries in flight', () => hold.held === 10);
}

function closed(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
