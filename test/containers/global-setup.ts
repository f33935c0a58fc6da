import type { TestProject } from 'vitest/node';
import { createEngine } from './engine.ts';
import { requirePrograms, run } from './programs.ts';
import { COMPOSE_FILES, ROOT } from './repository.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** DOCKER_HOST of the engine. */
    dockerHost: string;
    /** Where its published ports and bridges are. */
    namespace: string;
  }
}

const BUILD_MS = 400_000;

/** The base image's name, as docker/Dockerfile has it. */
const BASE = 'node:24-slim';

/**
 * Starts the engine, makes the base image and builds ours: once as `docker-compose build` does, and once more from nothing, so that
 * a test can compare. Building needs the package registry; afterwards nothing leaves the engine's own network.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  requirePrograms();
  const engine = createEngine();
  const end = async (): Promise<void> => {
    await engine.stop();
    await engine.remove();
  };
  const options = { env: { DOCKER_HOST: engine.host }, timeoutMs: BUILD_MS };
  try {
    await timed('engine', () => engine.startForBuilding());
    await timed('stand-in base image', () => run(`${ROOT}docker/stand-in-base.sh`, [BASE], options));
    await timed('image, by docker-compose build', () =>
      run(
        'docker-compose',
        [...COMPOSE_FILES, '--file', `${ROOT}test/containers/build-network.yml`, 'build'],
        options,
      ),
    );
    await timed('image, once more from nothing', () =>
      run(
        'docker',
        [
          'build',
          '--no-cache',
          '--network=host',
          '--file',
          `${ROOT}docker/Dockerfile`,
          '--tag=tridot:again',
          ROOT,
        ],
        options,
      ),
    );
    await engine.stop();
    await timed('engine in its own network', () => engine.startForRunning());
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('dockerHost', engine.host);
  project.provide('namespace', engine.namespace);
  return end;
}

async function timed(what: string, act: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  await act();
  console.log(`${what}: ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
