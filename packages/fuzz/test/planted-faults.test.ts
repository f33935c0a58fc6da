import {
  HANG_UP,
  type Listener,
  type ListenerOptions,
  type QueryHandler,
  type Strategy,
} from '@tridot/listener';
import { raw } from '@tridot/raw';
import { describe, expect, it } from 'vitest';
import { type FoundInput, fuzz } from '../src/fuzz.ts';
import type { Side } from '../src/generate.ts';

/** `raw` with a fault, to be told from `raw` without. */
function faulty(change: (handle: QueryHandler, options: ListenerOptions) => QueryHandler): Strategy {
  return {
    name: 'faulty',
    create: (handle, options): Listener => raw.create(change(handle, options), options),
  };
}

async function findIn(strategy: Strategy, side: Side, shrinkRuns = 0): Promise<readonly FoundInput[]> {
  const { findings } = await fuzz({ seed: 1, side, iterations: 8, shrinkRuns, strategies: [raw, strategy] });
  return findings;
}

describe('a planted fault is found', () => {
  it('a query that is changed on its way', async () => {
    const strategy = faulty((handle) => (query, client) => {
      const at = query.indexOf('records');
      if (at > 0) query[at] = 0x78;
      return handle(query, client);
    });
    const found = (await findIn(strategy, 'client', 300)).find(({ kind }) => kind === 'difference');
    expect(found).toMatchObject({ subject: 'raw and faulty', reproduced: 3 });
    const { datagrams = [], streams = [] } = found?.batch ?? {};
    const octets = Buffer.concat([...datagrams, ...streams.flatMap(({ chunks }) => chunks)]);
    expect(octets.includes('records')).toBe(true);
    expect(octets.length).toBeLessThan(80);
  });

  it('a response that is answered', async () => {
    const strategy = faulty((handle) => (query, client) => {
      const reply = handle(query, client);
      return reply === HANG_UP || reply === null ? Buffer.from(query) : reply;
    });
    const findings = await findIn(strategy, 'client');
    expect(findings.map(({ what }) => what).join('\n')).toContain('answered what is no query');
  });

  it('a reply that is lost', async () => {
    const strategy = faulty((handle, { transport }) => (query, client) => {
      const lost = transport === 'udp' && query.length % 7 === 0 && !query.includes('sentinel');
      return lost ? null : handle(query, client);
    });
    const findings = await findIn(strategy, 'upstream');
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'rule', subject: 'faulty' }));
    expect(findings.map(({ what }) => what).join('\n')).toContain('no reply');
  });
});

describe('without a fault', () => {
  it('nothing is found, and the figures are true', async () => {
    const result = await fuzz({ seed: 5, side: 'both', iterations: 4 });
    expect(result.findings).toEqual([]);
    expect(result.iterations).toBe(4);
    expect(result.inputs).toBeGreaterThan(100);
  });
});
