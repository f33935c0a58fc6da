import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PEER_LIMITS } from './limits.ts';

/** Servers are installed here, which is often not on a user's path. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The absolute path of a program, or null when it is not on this machine. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  for (const folder of folders) {
    if (folder === '') continue;
    const path = join(folder, name);
    if (isExecutable(path)) return path;
  }
  return null;
}

/** The first version number (with the word before it, if any) that a program prints; empty when it prints none. */
export function versionOf(name: string, argument: string): string {
  const path = findProgram(name);
  if (path === null) return '';
  const result = spawnSync(path, [argument], {
    encoding: 'utf8',
    timeout: PEER_LIMITS.versionTimeoutMs.default,
  });
  return firstVersion(`${result.stdout ?? ''}\n${result.stderr ?? ''}`);
}

/** The first thing in a text that looks like a version: `1.17.1`, or a whole number after the program's own name. */
export function firstVersion(text: string): string {
  return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? /\d+/.exec(text)?.[0] ?? '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
