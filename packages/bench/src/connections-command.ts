/** `pnpm --filter bench connections`: upstream connections that queries asked one after another take. */
import { SUBJECTS } from '@tridot/peers';
import { progress, runCommand } from './command.ts';
import { BENCH_LIMITS } from './limits.ts';
import { askOneAfterAnother } from './load/sequential-queries.ts';
import { startCountingUpstream } from './load/upstream.ts';
import { describeEnvironment } from './method/environment.ts';
import { startSubject } from './method/measure.ts';
import { plainTable } from './report/text-table.ts';

await runCommand({
  defaultSubjects: SUBJECTS.map((subject) => subject.name),
  run: async ({ subjects, method }) => {
    const asked = BENCH_LIMITS.sequentialQueries.default;
    const rows = [];
    for (const subject of subjects) {
      progress(`${subject.name}: ${asked} queries one after another`);
      const upstream = await startCountingUpstream();
      try {
        const running = await startSubject(subject, false, upstream, method);
        try {
          const answered = await askOneAfterAnother(running.port, asked);
          rows.push({ subject: subject.name, asked, answered, connections: upstream.connections() });
        } finally {
          await running.stop();
        }
      } finally {
        await upstream.stop();
      }
    }
    const cells = rows.map((row) => [row.subject, String(row.answered), String(row.connections)]);
    console.log(plainTable([['subject', `answered of ${asked}`, 'upstream connections'], ...cells]));
    return { kind: 'connections', environment: describeEnvironment(method.nodeFlags), rows };
  },
});
