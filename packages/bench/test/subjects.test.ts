import { SUBJECTS } from '@tridot/peers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askOneAfterAnother } from '../src/load/sequential-queries.ts';
import { type LoadUpstream, startCountingUpstream } from '../src/load/upstream.ts';
import { startSubject } from '../src/method/measure.ts';

const QUERIES = 5;

describe('every subject that is installed', () => {
  let upstream: LoadUpstream;
  beforeAll(async () => {
    upstream = await startCountingUpstream();
  });
  afterAll(() => upstream.stop());

  it.each(SUBJECTS.filter((subject) => subject.installed()))('$name forwards', async (subject) => {
    const before = upstream.queries() ?? 0;
    const running = await startSubject(subject, false, upstream, { subjectCore: 0, nodeFlags: [] });
    try {
      expect(await askOneAfterAnother(running.port, QUERIES)).toBe(QUERIES);
    } finally {
      await running.stop();
    }
    expect(await running.ended).not.toBe('');
    expect(upstream.queries()).toBeGreaterThanOrEqual(before + QUERIES);
  });
});
