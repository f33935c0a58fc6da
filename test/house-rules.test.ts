import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const packages = globSync('packages/*/package.json', { cwd: root }).map((path) => basename(dirname(path)));
const sources = globSync('{packages/*/{src,test},test}/**/*.ts', { cwd: root });

/** Who may import whom, as docs/ARCHITECTURE.md says. */
function dependencyTable(): Map<string, string[]> {
  const [, block] = /```dependencies\n([\s\S]*?)```/.exec(read('docs/ARCHITECTURE.md')) ?? [];
  const rows = (block ?? '').trim().split('\n');
  return new Map(
    rows.map((row) => {
      const [name = '', targets = ''] = row.split('->').map((cell) => cell.trim());
      return [name, targets === '' ? [] : targets.split(', ')];
    }),
  );
}

function importsOf(path: string): string[] {
  const code = read(path).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const specifiers = code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...specifiers].map(([, specifier = '']) => specifier);
}

const ours = (specifiers: string[]): string[] => [
  ...new Set(
    specifiers.filter((name) => name.startsWith('@tridot/')).map((name) => name.split('/')[1] ?? ''),
  ),
];

describe('the dependency table of docs/ARCHITECTURE.md', () => {
  const table = dependencyTable();

  it('names every package', () => {
    expect([...table.keys()].sort()).toEqual([...packages].sort());
  });

  describe.each(packages)('%s', (name) => {
    const allowed = table.get(name) ?? [];

    it('depends on what the table allows', () => {
      const manifest: { dependencies?: Record<string, string> } = JSON.parse(
        read(`packages/${name}/package.json`),
      );
      expect(allowed.toSorted()).toEqual(ours(Object.keys(manifest.dependencies ?? {})).toSorted());
    });

    it('imports what the table allows', () => {
      const files = sources.filter((path) => path.startsWith(`packages/${name}/src/`));
      const imported = [...new Set(files.flatMap((path) => ours(importsOf(path))))];
      expect(imported.filter((target) => !allowed.includes(target))).toEqual([]);
    });

    it('reaches into no other package by path', () => {
      const files = sources.filter((path) => path.startsWith(`packages/${name}/src/`));
      const reaching = files.flatMap((path) =>
        importsOf(path)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => join(dirname(path), specifier))
          .filter((target) => !target.startsWith(`packages/${name}/`)),
      );
      expect(reaching).toEqual([]);
    });
  });

  it.each(['raw', 'framework', 'library'])('%s imports proxy in main.ts alone', (name) => {
    const others = sources.filter(
      (path) => path.startsWith(`packages/${name}/src/`) && basename(path) !== 'main.ts',
    );
    expect(others.filter((path) => importsOf(path).includes('@tridot/proxy'))).toEqual([]);
  });
});

describe('source files', () => {
  it('have 400 lines at most', () => {
    expect(sources.filter((path) => read(path).split('\n').length > 401)).toEqual([]);
  });

  it('are named after what they are about', () => {
    expect(sources.filter((path) => /^(utils|helpers|common|misc)\.ts$/.test(basename(path)))).toEqual([]);
    expect(
      sources.filter(
        (path) =>
          !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|cases|contract|bench|config|d))?\.ts$/.test(basename(path)),
      ),
    ).toEqual([]);
  });

  it('do not branch on the name of a strategy outside the strategies', () => {
    const shared = sources.filter((path) =>
      /^packages\/(wire|listener|upstream|forwarder|proxy|conformance)\/src\//.test(path),
    );
    expect(shared.filter((path) => /strategy\.name\s*[=!]==/.test(read(path)))).toEqual([]);
  });
});

describe('the documents', () => {
  const scripts: { scripts: Record<string, string> } = JSON.parse(read('package.json'));

  it.each(['README.md', 'CONTRIBUTING.md'])('%s names only commands that exist', (path) => {
    const commands = [...read(path).matchAll(/pnpm (?:run )?(?!--|install|exec)([a-z][a-z:-]*)/g)].map(
      ([, name]) => name,
    );
    const missing = commands.filter((name) => name !== undefined && !(name in scripts.scripts));
    expect(missing).toEqual([]);
    const filtered = [...read(path).matchAll(/pnpm --filter ([a-z]+) ([a-z:-]+)/g)].filter(
      ([, target, script]) => {
        const manifest: { scripts?: Record<string, string> } = JSON.parse(
          read(`packages/${target}/package.json`),
        );
        return !(script !== undefined && manifest.scripts && script in manifest.scripts);
      },
    );
    expect(filtered.map(([command]) => command)).toEqual([]);
  });

  it.each(packages)('packages/%s/README.md has the headings that every package has', (name) => {
    const headings = [...read(`packages/${name}/README.md`).matchAll(/^##? (.+)$/gm)].map(([, text]) => text);
    expect(headings.slice(1).filter((text) => HEADINGS.includes(text ?? ''))).toEqual(HEADINGS);
  });
});

const HEADINGS = ['Description', 'Usage', 'Options', 'Limits and deviations', 'See also'];
