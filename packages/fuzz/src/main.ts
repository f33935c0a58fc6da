import { once } from 'node:events';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type FoundInput, fuzz, tryBatch } from './fuzz.ts';
import { keep, readKept } from './kept.ts';
import { FUZZ_LIMITS } from './limits.ts';
import { type CommandOptions, OptionError, parseOptions, USAGE } from './options.ts';
import { describeFinding, describeResult } from './report.ts';
import type { WatchdogData } from './watchdog.ts';

const EXIT = { FINE: 0, FOUND: 1, USAGE: 2 } as const;
const PROGRESS_EVERY_MS = 10_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: CommandOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(error.message);
    return EXIT.USAGE;
  }
  if (options.help) {
    console.log(USAGE);
    return EXIT.FINE;
  }
  return options.replay === undefined ? explore(options) : replay(options.replay);
}

async function explore(options: CommandOptions): Promise<number> {
  const { seed, side, forMs, from, iterations, keepIn } = options;
  console.log(`fuzzing: side ${side}, seed ${seed}, from iteration ${from}`);
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const watchdog = await startWatchdog(cells, options);
  const progress = createProgress();
  const result = await fuzz({
    seed,
    side,
    from,
    ...(forMs === undefined ? {} : { forMs }),
    ...(iterations === undefined ? {} : { iterations }),
    onIteration(iteration, tried) {
      Atomics.store(cells, 1, iteration);
      progress(iteration, tried);
    },
    onDoubt: ({ kind, subject, what }, iteration, reproduced) =>
      console.log(
        `not believed, shown again ${reproduced} times: iteration ${iteration}, ${kind} (${subject}): ${what}`,
      ),
    onFinding: (found) => console.log(describeFinding(found, side, keep(keepIn, named(found)))),
  });
  watchdog.postMessage('end');
  console.log(describeResult(result));
  return result.findings.length === 0 ? EXIT.FINE : EXIT.FOUND;
}

async function replay(path: string): Promise<number> {
  const { about, batch } = readKept(resolve(path));
  console.log(`replaying: ${about}`);
  const findings = await tryBatch(batch);
  for (const { kind, subject, what } of findings) console.log(`FOUND ${kind} (${subject}): ${what}`);
  if (findings.length === 0) console.log('nothing found');
  return findings.length === 0 ? EXIT.FINE : EXIT.FOUND;
}

function named(found: FoundInput): { name: string; about: string; batch: FoundInput['batch'] } {
  const { kind, subject, what, seed, iteration, batch } = found;
  const name = `${kind}-${subject.replaceAll(' ', '-')}-${seed}-${iteration}`;
  return { name, about: `${kind} (${subject}): ${what}`, batch };
}

/** The heart beats as long as the event loop turns, whatever a batch waits for. */
async function startWatchdog(
  cells: Int32Array<SharedArrayBuffer>,
  { seed, side, keepIn }: CommandOptions,
): Promise<Worker> {
  const hangMs = FUZZ_LIMITS.hangMs.default;
  const workerData: WatchdogData = { shared: cells.buffer, hangMs, seed, side, keepIn: resolve(keepIn) };
  const worker = new Worker(new URL('./watchdog.ts', import.meta.url), { workerData });
  setInterval(() => Atomics.add(cells, 0, 1), hangMs / 10).unref();
  await once(worker, 'online');
  return worker;
}

function createProgress(): (iteration: number, tried: number) => void {
  let shownAtMs = performance.now();
  let shownTried = 0;
  return (iteration, tried) => {
    const nowMs = performance.now();
    if (nowMs - shownAtMs < PROGRESS_EVERY_MS) return;
    const perSecond = Math.round(((tried - shownTried) * 1_000) / (nowMs - shownAtMs));
    const megabytes = Math.round(process.memoryUsage.rss() / 1_048_576);
    console.log(`iteration ${iteration}: ${tried} inputs, ${perSecond}/s, ${megabytes} MiB resident`);
    shownAtMs = nowMs;
    shownTried = tried;
  };
}
