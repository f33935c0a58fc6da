import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { commandInNamespace, inNamespace } from './engine.ts';
import { type Ended, run, runToEnd } from './programs.ts';
import { COMPOSE_FILES } from './repository.ts';

/** Of docker-compose, and the label of all that it makes. */
export const PROJECT = 'tridot-test';

const POLL_MS = 200;

function engineEnvironment(): NodeJS.ProcessEnv {
  return { DOCKER_HOST: inject('dockerHost'), COMPOSE_PROJECT_NAME: PROJECT };
}

/** `docker …`. @throws {Error} when it fails. */
export function docker(...args: string[]): Promise<string> {
  return run('docker', args, { env: engineEnvironment() });
}

/** `docker …`, however it ends. */
export function dockerToEnd(...args: string[]): Promise<Ended> {
  return runToEnd('docker', args, { env: engineEnvironment() });
}

/** `docker-compose …` with both Compose files. @throws {Error} when it fails. */
export function compose(...args: string[]): Promise<string> {
  return run('docker-compose', [...COMPOSE_FILES, ...args], { env: engineEnvironment() });
}

/** The container of a service of the Compose files. */
export async function containerOf(service: string): Promise<string> {
  const labels = { project: PROJECT, service };
  const filters = Object.entries(labels).map(
    ([key, value]) => `--filter=label=com.docker.compose.${key}=${value}`,
  );
  const [id, ...more] = (await docker('ps', '--all', '--quiet', ...filters)).trim().split('\n');
  if (id === undefined || id === '' || more.length > 0) throw new Error(`not one container of ${service}`);
  return id;
}

/** A program on the containers' host, where published ports are on loopback. */
export function onHost(command: string, ...args: string[]): Promise<string> {
  return inNamespace(inject('namespace'), command, args);
}

/** The same as a command line, for programs that stay. */
export function hostCommand(command: string, ...args: string[]): { command: string; args: string[] } {
  return { command: 'nsenter', args: commandInNamespace(inject('namespace'), command, args) };
}

/** What `docker inspect` knows of a container or an image, as far as these tests look at it. */
export interface Inspected {
  readonly Id: string;
  readonly Size: number;
  readonly Config: {
    readonly User: string;
    readonly StopSignal: string;
    readonly Healthcheck: { readonly Test: readonly string[] };
    readonly Labels: Readonly<Record<string, string>>;
    readonly Entrypoint: readonly string[];
    readonly ExposedPorts: Readonly<Record<string, unknown>>;
  };
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Pid: number;
    readonly Health?: { readonly Status: string; readonly Log: readonly { readonly Output: string }[] };
  };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[];
    readonly SecurityOpt: readonly string[];
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly PidsLimit: number;
    readonly RestartPolicy: { readonly Name: string };
  };
}

export async function inspect(name: string): Promise<Inspected> {
  const [found]: Inspected[] = JSON.parse(await docker('inspect', name));
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** Waits until Docker calls a container healthy. @throws {Error} after the time, with what its checks and it said. */
export async function healthy(name: string, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { State } = await inspect(name);
    if (State.Health?.Status === 'healthy') return;
    if (!State.Running || performance.now() > deadline) {
      const checks = State.Health?.Log.map(({ Output }) => Output).join('') ?? '';
      const { stdout, stderr } = await dockerToEnd('logs', name);
      throw new Error(
        `${name} is ${State.Health?.Status ?? 'without a health check'}\n${checks}\n${stdout}${stderr}`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Waits until a container has written something. */
export async function logged(name: string, text: string, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { stdout, stderr } = await dockerToEnd('logs', name);
    if (`${stdout}${stderr}`.includes(text)) return;
    if (performance.now() > deadline)
      throw new Error(`${name} has not written "${text}"\n${stdout}${stderr}`);
    await sleep(POLL_MS);
  }
}

/** What a container answers with, from inside: `docker exec` of the image's own health check. */
export function check(name: string, ...addresses: string[]): Promise<Ended> {
  return dockerToEnd('exec', name, 'node', 'docker/healthcheck.ts', ...addresses);
}
