import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { behaviours, createTestCa, startUpstream, type TestCa, type UpstreamOptions } from '@tridot/testbed';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { run, type Surroundings } from '../src/command.ts';
import { PROVIDERS, type Provider } from '../src/index.ts';

let ca: TestCa;
beforeAll(async () => {
  ca = await createTestCa();
});

const AUTH_NAME = 'dot.example.com';

function local(parts: Partial<Provider> = {}): Provider {
  const [some] = PROVIDERS;
  if (some === undefined) throw new Error('the table is empty');
  return { ...some, name: 'local', authName: AUTH_NAME, ipv4: ['127.0.0.1'], ipv6: [], ...parts };
}

async function server(options: UpstreamOptions = {}): Promise<{ port: number }> {
  const upstream = await startUpstream({ ca, authName: AUTH_NAME, ...options });
  onTestFinished(() => upstream.close());
  return { port: upstream.port };
}

function surroundings(port: number, providers: readonly Provider[]) {
  let output = '';
  let errors = '';
  const all: Surroundings = {
    providers,
    port,
    ca: ca.pem,
    write: (text) => {
      output += text;
    },
    writeError: (text) => {
      errors += text;
    },
  };
  return { all, output: () => output, errors: () => errors };
}

describe('--probe', () => {
  it('measures connect, handshake and query', async () => {
    const { port } = await server({ behaviours: [behaviours.rcode(0)] });
    const screen = surroundings(port, [local()]);
    expect(await run(['--probe', '--json'], screen.all)).toBe(0);
    const [result] = JSON.parse(screen.output());
    expect(result).toMatchObject({
      provider: 'local',
      address: '127.0.0.1',
      reached: true,
      protocol: 'TLSv1.3',
      rcode: 0,
    });
    for (const time of ['connectMs', 'handshakeMs', 'queryMs']) expect(result[time]).toBeGreaterThan(0);
  });

  it('shows the rcode of a server that refuses the query', async () => {
    const { port } = await server({ behaviours: [behaviours.rcode(5)] });
    const screen = surroundings(port, [local()]);
    expect(await run(['--probe'], screen.all)).toBe(0);
    expect(screen.output()).toMatch(/^local +127\.0\.0\.1 +[\d.]+ +[\d.]+ +[\d.]+ +5 +TLSv1\.3$/m);
  });

  it('prints unreachable where nobody listens', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, 'close');
    const screen = surroundings(port, [local()]);
    expect(await run(['--probe'], screen.all)).toBe(1);
    expect(screen.output()).toMatch(/local +127\.0\.0\.1 +unreachable/);
    expect(screen.errors()).toMatch(/unreachable: .*ECONNREFUSED/);
  });

  it.each([
    ['another name', { dnsNames: ['other.example.com'] }, /other\.example\.com/],
    ['the name as common name alone', { commonName: AUTH_NAME, ipAddresses: ['127.0.0.1'] }, /no dNSName/],
    [
      'a certificate that has expired',
      { dnsNames: [AUTH_NAME], notAfter: new Date('2020-01-02'), notBefore: new Date('2020-01-01') },
      /expired/,
    ],
  ])('refuses a server with %s', async (_, leaf, reason) => {
    const { port } = await server({ certificate: await ca.issue(leaf) });
    const screen = surroundings(port, [local()]);
    expect(await run(['--probe'], screen.all)).toBe(1);
    expect(screen.errors()).toMatch(reason);
  });

  it('gives up on a server that says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const screen = surroundings(port, [local()]);
    expect(await run(['--probe', '--timeout', '50'], screen.all)).toBe(1);
    expect(screen.errors()).toMatch(/no answer in 50 ms/);
  });

  it('does not take a wrong response for an answer', async () => {
    const { port } = await server({ behaviours: [behaviours.wrongId()] });
    const screen = surroundings(port, [local()]);
    expect(await run(['--probe'], screen.all)).toBe(1);
    expect(screen.errors()).toMatch(/not one to our query/);
  });

  it('probes all addresses, in order, no more at once than asked', async () => {
    let open = 0;
    let most = 0;
    const busy = createServer((socket) => {
      most = Math.max(most, ++open);
      socket.on('error', () => {}).on('close', () => open--);
      setImmediate(() => socket.destroy());
    }).listen(0, '0.0.0.0');
    await once(busy, 'listening');
    onTestFinished(() => void busy.close());
    const { port } = busy.address() as AddressInfo;
    const addresses = Array.from({ length: 12 }, (_, i) => `127.0.0.${i + 1}`);
    const screen = surroundings(port, [local({ ipv4: addresses })]);
    await run(['--probe', '--concurrency', '2', '--json'], screen.all);
    const results: { address: string }[] = JSON.parse(screen.output());
    expect(results.map(({ address }) => address)).toEqual(addresses);
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('the command', () => {
  it('prints the table', async () => {
    const screen = surroundings(853, PROVIDERS);
    expect(await run([], screen.all)).toBe(0);
    for (const { name, authName } of PROVIDERS)
      expect(screen.output()).toMatch(new RegExp(`^${name} .*${authName}`, 'm'));
    expect(screen.output()).toMatch(/^mullvad .*ended 2026-11-02$/m);
    expect(screen.output()).toContain(`0 of ${PROVIDERS.length} verified`);
  });

  it('prints JSON that holds the table', async () => {
    const screen = surroundings(853, PROVIDERS);
    await run(['--json', 'quad9', 'google'], screen.all);
    expect(JSON.parse(screen.output())).toEqual(
      PROVIDERS.filter(({ name }) => name === 'quad9' || name === 'google'),
    );
  });

  it.each([
    [['--prob'], /--prob/],
    [['quad8'], /"quad8" is not a provider/],
    [['--timeout', '0'], /--timeout is "0"; it may be 10 to 60000/],
    [['--concurrency', 'x'], /--concurrency is "x"/],
  ])('refuses %s', async (args, message) => {
    const screen = surroundings(853, PROVIDERS);
    expect(await run(args, screen.all)).toBe(2);
    expect(screen.errors()).toMatch(message);
    expect(screen.errors().trim().split('\n')).toHaveLength(1);
  });
});
