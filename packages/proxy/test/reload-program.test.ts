import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFiles } from '../src/program/file-watch.ts';
import { type Child, startProgram } from './child-program.ts';

describe('the program, told to reload', () => {
  let folder: string;
  let child: Child;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tridot-reload-'));
  });
  afterEach(async () => {
    child.process.kill('SIGKILL');
    await child.ended;
    rmSync(folder, { recursive: true });
  });

  const write = (yaml: string): void =>
    writeFileSync(join(folder, 'tridot.yaml'), `upstream: [embedded]\n${yaml}`);

  async function start(...args: string[]): Promise<void> {
    child = startProgram(['--config', join(folder, 'tridot.yaml'), '--listen', '127.0.0.1:0', ...args]);
    await child.lineWith('listening');
  }

  it('applies a changed file after SIGHUP, and says what needs a restart', async () => {
    write('log: { level: info }');
    await start();
    write(
      'log: { level: debug, queries: true }\nadmin: "127.0.0.1:0"\nlimits: { listener: { maxInFlight: 5 } }',
    );
    child.process.kill('SIGHUP');
    expect(JSON.parse(await child.lineWith('reloaded'))).toMatchObject({
      level: 'info',
      msg: 'reloaded after SIGHUP: log.level, log.queries changed; admin, limits.listener.maxInFlight need a restart and stay as they are',
    });
  });

  it('keeps the old settings when the file is bad, and says why in one line', async () => {
    write('');
    await start();
    write('log: { level: loud }');
    child.process.kill('SIGHUP');
    const line = JSON.parse(await child.lineWith('not reloaded'));
    expect(line.level).toBe('error');
    expect(line.msg).toMatch(
      /^not reloaded after SIGHUP, the old settings stay: \S+tridot\.yaml:2: log\.level: "loud" is not one of /,
    );
    write('log: { level: warn }');
    child.process.kill('SIGHUP');
    write('log: { level: info }');
    child.process.kill('SIGHUP');
    await child.lineWith('"reloaded after SIGHUP');
    child.process.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  it('changes the format of its log', async () => {
    write('log: { format: json }');
    await start();
    write('log: { format: pretty }');
    child.process.kill('SIGHUP');
    expect(await child.lineWith('reloaded')).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: reloaded after SIGHUP: log\.format changed$/,
    );
  });

  it('reloads by itself when told to watch the file', async () => {
    write('log: { queries: false }');
    await start('--watch-config', '--watch-interval-ms', '50');
    write('log: { queries: true }');
    expect(await child.lineWith('reloaded')).toContain(
      `a change of ${join(folder, 'tridot.yaml')}: log.queries changed`,
    );
  });

  it('makes one reload of many signals', async () => {
    write('');
    await start();
    for (let i = 0; i < 20; i++) child.process.kill('SIGHUP');
    expect(await child.lineWith('reloaded')).toContain('no other values');
    child.process.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(
      child
        .stdout()
        .split('\n')
        .filter((line) => line.includes('reloaded')).length,
    ).toBeLessThan(20);
  });
});

describe('watchFiles', () => {
  let folder: string;
  let stop = (): void => {};
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tridot-watch-'));
  });
  afterEach(() => {
    stop();
    rmSync(folder, { recursive: true });
  });

  function watched(path: string): string[] {
    const told: string[] = [];
    stop = watchFiles(
      () => [path],
      10,
      (changed) => void told.push(changed),
    );
    return told;
  }

  it('tells a write once', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'a');
    const told = watched(path);
    writeFileSync(path, 'bb');
    await expect.poll(() => told).toEqual([path]);
    writeFileSync(path, 'ccc');
    await expect.poll(() => told).toEqual([path, path]);
  });

  it('tells when a link on the way is exchanged, as Kubernetes does', async () => {
    for (const version of ['one', 'two']) writeFileSync(join(folder, version), version);
    symlinkSync('one', join(folder, 'data'));
    const told = watched(join(folder, 'data'));
    symlinkSync('two', join(folder, 'new'));
    renameSync(join(folder, 'new'), join(folder, 'data'));
    await expect.poll(() => told).toEqual([join(folder, 'data')]);
  });

  it('waits for a file that was taken away to be there again', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'a');
    const told = watched(path);
    rmSync(path);
    writeFileSync(path, 'bb');
    await expect.poll(() => told).toEqual([path]);
  });
});
