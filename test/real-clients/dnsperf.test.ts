import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startUpstream } from '@tridot/testbed';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith, run } from '../programs/programs.ts';
import { AUTH_NAME, startForwarder, startUnboundDot, testCa, upstreamFlags } from '../programs/servers.ts';

function queryFile(count: number, name: (index: number) => string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tridot-queries-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'queries');
  writeFileSync(file, Array.from({ length: count }, (_, index) => `${name(index)} A\n`).join(''));
  return file;
}

/** What dnsperf counted: how many queries it sent, and how many came back with which RCODE. */
async function dnsperf(
  port: number,
  ...args: string[]
): Promise<{ sent: number; completed: number; rcodes: string }> {
  const output = await run('dnsperf', '-s', '127.0.0.1', '-p', `${port}`, '-t', '10', ...args);
  const number = (label: string) => Number(new RegExp(`${label}: +(\\d+)`).exec(output)?.[1]);
  return {
    sent: number('Queries sent'),
    completed: number('Queries completed'),
    rcodes: /Response codes: +(.+)/.exec(output)?.[1] ?? '',
  };
}

for (const strategy of ['raw', 'framework', 'library']) {
  describeWith(['dnsperf', 'unbound'], `${strategy} under dnsperf`, () => {
    it.each(['udp', 'tcp'])('answers 2 000 different queries over %s, each of them once', async (mode) => {
      const ca = await testCa();
      const upstream = await startUpstream({ ca, authName: AUTH_NAME, journal: 'counts' });
      onTestFinished(() => upstream.close());
      const { port } = await startForwarder(strategy, ...(await upstreamFlags(upstream.port)));
      const file = queryFile(2_000, (index) => `token-${index}.example.com`);
      const result = await dnsperf(port, '-m', mode, '-d', file, '-n', '1', '-c', '5', '-q', '50');
      expect(result).toEqual({ sent: 2_000, completed: 2_000, rcodes: 'NOERROR 2000 (100.00%)' });
    });

    it('loses nothing while unbound is stopped and started again', async () => {
      const unbound = await startUnboundDot();
      const { port } = await startForwarder(strategy, ...(await upstreamFlags(unbound.port)));
      const file = queryFile(50, () => 'example.com');
      const load = dnsperf(port, '-d', file, '-l', '4', '-Q', '200', '-c', '2');
      await unbound.stop();
      await startUnboundDot(unbound.port);
      const { sent, completed, rcodes } = await load;
      expect(completed).toBe(sent);
      expect(rcodes).toMatch(/^NOERROR \d+ \(100\.00%\)$/);
    });
  });
}
