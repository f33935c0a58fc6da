import {
  CASES,
  type CaseResult,
  type ConformanceCase,
  machineAbilities,
  runCases,
} from '@tridot/conformance';
import { framework } from '@tridot/framework';
import { library } from '@tridot/library';
import type { Strategy } from '@tridot/listener';
import { raw } from '@tridot/raw';
import { beforeAll, describe, expect, it } from 'vitest';
import { inProcessSubject } from './in-process-subject.ts';
import { differences } from './recorded-outcomes.ts';

/** Messages, EDNS, truncation and hostile octets: what has the most outcomes and needs the least time. */
const SECTIONS = /^(U4|U5|T8|T9|T10|H|E|C|S5)/;
const RUN_TIMEOUT_MS = 120_000;

describe('the same octets have the same outcome in every strategy', () => {
  const cases = CASES.filter((each) => SECTIONS.test(each.id) && !isSlow(each));
  let reference: readonly CaseResult[] = [];

  beforeAll(async () => {
    reference = await run(raw);
  }, RUN_TIMEOUT_MS);

  it('records outcomes', () => {
    expect(reference.filter((result) => result.outcome !== undefined).length).toBeGreaterThan(200);
  });

  it.each([framework, library])(
    '$name as raw',
    async (strategy) => {
      expect(differences(await run(strategy), reference)).toEqual([]);
    },
    RUN_TIMEOUT_MS,
  );

  async function run(strategy: Strategy): Promise<CaseResult[]> {
    return runCases({ cases, subject: inProcessSubject(strategy), machine: await machineAbilities() });
  }
});

function isSlow({ setup }: ConformanceCase): boolean {
  return setup?.settings?.queryTimeoutMs !== undefined;
}
