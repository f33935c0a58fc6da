/**
 * `pnpm bench:check [--baseline COMMIT]`: is this checkout slower than a commit? Both are measured in the same run, in
 * turns, so that the machine is the same for both.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { STRATEGY_NAMES, strategySubject } from '@tridot/peers';
import { progress } from '../command.ts';
import { BENCH_LIMITS } from '../limits.ts';
import { startLoadUpstream } from '../load/upstream.ts';
import { describeEnvironment, pinThisProcess } from '../method/environment.ts';
import { measureRounds } from '../method/rounds.ts';
import { SCENARIOS, titleOf, usesCache } from '../method/scenario.ts';
import { BenchOptionError } from '../options.ts';
import { ratioText } from '../report/scenario-table.ts';
import { plainTable } from '../report/text-table.ts';
import { BASELINE, type Judgement, judge } from './judge.ts';
import { guardMethod } from './method.ts';
import { checkOut, WorktreeError } from './worktree.ts';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));

/** What users feel most: a query that goes upstream, and one that is answered from memory. */
const GUARDED = [
  'end-to-end.udp.new.saturated',
  'end-to-end.udp.cached.saturated',
  'end-to-end.tcp.new.saturated',
];

const HELP = `usage: pnpm bench:check [options]

  Compares the CPU for each query with that of a commit; exit 1 when it is slower beyond noise.

  --baseline COMMIT  what to compare with (HEAD)
  --strategies A,B   only these: ${STRATEGY_NAMES.join(', ')} (raw)
  --rounds N         runs of each (${BENCH_LIMITS.guardRounds.default})
  --json FILE        write the figures to a file
  --help             this text
`;

try {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  const values = readOptions();
  if (values.help === true) process.stdout.write(HELP);
  else await check(values);
} catch (error) {
  if (!(error instanceof BenchOptionError || error instanceof WorktreeError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof BenchOptionError ? 2 : 1;
}

async function check(values: ReturnType<typeof readOptions>): Promise<void> {
  const method = guardMethod(values.rounds);
  const strategies = strategiesOf(values.strategies);
  pinThisProcess(method.loadCore);
  progress(`installing ${values.baseline ?? 'HEAD'} beside this checkout`);
  const worktree = checkOut(CHECKOUT, values.baseline ?? 'HEAD');
  process.once('exit', worktree.remove);
  const upstream = await startLoadUpstream(method.loadCore);
  try {
    const subjects = strategies.flatMap((name) => [
      strategySubject(name, CHECKOUT),
      strategySubject(name, worktree.directory, `${name}${BASELINE}`),
    ]);
    const pairings = SCENARIOS.filter(({ id }) => GUARDED.includes(id)).flatMap((scenario) =>
      subjects
        .filter((subject) => subject.installed() && (!usesCache(scenario) || subject.caches))
        .map((subject) => ({ subject, scenario })),
    );
    const environment = describeEnvironment([]);
    const measured = await measureRounds({ pairings, upstream, method, onProgress: progress });
    const judgements = judge(measured.rows, method);
    show(judgements, worktree.commit, measured.failures);
    if (values.json !== undefined) {
      const result = {
        kind: 'guard',
        environment,
        method,
        baseline: worktree.commit,
        ...measured,
        judgements,
      };
      writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
    }
  } finally {
    await upstream.stop();
  }
}

function show(judgements: readonly Judgement[], commit: string, failures: readonly string[]): void {
  const cells = judgements.map(({ subject, scenario, ratio, slower }) => {
    const known = SCENARIOS.find(({ id }) => id === scenario);
    const spread = ratio === null ? '–' : `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}`;
    return [
      `${subject}: ${known === undefined ? scenario : titleOf(known)}`,
      ratioText(ratio),
      spread,
      ratio === null ? 'not compared' : slower ? 'SLOWER' : 'ok',
    ];
  });
  console.log(`\n${plainTable([['CPU of a query', `× ${commit}`, 'rounds', ''], ...cells])}`);
  for (const failure of failures) console.log(`failed: ${failure}`);
  const nothing = judgements.every(({ ratio }) => ratio === null);
  if (nothing) console.log('nothing could be compared');
  if (nothing || failures.length > 0 || judgements.some(({ slower }) => slower)) process.exitCode = 1;
}

function strategiesOf(list: string | undefined): string[] {
  const names = list?.split(',') ?? ['raw'];
  const unknown = names.find((name) => !STRATEGY_NAMES.some((known) => known === name));
  if (unknown === undefined) return names;
  throw new BenchOptionError(`unknown strategy "${unknown}": known are ${STRATEGY_NAMES.join(', ')}`);
}

function readOptions() {
  try {
    return parseArgs({
      args: process.argv.slice(2).filter((arg) => arg !== '--'),
      options: {
        baseline: { type: 'string' },
        strategies: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new BenchOptionError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
