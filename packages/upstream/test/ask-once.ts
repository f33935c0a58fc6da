/** Asks one query in a process of its own and prints the outcome and what handles were left. */
import { createUpstreams } from '../src/index.ts';
import { outgoing } from './messages.ts';

// Its handle is made at first use.
process.stdout.write('');
const before = process.getActiveResourcesInfo();
const upstreams = createUpstreams(JSON.parse(process.argv[2] ?? '{}'));
const outcome = await upstreams.ask(outgoing('a.example.com')).then(
  () => 'answered',
  (error: { code: string }) => error.code,
);
await upstreams.close();
// The turn in which the last socket was closed ends.
await new Promise((resolve) => setImmediate(resolve));
const left = process
  .getActiveResourcesInfo()
  .filter((name) => name !== 'Immediate' && !before.includes(name));
process.stdout.write(JSON.stringify({ outcome, left }));
