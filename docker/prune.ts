/**
 * Makes the image small while it is built. Run in the workspace's root.
 *
 *   node docker/prune.ts packages        before the install: removes the packages that no container runs
 *   node docker/prune.ts dependencies    after it: removes what no program reads from the dependencies, as types, source maps,
 *                                        TypeScript sources (Node runs none under node_modules), documents and tests.
 *                                        Licences stay.
 */
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What is started in containers; what these depend on comes along. */
const PROGRAMS = ['raw', 'framework', 'library', 'testbed'];

const FILES = /\.(?:[cm]?ts|tsx|map|md|markdown|flow)$/i;
const FOLDERS = /^(?:tests?|__tests__|benchmarks?|bench|examples?|docs|\.github)$/;
const LICENCE = /^(?:licen[cs]e|copying|notice)/i;

let removedBytes = 0;
switch (process.argv[2]) {
  case 'packages':
    removeOtherPackages();
    break;
  case 'dependencies':
    removeUnread(join('node_modules', '.pnpm'));
    break;
  default:
    throw new Error('usage: node docker/prune.ts packages|dependencies');
}
console.log(`removed ${Math.round(removedBytes / 1024)} KiB`);

function removeOtherPackages(): void {
  const needed = new Set(PROGRAMS);
  for (const name of needed) {
    const manifest: { dependencies?: Record<string, string> } = JSON.parse(
      readFileSync(join('packages', name, 'package.json'), 'utf8'),
    );
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (dependency.startsWith('@tridot/')) needed.add(dependency.slice('@tridot/'.length));
    }
  }
  for (const name of readdirSync('packages')) if (!needed.has(name)) remove(join('packages', name));
}

/** Links are not followed: pnpm's lead back into the same tree. */
function removeUnread(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (FOLDERS.test(entry.name) && !isPackage(path)) remove(path);
      else removeUnread(path);
    } else if (entry.isFile() && FILES.test(entry.name) && !LICENCE.test(entry.name)) {
      remove(path);
    }
  }
}

/** `node_modules/test` would be a dependency of that name. */
function isPackage(path: string): boolean {
  return /node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path);
}

function remove(path: string): void {
  removedBytes += sizeOf(path);
  rmSync(path, { recursive: true });
}

function sizeOf(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
