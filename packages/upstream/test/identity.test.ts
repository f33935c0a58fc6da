import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSigned, createTestCa, type IssuedCertificate, type TestCa } from '@tridot/testbed';
import { describe, expect, it } from 'vitest';
import { startScriptedServer } from './scripted-server.ts';
import { AUTH_NAME, answer, names, Stage, sharedCa } from './stage.ts';

const OTHER_PIN = `sha256/${'A'.repeat(43)}=`;
const pin = ({ spkiSha256 }: IssuedCertificate) => `sha256/${spkiSha256}`;

describe('pins', () => {
  it.each<[string, (leaf: IssuedCertificate) => string[], string]>([
    ['the key', (leaf) => [pin(leaf)], 'a.example.com'],
    ['the key among others', (leaf) => [OTHER_PIN, pin(leaf)], 'a.example.com'],
    ['another key', () => [OTHER_PIN], 'ERR_UPSTREAM_IDENTITY'],
  ])('with an authentication name: %s', async (_what, pins, expected) => {
    await using stage = new Stage();
    const leaf = await (await sharedCa()).issue({ dnsNames: [AUTH_NAME] });
    const server = await startScriptedServer(leaf, { onQuery: answer });
    const { outcome } = await stage.upstreams([{ port: server.port, pins: pins(leaf) }]);
    expect(await outcome('a.example.com')).toBe(expected);
    expect(server.queries).toHaveLength(expected === 'a.example.com' ? 1 : 0);
    await server.close();
  });

  it('do not stand for the name where one is given', async () => {
    await using stage = new Stage();
    const leaf = await (await sharedCa()).issue({ dnsNames: ['dns.example.net'] });
    const server = await startScriptedServer(leaf, { onQuery: answer });
    const { outcome } = await stage.upstreams([{ port: server.port, pins: [pin(leaf)] }]);
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_IDENTITY');
    await server.close();
  });

  it.each([
    ['are enough for an address without a name, whoever signed', true],
    ['refuse another key there', false],
  ])('%s', async (_what, right) => {
    await using stage = new Stage();
    const leaf = await createSelfSigned({ dnsNames: ['anything.example'] });
    const server = await startScriptedServer(leaf, { onQuery: answer });
    const { pem: ca } = await sharedCa();
    const { createUpstreams } = await import('../src/index.ts');
    const { outgoing } = await import('./messages.ts');
    const pins = right ? [pin(leaf)] : [OTHER_PIN];
    const upstreams = createUpstreams({ servers: [{ host: '127.0.0.1', port: server.port, pins }], ca });
    const outcome = upstreams.ask(outgoing('a.example.com')).then(
      () => 'answered',
      (error: Error) => error.message,
    );
    expect(await outcome).toMatch(right ? /^answered$/ : /public key sha256\/\S+ is not pinned/);
    await upstreams.close();
    await server.close();
    await stage[Symbol.asyncDispose]();
  });
});

describe('TLS 1.3 only', () => {
  it.each([
    ['TLSv1.3', 'a.example.com'],
    ['TLSv1.2', 'ERR_UPSTREAM_TLS'],
  ] as const)('with a server that speaks %s: %s', async (version, expected) => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery: answer,
      tls: { minVersion: version, maxVersion: version },
    });
    const { outcome } = await stage.upstreams([{ port: server.port, tls13Only: true }]);
    expect(await outcome('a.example.com')).toBe(expected);
  });
});

describe('a session', () => {
  it('is not resumed when the server has not shown its key for too long', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery(query, connection) {
        answer(query, connection);
        connection.socket.end();
      },
    });
    const { outcome, seen } = await stage.upstreams([server], { limits: { resumptionMaxAgeMs: 1 } });
    for (const [index, name] of names(2).entries()) {
      await outcome(name);
      await server.ended(index);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(seen.opened.map(({ resumed }) => resumed)).toEqual([false, false]);
  });
});

/** A directory laid out as Kubernetes does it: the files are links into one that is swapped as a whole. */
class Secret implements AsyncDisposable {
  readonly directory: string;
  #version = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  get files() {
    return { certFile: join(this.directory, 'tls.crt'), keyFile: join(this.directory, 'tls.key') };
  }

  async put(cert: string, key: string): Promise<void> {
    const version = join(this.directory, `..v${++this.#version}`);
    const { mkdir } = await import('node:fs/promises');
    await mkdir(version);
    await writeFile(join(version, 'tls.crt'), cert);
    await writeFile(join(version, 'tls.key'), key);
    await symlink(version, join(this.directory, '..data_tmp'));
    await rename(join(this.directory, '..data_tmp'), join(this.directory, '..data'));
    if (this.#version > 1) return;
    await symlink(join('..data', 'tls.crt'), this.files.certFile);
    await symlink(join('..data', 'tls.key'), this.files.keyFile);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function mutualTls(stage: Stage, certificatePollMs: number) {
  const clients: TestCa = await createTestCa();
  const issue = (commonName: string) => clients.issue({ commonName, extendedKeyUsage: ['clientAuth'] });
  const shown: string[] = [];
  const server = await stage.server({
    onQuery: answer,
    onConnection: ({ socket }) => shown.push(String(socket.getPeerCertificate().subject?.CN)),
    tls: { requestCert: true, rejectUnauthorized: true, ca: clients.pem },
  });
  const secret = new Secret(await mkdtemp(join(tmpdir(), 'tridot-')));
  const first = await issue('first');
  await secret.put(first.cert, first.key);
  const made = await stage.upstreams([{ port: server.port, clientCertificate: secret.files }], {
    limits: { certificatePollMs },
  });
  return { ...made, server, secret, issue, peers: () => shown };
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 4_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('client certificates', () => {
  it('are shown to a server that asks for one', async () => {
    await using stage = new Stage();
    const { outcome, peers, secret } = await mutualTls(stage, 60_000);
    await using _secret = secret;
    expect(await outcome('a.example.com')).toBe('a.example.com');
    expect(peers()).toEqual(['first']);
  });

  it.each([
    ['an event of the file system', 60_000],
    ['the poll', 50],
  ])('rotate under load without a lost query, told by %s', async (_what, pollMs) => {
    await using stage = new Stage();
    const { outcome, peers, secret, issue, server, seen } = await mutualTls(stage, pollMs);
    await using _secret = secret;
    let asked = 0;
    let lost = 0;
    let done = false;
    const worker = async () => {
      while (!done) {
        const name = `n${asked++}.example.com`;
        if ((await outcome(name)) !== name) lost++;
      }
    };
    const load = Promise.all(Array.from({ length: 20 }, worker));
    await using _end = {
      [Symbol.asyncDispose]: async () => {
        done = true;
      },
    };
    for (const [index, name] of ['second', 'third'].entries()) {
      const next = await issue(name);
      await secret.put(next.cert, next.key);
      await until(() => seen.certificates.length > index && peers().includes(name));
      await until(() => seen.closed.length > index);
    }
    done = true;
    await load;
    expect(lost).toBe(0);
    expect(asked).toBeGreaterThan(100);
    expect(peers()).toEqual(['first', 'second', 'third']);
    expect(seen.closed.every(({ reason, lost: owed }) => reason === 'replaced' && owed === 0)).toBe(true);
    expect(server.accepted).toBe(3);
  });

  it('that are bad leave the old one in place, and are told once', async () => {
    await using stage = new Stage();
    const { outcome, secret, issue, seen, peers } = await mutualTls(stage, 50);
    await using _secret = secret;
    expect(await outcome('a.example.com')).toBe('a.example.com');
    const [one, two] = [await issue('one'), await issue('two')];
    await secret.put(one.cert, two.key);
    await until(() => seen.certificates.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.certificates).toHaveLength(1);
    expect(seen.certificates[0]?.problem).toMatch(/the key in .* is not that of the certificate/);
    expect(await outcome('b.example.com')).toBe('b.example.com');
    expect(peers()).toEqual(['first']);
    await secret.put(two.cert, two.key);
    await until(() => peers().includes('two'));
    expect(seen.certificates.at(-1)?.problem).toBe(null);
  });
});
