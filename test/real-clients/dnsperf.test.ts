import { startUpstream } from '@tridot/testbed';
import { expect, it, onTestFinished } from 'vitest';
import { dnsperf, queryFile } from '../programs/dnsperf.ts';
import { describeWith } from '../programs/programs.ts';
import { AUTH_NAME, startForwarder, startUnboundDot, testCa, upstreamFlags } from '../programs/servers.ts';

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
