import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs, with what it has written so far. */
export interface Running {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Settles with what matched once it has written that; rejects when it ends before. */
  written(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

export function run(command: string, args: readonly string[]): Running {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return {
    process: child,
    output: () => output,
    written: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (match !== null) resolve(match);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
        ended.then(() => reject(new Error(`${command} ended:\n${output}`)), reject);
      }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
