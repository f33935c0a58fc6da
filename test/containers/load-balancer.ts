import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostCommand } from './containers.ts';
import { runToEnd } from './programs.ts';

/** dnsdist in front of containers, told what to do as Kubernetes tells the nodes which pods a Service has. */
export interface LoadBalancer {
  readonly port: number;
  /** Begins to send queries to a server. */
  add(name: string, address: string): Promise<void>;
  /** Sends it no more queries. Those that it has may still be answered. */
  remove(name: string): Promise<void>;
  stop(): Promise<void>;
}

const PORT = 5300;
const CONSOLE_PORT = 5199;
const IN_FLIGHT = 1_000;
const START_MS = 20_000;
const POLL_MS = 100;

export async function startLoadBalancer(folder: string): Promise<LoadBalancer> {
  const file = join(folder, 'dnsdist.conf');
  writeFileSync(
    file,
    [
      `setKey('${randomBytes(32).toString('base64')}')`,
      `controlSocket('127.0.0.1:${CONSOLE_PORT}')`,
      // Without maxInFlight it asks one query of a TCP connection after the other.
      `setLocal('127.0.0.1:${PORT}', {maxInFlight=${IN_FLIGHT}})`,
      'setServerPolicy(roundrobin)',
      'setACL({"127.0.0.0/8"})',
      'setSecurityPollSuffix("")',
    ].join('\n'),
  );
  const { command, args } = hostCommand('dnsdist', '--supervised', '--disable-syslog', '--config', file);
  const child: ChildProcess = spawn(command, args, { stdio: 'ignore' });

  async function tell(lua: string): Promise<string> {
    const client = hostCommand('dnsdist', '--config', file, '--execute', lua);
    const { code, stdout, stderr } = await runToEnd(client.command, client.args);
    if (code !== 0) throw new Error(`dnsdist refused ${lua}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  async function until(lua: string, value: string, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    let said = '';
    do {
      said = await tell(lua).catch((error: unknown) => String(error));
      if (said === value) return;
      await sleep(POLL_MS);
    } while (performance.now() < deadline && child.exitCode === null);
    throw new Error(`dnsdist: ${lua} is ${said} and not ${value}`);
  }

  await until('1 + 1', '2', START_MS);
  let servers: string[] = [];
  const server = (name: string): string => `getServer(${servers.indexOf(name)})`;
  return {
    port: PORT,
    async add(name, address) {
      servers = [...servers, name];
      await tell(
        `newServer({address='${address}', name='${name}', checkName='example.com.', maxInFlight=${IN_FLIGHT}})`,
      );
      await tell(`${server(name)}:setUp()`);
    },
    async remove(name) {
      await tell(`${server(name)}:setDown()`);
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
