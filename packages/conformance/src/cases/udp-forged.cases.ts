/** U: datagrams that no ordinary client sends, and what the sockets themselves are like. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { equal, ok } from '../assert.ts';
import { query } from '../bytes/build.ts';
import { FLAG } from '../bytes/numbers.ts';
import { type ConformanceCase, UDP } from '../case.ts';
import { UdpClient } from '../client.ts';
import { alive, eventually, unseen } from '../expectations.ts';
import { forge } from '../machine.ts';

const WATCH_MS = 300;
const run = promisify(execFile);

export const FORGED_UDP_CASES: readonly ConformanceCase[] = [
  {
    id: 'U6',
    level: 'MUST',
    reference: 'RFC 768, RFC 6335 §6',
    title: 'MUST survive a datagram whose source port is 0',
    transports: UDP,
    needs: ['raw-sockets'],
    async run(context) {
      const from = { address: '127.0.0.1', port: 0 };
      await forge({ from, to: context.subject, payload: query({ name: context.qname() }), watchMs: 1 });
      await alive(context);
    },
  },
  {
    id: 'U6.unseen',
    level: 'POLICY',
    reference: 'RFC 768, RFC 6335 §6',
    title: 'MUST not ask the upstream for whom no reply can reach: source port 0',
    oursAlone: 'others ask the upstream, and drop the reply when it cannot be sent',
    transports: UDP,
    needs: ['raw-sockets'],
    async run(context) {
      const from = { address: '127.0.0.1', port: 0 };
      await forge({ from, to: context.subject, payload: query({ name: context.qname() }), watchMs: 1 });
      await alive(context);
      unseen(context);
    },
  },
  {
    id: 'U6.answered-at-once',
    level: 'MUST',
    reference: 'RFC 768, RFC 6335 §6',
    title: 'MUST survive a malformed datagram whose source port is 0',
    transports: UDP,
    needs: ['raw-sockets'],
    async run(context) {
      const from = { address: '127.0.0.1', port: 0 };
      const payload = query({ name: context.qname(), counts: [1, 0, 0, 1] });
      await forge({ from, to: context.subject, payload, watchMs: 1 });
      await alive(context);
    },
  },
  ...(
    [
      ['U9', 'a query', 0, 2],
      ['U9.response', 'a response', FLAG.QR, 1],
    ] as const
  ).map(
    ([id, what, flags, most]): ConformanceCase => ({
      id,
      level: 'MUST',
      reference: 'RFC 1035 §7.1',
      title: `MUST not talk to itself when ${what} claims to come from its own address and port`,
      transports: UDP,
      needs: ['raw-sockets'],
      async run(context) {
        const { address, port } = context.subject;
        const payload = query({ name: context.qname(), flags });
        const count = await forge({
          from: { address, port },
          to: { address, port },
          payload,
          watchMs: WATCH_MS,
        });
        ok(count <= most, `${count} datagrams from itself to itself, at most ${most}`);
        await alive(context);
      },
    }),
  ),
  {
    id: 'U10',
    level: 'MUST',
    reference: 'RFC 1035 §7.1',
    title: 'MUST end a loop in which the upstream asks the subject what it is asked',
    transports: UDP,
    needs: ['limits', 'deadline'],
    outcome: 'varies',
    setup: { settings: { maxInFlight: 50, queryTimeoutMs: 500 } },
    async run(context) {
      let asked = 0;
      const back = await UdpClient.open(context.subject);
      context.cleanup(() => back.close());
      context.respond((incoming) => {
        asked += 1;
        back.send(query({ id: asked, name: incoming.questions[0]?.name ?? '.' }));
        return null;
      });
      const reply = await context.ask(query({ name: context.qname() }));
      equal(reply.rcode, 2, 'SERVFAIL at the deadline');
      ok(asked <= 10_000, `${asked} queries went round`);
      context.upstream.behave();
      const answers = async () => (await context.ask(query({ name: context.qname() }))).rcode === 0;
      await eventually('served again', answers, 5_000);
    },
  },
  {
    id: 'U16.broadcast',
    level: 'MUST',
    reference: 'RFC 1122 §3.2.1.3',
    title: 'MUST survive a query whose source is the broadcast address',
    transports: UDP,
    needs: ['raw-sockets'],
    async run(context) {
      for (const address of ['255.255.255.255', '127.255.255.255', '0.0.0.0']) {
        const payload = query({ name: context.qname() });
        await forge({ from: { address, port: 5_353 }, to: context.subject, payload, watchMs: 1 });
      }
      await alive(context);
    },
  },
  {
    id: 'U19',
    level: 'SHOULD',
    reference: '',
    title: 'SHOULD ask for a larger receive buffer than the default of the system',
    transports: UDP,
    needs: ['ss'],
    async run(context) {
      const { stdout } = await run('ss', ['-lunmH', `sport = :${context.subject.port}`]);
      const granted = Number(/rb(\d+)/.exec(stdout)?.[1]);
      const standard = Number(await readFile('/proc/sys/net/core/rmem_default', 'utf8'));
      ok(granted > standard, `${granted} octets, the default is ${standard}`);
    },
  },
];
