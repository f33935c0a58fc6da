import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, freePort, type RunningSubject, startChild, whenListening } from '@tridot/peers';
import { connectTcp, createTestCa, type TestCa } from '@tridot/testbed';
import { onTestFinished } from 'vitest';

export const AUTH_NAME = 'dot.example.com';

let ca: Promise<TestCa> | undefined;

/** One throwaway CA serves a whole test file. */
export function testCa(): Promise<TestCa> {
  ca ??= createTestCa();
  return ca;
}

export interface Forwarder extends RunningSubject {
  readonly port: number;
}

/** A strategy as a user starts it, with flags and environment, on a port of its own; stopped when the test is over. */
export async function startForwarder(
  strategy: string,
  ...given: (string | Record<string, string>)[]
): Promise<Forwarder> {
  const args = given.filter((argument) => typeof argument === 'string');
  const environment = Object.assign({}, ...given.filter((argument) => typeof argument !== 'string'));
  const main = fileURLToPath(new URL(`../../packages/${strategy}/src/main.ts`, import.meta.url));
  const child = await startChild({
    name: strategy,
    command: () => [process.execPath, main, '--listen', '127.0.0.1:0', ...args],
    environment,
    ready: whenListening,
  });
  onTestFinished(() => child.stop());
  const [, port] = /udp 127\.0\.0\.1:(\d+)/.exec(child.log()) ?? [];
  return Object.assign(child, { port: Number(port) });
}

/** Trust in the test CA and in one upstream behind it, as flags. */
export async function upstreamFlags(port: number, authName = AUTH_NAME): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tridot-ca-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'ca.pem');
  writeFileSync(file, (await testCa()).pem);
  return ['--upstream', `tls://127.0.0.1:${port}#${authName}`, '--ca', file];
}

const TXT_STRINGS = 230;

function zone(): string[] {
  const long = Array.from(
    { length: TXT_STRINGS },
    (_, index) => `big.example.com. TXT "${index} ${'x'.repeat(240)}"`,
  );
  const many = Array.from({ length: 60 }, (_, index) => `many.example.com. A 192.0.2.${index}`);
  return [
    'example.com. 300 A 192.0.2.1',
    'example.com. 300 AAAA 2001:db8::1',
    'example.com. 300 TYPE65280 \\# 6 C00CC00CFFFF',
    ...many,
    ...long,
  ];
}

export interface DotServer extends RunningSubject {
  readonly port: number;
}

/** unbound as a DoT server that answers from a zone of its own. */
export async function startUnboundDot(given?: number): Promise<DotServer> {
  const port = given ?? (await freePort());
  const { cert, key } = await (await testCa()).issue({ dnsNames: [AUTH_NAME] });
  const data = zone().map((record) => `local-data: '${record}'`);
  const child = await startChild({
    name: 'unbound',
    files: () => ({
      'cert.pem': cert,
      'key.pem': key,
      'unbound.conf': unboundConfiguration(port, ['local-zone: "example.com." static', ...data]),
    }),
    command: unboundCommand,
    ready: () => whenAccepting(port),
  });
  onTestFinished(() => child.stop());
  return Object.assign(child, { port });
}

/** Configuration of unbound for DoT alone, with the certificate in its directory, and lines of the caller's. */
export function unboundConfiguration(port: number, serverLines: readonly string[]): string {
  return [
    'server:',
    `  interface: 127.0.0.1@${port}`,
    `  tls-port: ${port}`,
    '  tls-service-key: key.pem',
    '  tls-service-pem: cert.pem',
    '  directory: "."',
    '  do-daemonize: no',
    '  username: ""',
    '  chroot: ""',
    '  pidfile: ""',
    '  use-syslog: no',
    '  incoming-num-tcp: 100',
    ...serverLines.map((line) => `  ${line}`),
    'remote-control:',
    '  control-enable: no',
    '',
  ].join('\n');
}

export function unboundCommand(directory: string): [string, ...string[]] {
  return [findProgram('unbound') ?? 'unbound', '-d', '-c', join(directory, 'unbound.conf')];
}

/** Settles once a TCP connection to the port is accepted. */
export async function whenAccepting(port: number): Promise<void> {
  for (;;) {
    try {
      (await connectTcp({ address: '127.0.0.1', port })).close();
      return;
    } catch {
      await new Promise(setImmediate);
    }
  }
}
