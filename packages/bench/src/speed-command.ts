/** `pnpm --filter bench speed`: CPU, throughput and latency of the subjects, side by side. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SUBJECTS } from '@tridot/peers';
import { progress, runCommand } from './command.ts';
import { pairingsOf } from './levels/pairings.ts';
import { startLoadUpstream } from './load/upstream.ts';
import { describeEnvironment } from './method/environment.ts';
import { measureRounds } from './method/rounds.ts';
import { scenarioTables } from './report/scenario-table.ts';
import { speedPage } from './report/speed-page.ts';
import { plainTable } from './report/text-table.ts';
import type { SpeedResult } from './speed-result.ts';

const PAGE = fileURLToPath(new URL('../../../docs/SPEED.md', import.meta.url));

await runCommand({
  defaultSubjects: SUBJECTS.map((subject) => subject.name),
  run: async ({ subjects, scenarios, method, writeDocs }) => {
    const environment = describeEnvironment(method.nodeFlags);
    const upstream = await startLoadUpstream(method.loadCore);
    try {
      const pairings = scenarios.flatMap((scenario) => pairingsOf(scenario, subjects));
      const measured = await measureRounds({ pairings, upstream, method, onProgress: progress });
      const result: SpeedResult = {
        kind: 'speed',
        environment,
        method,
        upstream: upstream.description,
        subjects: subjects.map((subject) => ({ name: subject.name, version: subject.version() })),
        ...measured,
      };
      for (const { title, cells } of scenarioTables(result))
        console.log(`\n${title}\n\n${plainTable(cells)}`);
      for (const failure of result.failures) console.log(`failed: ${failure}`);
      if (writeDocs) writeFileSync(PAGE, speedPage(result));
      return result;
    } finally {
      await upstream.stop();
    }
  },
});
