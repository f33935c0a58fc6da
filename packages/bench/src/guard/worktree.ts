import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchOptionError } from '../options.ts';

/** An older state of the repository beside this one, with its dependencies installed. */
export interface Worktree {
  readonly directory: string;
  /** Short id of its commit. */
  readonly commit: string;
  remove(): void;
}

/** The commit could not be made ready to run. */
export class WorktreeError extends Error {
  readonly code = 'ERR_WORKTREE';
  override readonly name = 'WorktreeError';
}

/**
 * @throws {BenchOptionError} ERR_BENCH_OPTION: there is no such commit.
 * @throws {WorktreeError} ERR_WORKTREE: it cannot be checked out or installed; nothing of it is left.
 */
export function checkOut(checkout: string, revision: string): Worktree {
  const commit = git(checkout, 'rev-parse', '--short', '--verify', '--quiet', `${revision}^{commit}`);
  if (commit === null) throw new BenchOptionError(`there is no commit "${revision}"`);
  const directory = join(mkdtempSync(join(tmpdir(), 'tridot-baseline-')), 'tridot');
  const remove = () => {
    git(checkout, 'worktree', 'remove', '--force', directory);
    rmSync(join(directory, '..'), { recursive: true, force: true });
    git(checkout, 'worktree', 'prune');
  };
  try {
    must(checkout, 'git', 'worktree', 'add', '--detach', directory, commit);
    // The lock file is followed where it fits; a commit in which it does not can be measured too.
    must(directory, 'npx', '-y', 'pnpm', 'install', '--prod', '--no-frozen-lockfile', '--prefer-offline');
  } catch (error) {
    remove();
    throw error;
  }
  return { directory, commit, remove };
}

/** null: git says that something is wrong. */
function git(checkout: string, ...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: checkout, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function must(directory: string, program: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: directory, encoding: 'utf8' });
  if (status !== 0)
    throw new WorktreeError(`${program} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`);
}
