import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IService } from 'kubernetes-models/v1/Service';
import { describe, expect, it } from 'vitest';
import { type KubernetesObject, MANIFESTS, render, renderWithComponent, whyNotRendered } from './rendered.ts';
import { typeErrors, validate } from './schema.ts';

const ENTRYPOINT = fileURLToPath(new URL('../../../docker/entrypoint.ts', import.meta.url));
const LABELS = { 'app.kubernetes.io/name': 'tridot' };
const OVERLAYS = ['base', 'overlays/node-local', 'overlays/shared-cache', 'overlays/coredns'];
const reason = whyNotRendered();

const RENDERED: readonly (readonly [string, () => KubernetesObject[]])[] = [
  ...OVERLAYS.map((folder) => [folder, () => render(join(MANIFESTS, folder))] as const),
  ...OVERLAYS.map(
    (folder) =>
      [
        `${folder} with the service monitor`,
        () => renderWithComponent(folder, 'components/service-monitor'),
      ] as const,
  ),
];

describe.skipIf(reason !== null)(
  `the manifests of Kubernetes${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    describe.each(RENDERED)('%s', (_name, rendered) => {
      const objects = reason === null ? rendered() : [];

      it('fits the schemas', async () => {
        expect(objects.length).toBeGreaterThan(4);
        for (const object of objects) await validate(object);
      });

      it('has no field that Kubernetes does not know', () => {
        expect(typeErrors(objects)).toBe('');
      });

      it('has settings that the program accepts', () => {
        const [settings] = ofKind(objects, 'ConfigMap');
        const environment = { PATH: env.PATH, ...settings?.data };
        const output = execFileSync(execPath, [ENTRYPOINT, '--check'], {
          env: environment,
          encoding: 'utf8',
        });
        expect(output).toContain('configuration ok');
      });

      it('selects its pods, and only those, everywhere', () => {
        const pods = podTemplateOf(objects).metadata?.labels;
        expect(pods).toEqual(LABELS);
        for (const service of ofKind<IService>(objects, 'Service').filter(isOurs)) {
          expect(service.spec?.selector).toEqual(LABELS);
        }
        for (const policy of ofKind<INetworkPolicy>(objects, 'NetworkPolicy').filter(isOurs)) {
          expect(policy.spec?.podSelector?.matchLabels).toEqual(LABELS);
        }
        for (const budget of ofKind<IPodDisruptionBudget>(objects, 'PodDisruptionBudget')) {
          expect(budget.spec?.selector?.matchLabels).toEqual(LABELS);
        }
        for (const scaler of ofKind<IHorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler')) {
          const { kind, name } = scaler.spec?.scaleTargetRef ?? {};
          expect(ofKind(objects, kind ?? '').map((object) => object.metadata.name)).toContain(name);
        }
      });

      it('names ports that the pods have', () => {
        const ports = containerOf(objects).ports?.map(({ name, protocol }) => `${name} ${protocol}`);
        const named = ofKind<IService>(objects, 'Service')
          .filter(isOurs)
          .flatMap((service) => service.spec?.ports ?? [])
          .map(({ targetPort, protocol }) => `${targetPort} ${protocol}`);
        expect(named).toEqual(expect.arrayContaining(['dns-udp UDP', 'dns-tcp TCP']));
        expect(ports).toEqual(expect.arrayContaining(named));
        const { livenessProbe, readinessProbe } = containerOf(objects);
        expect([livenessProbe?.httpGet?.path, readinessProbe?.httpGet?.path]).toEqual([
          '/healthz',
          '/readyz',
        ]);
      });

      it('has ports that are those of its settings', () => {
        const [settings] = ofKind(objects, 'ConfigMap');
        const ports = new Map(
          containerOf(objects).ports?.map(({ name, containerPort }) => [name, String(containerPort)]),
        );
        expect(portOf(settings?.data?.TRIDOT_LISTEN)).toBe(ports.get('dns-udp'));
        expect(portOf(settings?.data?.TRIDOT_LISTEN)).toBe(ports.get('dns-tcp'));
        expect(portOf(settings?.data?.TRIDOT_ADMIN)).toBe(ports.get('admin'));
      });

      it('leaves time for what comes before the end of a pod', () => {
        const [settings] = ofKind(objects, 'ConfigMap');
        const { lifecycle } = containerOf(objects);
        const preStopMs = Number(/(\d+)\)$/.exec(lifecycle?.preStop?.exec?.command?.at(-1) ?? '')?.[1]);
        const graceMs = Number(settings?.data?.TRIDOT_GRACE_MS);
        const allowedMs = (podTemplateOf(objects).spec?.terminationGracePeriodSeconds ?? 0) * 1000;
        expect(preStopMs + graceMs).toBeGreaterThan(5_000);
        expect(preStopMs + graceMs).toBeLessThan(allowedMs / 2);
      });

      it('replaces a pod only when another one is ready', () => {
        const [workload] = objects.filter(isWorkload).filter(isOurs);
        const { strategy, updateStrategy } = workload?.spec ?? {};
        expect((strategy ?? updateStrategy)?.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
      });

      it('gives no container any privilege', () => {
        for (const { spec } of objects.filter(isWorkload)) {
          const pod = spec?.template?.spec;
          expect(pod?.securityContext).toMatchObject({
            runAsNonRoot: true,
            seccompProfile: { type: 'RuntimeDefault' },
          });
          expect(pod?.securityContext?.runAsUser).toBeGreaterThan(0);
          expect(pod?.automountServiceAccountToken).toBe(false);
          for (const container of pod?.containers ?? []) {
            expect(container.securityContext).toEqual({
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            });
          }
        }
      });
    });

    it('give CoreDNS the address that the Service has', () => {
      const objects = render(join(MANIFESTS, 'overlays/coredns'));
      const corefile = readFileSync(join(MANIFESTS, 'overlays/coredns/Corefile'), 'utf8');
      const [service] = ofKind<IService>(objects, 'Service');
      expect(/forward \. (\S+) \{/.exec(corefile)?.[1]).toBe(service?.spec?.clusterIP);
      // Otherwise the pods would resolve through CoreDNS, and so through themselves.
      expect(podTemplateOf(objects).spec?.dnsPolicy).toBe('Default');
    });

    it('ask the node-local DaemonSet on the node alone', () => {
      const objects = render(join(MANIFESTS, 'overlays/node-local'));
      const [service] = ofKind<IService>(objects, 'Service');
      expect(service?.spec?.internalTrafficPolicy).toBe('Local');
      expect(objects.map(({ kind }) => kind).toSorted()).toEqual([
        'ConfigMap',
        'DaemonSet',
        'Namespace',
        'NetworkPolicy',
        'Service',
        'ServiceAccount',
      ]);
    });
  },
);

describe.skipIf(reason !== null)('the check of the manifests', () => {
  const [deployment] = reason === null ? render(join(MANIFESTS, 'base')).filter(isWorkload) : [];

  it('finds a value of the wrong type', async () => {
    const wrong = {
      ...deployment,
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'x' },
      spec: { ...deployment?.spec, revisionHistoryLimit: 'three' },
    };
    await expect(validate(wrong)).rejects.toThrow('revisionHistoryLimit');
  });

  it('finds a misspelt field', () => {
    const wrong = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'x' },
      spec: { ...deployment?.spec, revisionHistoryLimits: 3 },
    };
    expect(typeErrors([wrong])).toContain('revisionHistoryLimits');
  });
});

type Workload = IDeployment & {
  readonly metadata: KubernetesObject['metadata'];
  /** Of a DaemonSet. */
  readonly spec?: { readonly updateStrategy?: { readonly rollingUpdate?: unknown } };
};

function isWorkload(object: KubernetesObject): object is KubernetesObject & Workload {
  return object.kind === 'Deployment' || object.kind === 'DaemonSet';
}

function isOurs({ metadata }: { metadata?: { name?: string } }): boolean {
  return metadata?.name?.startsWith('tridot-valkey') === false;
}

function ofKind<T>(objects: readonly KubernetesObject[], kind: string): (KubernetesObject & T)[] {
  const isOfKind = (object: KubernetesObject): object is KubernetesObject & T => object.kind === kind;
  return objects.filter(isOfKind);
}

function podTemplateOf(objects: readonly KubernetesObject[]) {
  const [workload] = objects.filter(isWorkload).filter(isOurs);
  if (workload?.spec?.template === undefined) throw new Error('no workload');
  return workload.spec.template;
}

function containerOf(objects: readonly KubernetesObject[]) {
  const [container] = podTemplateOf(objects).spec?.containers ?? [];
  if (container === undefined) throw new Error('no container');
  return container;
}

function portOf(address: string | undefined): string | undefined {
  return /:(\d+)$/.exec(address ?? '')?.[1];
}
