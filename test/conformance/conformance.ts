import {
  CASES,
  type CaseResult,
  type ConformanceCase,
  machineAbilities,
  PROGRAM_NAMES,
  type Program,
  runCases,
  titleOf,
  tridotSubject,
} from '@tridot/conformance';
import type { Strategy } from '@tridot/listener';
import { beforeAll, describe, expect, it } from 'vitest';
import { inProcessSubject } from './in-process-subject.ts';
import { differences, earlierOutcomes, keepOutcomes } from './recorded-outcomes.ts';

/** Far more than a whole run takes on an idle machine. */
const RUN_TIMEOUT_MS = 600_000;

/** A case id, and why this strategy fails it. The case must then fail. */
export type Deviations = Readonly<Record<string, string>>;

/** Holds a strategy to every case: in this process, and as the program where a case is about the process. */
export function conformance(strategy: Strategy, deviations: Deviations = {}): void {
  describe(`${strategy.name} conforms`, () => {
    let results: readonly CaseResult[] = [];

    beforeAll(async () => {
      const machine = await machineAbilities();
      const within = { machine, deviations, subject: inProcessSubject(strategy) };
      const inProcess = await runCases({
        ...within,
        cases: CASES.filter((each) => !isAboutTheProcess(each)),
      });
      const asProgram = { machine, deviations, subject: tridotSubject(programOf(strategy)) };
      results = [...inProcess, ...(await runCases({ ...asProgram, cases: CASES.filter(isAboutTheProcess) }))];
      const counts = ['pass', 'fail', 'not applicable'].map(
        (verdict) => `${results.filter((result) => result.verdict === verdict).length} ${verdict}`,
      );
      process.stdout.write(
        `${strategy.name}: ${counts.join(', ')}, ${Object.keys(deviations).length} deviations\n`,
      );
    }, RUN_TIMEOUT_MS);

    for (const each of CASES) {
      for (const transport of each.transports) {
        it(`${each.id} ${transport}: ${titleOf(each)}`, (test) => {
          const result = results.find(({ key }) => key === `${each.id} ${transport}`);
          if (result?.verdict === 'not applicable') test.skip(result.reason);
          const logs = result?.logs === undefined || result.logs === '' ? '' : `\nIt wrote:\n${result.logs}`;
          const expected = deviations[each.id] === undefined ? 'pass' : 'fail';
          expect(result?.verdict, `${result?.reason ?? 'not run'}${logs}`).toBe(expected);
        });
      }
    }

    it('gives the same outcomes as the strategies that ran before', () => {
      for (const earlier of earlierOutcomes(strategy.name)) {
        expect(differences(results, earlier.results), `compared with ${earlier.name}`).toEqual([]);
      }
      keepOutcomes(strategy.name, results);
    });
  });
}

function isAboutTheProcess({ needs = [] }: ConformanceCase): boolean {
  return needs.includes('process');
}

/** The program of a strategy has its name. */
function programOf({ name }: Strategy): Program {
  const program = PROGRAM_NAMES.find((each) => each === name);
  if (program === undefined) throw new Error(`no program is called ${name}`);
  return program;
}
