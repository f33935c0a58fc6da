import {
  createTestCa,
  createUdpClient,
  type IssuedCertificate,
  query,
  startUpstream,
  type TestUpstream,
} from '@tridot/testbed';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AUTH_NAME, startForwarder, testCa, upstreamFlags } from '../programs/servers.ts';

const DAY_MS = 86_400_000;
const SERVFAIL = 2;

async function startWith(certificate: IssuedCertificate): Promise<TestUpstream> {
  const upstream = await startUpstream({ ca: await testCa(), certificate, authName: AUTH_NAME });
  onTestFinished(() => upstream.close());
  return upstream;
}

const CASES = [
  {
    title: 'another name',
    log: /certificate .*other\.example\.com/,
    upstream: async () => startWith(await (await testCa()).issue({ dnsNames: ['other.example.com'] })),
  },
  {
    title: 'an unknown authority',
    log: /UNABLE_TO_GET_ISSUER|unable to (get|verify)|self.signed/i,
    upstream: async () => startWith(await (await createTestCa()).issue({ dnsNames: [AUTH_NAME] })),
  },
  {
    title: 'an expired certificate',
    log: /expired/i,
    upstream: async () => {
      const validity = {
        notBefore: new Date(Date.now() - 9 * DAY_MS),
        notAfter: new Date(Date.now() - DAY_MS),
      };
      return startWith(await (await testCa()).issue({ dnsNames: [AUTH_NAME], ...validity }));
    },
  },
  {
    title: 'the name as CN alone',
    log: /certificate .*name/i,
    upstream: async () => startWith(await (await testCa()).issue({ commonName: AUTH_NAME })),
  },
];

describe.each(['raw', 'framework', 'library'])('%s refuses an upstream that shows', (strategy) => {
  it.each(CASES)('$title: SERVFAIL, one log line, not one octet of DNS', async ({ upstream, log }) => {
    const server = await upstream();
    const forwarder = await startForwarder(
      strategy,
      '--log-format',
      'json',
      ...(await upstreamFlags(server.port)),
    );
    const client = await createUdpClient({ address: '127.0.0.1', port: forwarder.port });
    onTestFinished(() => client.close());
    for (const name of ['a.example.com', 'b.example.com']) {
      const asked = query({ name, edns: {} });
      const reply = await client.ask(asked);
      expect((reply[3] ?? 0) & 0x0f).toBe(SERVFAIL);
    }
    expect(server.journal.queries).toEqual([]);
    const warnings = forwarder
      .log()
      .split('\n')
      .filter((line) => /"level":"(warn|error)"/.test(line));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(log);
  });
});

describe('the environment', () => {
  it('cannot switch the checks off', async () => {
    const server = await startWith(await (await createTestCa()).issue({ dnsNames: [AUTH_NAME] }));
    const flags = await upstreamFlags(server.port);
    const forwarder = await startForwarder('raw', ...flags, { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    const client = await createUdpClient({ address: '127.0.0.1', port: forwarder.port });
    onTestFinished(() => client.close());
    const reply = await client.ask(query({ name: 'a.example.com' }));
    expect((reply[3] ?? 0) & 0x0f).toBe(SERVFAIL);
    expect(server.journal.queries).toEqual([]);
  });
});
