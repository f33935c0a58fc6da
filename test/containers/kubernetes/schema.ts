import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubernetesObject } from './rendered.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Which module describes the objects of an API version. */
const MODULES: Readonly<Record<string, string>> = {
  v1: 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'autoscaling/v2': 'kubernetes-models/autoscaling/v2',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

/** Checks one object against its JSON schema. @throws {Error} that names the field. */
export async function validate(object: KubernetesObject): Promise<void> {
  const { [object.kind]: Model } = await import(`${moduleOf(object)}/${object.kind}`);
  new Model(object).validate();
}

/**
 * What TypeScript says of the objects as literals of their interfaces. The schemas let unknown fields pass, as the cluster does
 * with a warning; to the compiler a misspelt field is an error.
 */
export function typeErrors(objects: readonly KubernetesObject[]): string {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'tridot-manifests-'));
  try {
    const file = join(folder, 'manifests.mts');
    writeFileSync(file, objects.map(literal).join('\n'));
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...COMPILER_OPTIONS, file], {
      encoding: 'utf8',
      cwd: folder,
    });
    return '';
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout);
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const COMPILER_OPTIONS = [
  '--noEmit',
  '--ignoreConfig',
  '--strict',
  '--skipLibCheck',
  '--module',
  'nodenext',
  '--target',
  'es2024',
];

function literal(object: KubernetesObject, index: number): string {
  const type = `import('${moduleOf(object)}').I${object.kind}`;
  return `export const object${index}: ${type} = ${JSON.stringify(object, null, 1)};`;
}

function moduleOf({ apiVersion, kind }: KubernetesObject): string {
  const name = MODULES[apiVersion];
  if (name === undefined) throw new Error(`no schema is known for ${kind} of ${apiVersion}`);
  return name;
}
