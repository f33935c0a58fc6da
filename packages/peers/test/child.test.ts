import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ChildOptions, startChild } from '../src/child.ts';
import { whenListening } from '../src/readiness.ts';

/** A Node program given as text; `directory` is the last thing that it is told. */
const program = (source: string): Pick<ChildOptions, 'name' | 'command'> => ({
  name: 'child-test',
  command: (directory) => [process.execPath, '-e', source, directory],
});

const SERVES = `console.log('listening in ' + process.argv[1]); setInterval(() => {}, 1000);`;

describe('startChild', () => {
  it('is ready once the line is printed, and leaves nothing behind when stopped', async () => {
    const child = await startChild({ ...program(SERVES), ready: whenListening });
    const directory = /listening in (\S+)/.exec(child.log())?.[1] ?? '';
    expect(existsSync(directory)).toBe(true);
    expect(isRunning(child.pid)).toBe(true);
    await child.stop();
    expect(await child.ended).toBe('SIGTERM');
    expect(isRunning(child.pid)).toBe(false);
    expect(existsSync(directory)).toBe(false);
    await expect(child.stop()).resolves.toBeUndefined();
  });

  it('writes its files before the program starts', async () => {
    const source = `console.log('listening ' + require('node:fs').readFileSync(process.argv[1] + '/a.conf', 'utf8'))`;
    const child = await startChild({
      ...program(`${source}; setInterval(() => {}, 1000);`),
      files: (directory) => ({ 'a.conf': `in ${directory}` }),
      ready: whenListening,
    });
    expect(child.log()).toMatch(/^listening in \//);
    await child.stop();
  });

  it('says how the program ended when it never was ready, with what it wrote', async () => {
    let directory = '';
    const starting = startChild({
      ...program(`console.error('no such option'); process.exit(3);`),
      files: (given) => {
        directory = given;
        return {};
      },
      ready: whenListening,
    });
    await expect(starting).rejects.toMatchObject({
      code: 'ERR_SUBJECT_START',
      message: expect.stringMatching(/child-test did not start: it ended: exit code 3\nno such option/),
    });
    expect(existsSync(directory)).toBe(false);
  });

  it('says so when there is no such program', async () => {
    const starting = startChild({
      name: 'child-test',
      command: (directory) => [join(directory, 'missing')],
      ready: whenListening,
    });
    await expect(starting).rejects.toMatchObject({
      code: 'ERR_SUBJECT_START',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('knows the message of a JSON log line', async () => {
    const source = `console.log('{"level":"info","msg":"listening on udp"}'); setInterval(() => {}, 1000);`;
    const child = await startChild({ ...program(source), ready: whenListening });
    await child.stop();
  });

  it('takes no line for another', async () => {
    const source = `console.log('not listening'); setTimeout(() => process.exit(0), 50);`;
    const starting = startChild({ ...program(source), ready: whenListening });
    await expect(starting).rejects.toMatchObject({ code: 'ERR_SUBJECT_START' });
  });

  it.runIf(process.platform === 'linux')('keeps it on its core, under its own pid', async () => {
    const child = await startChild({ ...program(SERVES), core: 0, ready: whenListening });
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    expect(status).toMatch(/^Cpus_allowed_list:\s+0$/m);
    expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).toContain('listening in');
    await child.stop();
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
