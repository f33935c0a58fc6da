import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** A package that a production install brings. */
export interface InstalledPackage {
  readonly name: string;
  readonly directory: string;
  /** Ours, in the workspace; else from the registry. */
  readonly own: boolean;
  readonly bytes: number;
}

/**
 * What `pnpm install --prod` brings for a package: itself and its dependencies, each once.
 *
 * @param directory of the package.
 */
export function installedFor(directory: string): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const visit = (from: string) => {
    const real = realpathSync(from);
    if (found.has(real)) return;
    const manifest = manifestOf(real);
    const own = !real.includes(`${sep}node_modules${sep}`);
    found.set(real, {
      name: manifest.name,
      directory: real,
      own,
      bytes: own ? ownBytes(real) : bytesBelow(real),
    });
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const at = resolveFrom(real, dependency);
      if (at !== null) visit(at);
    }
  };
  visit(directory);
  return [...found.values()];
}

/** Bytes of the files that a workspace package needs at run time. */
function ownBytes(directory: string): number {
  return statSync(join(directory, 'package.json')).size + bytesBelow(join(directory, 'src'));
}

/** Installed size of a Debian package that owns a file, in bytes, without its libraries; null: not known. */
export function debianBytes(file: string): number | null {
  const owner = spawnSync('dpkg-query', ['-S', file], { encoding: 'utf8' }).stdout?.split(':')[0];
  if (owner === undefined || owner === '') return null;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is dpkg-query that fills it in.
  const size = spawnSync('dpkg-query', ['-W', '-f', '${Installed-Size}', owner], { encoding: 'utf8' }).stdout;
  const kibibytes = Number(size);
  return Number.isFinite(kibibytes) && kibibytes > 0 ? kibibytes * 1024 : null;
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestOf(directory: string): Manifest {
  const manifest: Manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return manifest;
}

/** As Node looks for it: in `node_modules` here, then above. Optional ones may not be there. */
function resolveFrom(directory: string, name: string): string | null {
  for (let at = directory; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(at) === at) return null;
  }
}

function bytesBelow(directory: string): number {
  if (!existsSync(directory)) return 0;
  return readdirSync(directory, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + bytesBelow(path);
    return entry.isFile() ? sum + statSync(path).size : sum;
  }, 0);
}
