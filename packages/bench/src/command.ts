import { writeFileSync } from 'node:fs';
import { pinThisProcess } from './method/environment.ts';
import { BenchOptionError, type BenchOptions, readBenchOptions } from './options.ts';

/** What a command does, once its options are known. Its result goes to the file of `--json`. */
export interface Command {
  readonly defaultSubjects: readonly string[];
  run(options: BenchOptions): Promise<unknown>;
}

/** Runs a command with this process's arguments. A bad option is one line and exit 2. */
export async function runCommand(command: Command): Promise<void> {
  try {
    const options = readBenchOptions(process.argv.slice(2), command.defaultSubjects);
    // A signal ends a process without its `exit` event, which is what takes the subjects with it.
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
    pinThisProcess(options.method.loadCore);
    const result = await command.run(options);
    if (options.jsonFile !== null) writeFileSync(options.jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof BenchOptionError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** Progress goes to standard error, so that standard output holds the result alone. */
export function progress(line: string): void {
  console.error(line);
}
