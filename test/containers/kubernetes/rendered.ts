import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/** One object of Kubernetes, as far as every kind is alike. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export const MANIFESTS = fileURLToPath(new URL('../../../docker/kubernetes/', import.meta.url));

/** Why the rendered manifests cannot be tested here; `null` when they can. In CI nothing is skipped. */
export function whyNotRendered(): string | null {
  if (env.CI === 'true') return null;
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'kubectl is not installed';
  }
}

/** What `kubectl apply --kustomize` would send. */
export function render(folder: string): KubernetesObject[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** The same for a component, which can only be rendered as part of something. */
export function renderWithComponent(base: string, component: string): KubernetesObject[] {
  const folder = mkdtempSync(join(MANIFESTS, '.rendered-'));
  try {
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [relative(folder, join(MANIFESTS, base))],
      components: [relative(folder, join(MANIFESTS, component))],
    };
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return render(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
