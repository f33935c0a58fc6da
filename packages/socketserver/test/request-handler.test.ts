import { describe, expect, it } from 'vitest';
import { runHandler } from '../src/base-request-handler.ts';
import { BaseRequestHandler, type Step } from '../src/index.ts';

type Way = 'done' | 'later' | 'throws' | 'rejects';
const WAYS: readonly Way[] = ['done', 'later', 'throws', 'rejects'];

class Recorder extends BaseRequestHandler {
  readonly steps: string[] = [];
  readonly #ways: Record<string, Way>;

  constructor(ways: Record<string, Way>) {
    super();
    this.#ways = ways;
  }

  #step(name: string): Step {
    this.steps.push(name);
    const way = this.#ways[name];
    if (way === 'throws') throw new Error(name);
    if (way === 'later') return new Promise((resolve) => setImmediate(resolve));
    if (way === 'rejects') return Promise.reject(new Error(name));
  }

  override setup(): Step {
    return this.#step('setup');
  }
  override handle(): Step {
    return this.#step('handle');
  }
  override finish(): Step {
    return this.#step('finish');
  }
}

const cases = WAYS.flatMap((setup) =>
  WAYS.flatMap((handle) => WAYS.map((finish): [Way, Way, Way] => [setup, handle, finish])),
);
const fails = (way: Way): boolean => way === 'throws' || way === 'rejects';

describe('a handler', () => {
  it.each(cases)('setup %s, handle %s, finish %s: finish runs and every error is told', async (...ways) => {
    const [setup, handle, finish] = ways;
    const handler = new Recorder({ setup, handle, finish });
    const errors: string[] = [];
    await runHandler(handler, (error) => errors.push(error instanceof Error ? error.message : ''));
    expect(handler.steps).toEqual(fails(setup) ? ['setup', 'finish'] : ['setup', 'handle', 'finish']);
    const expected = fails(setup) ? ['setup'] : fails(handle) ? ['handle'] : [];
    expect(errors).toEqual(fails(finish) ? [...expected, 'finish'] : expected);
  });

  it('costs no promise when every step is done at once', () => {
    expect(runHandler(new Recorder({}), () => {})).toBeUndefined();
  });
});
