import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@tridot/peers';
import { query as queryMessage } from '@tridot/testbed';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, run as runToEnd } from '../programs/programs.ts';
import { type Running, run } from './running.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const DASHBOARD = join(root, 'docker/grafana/tridot.json');
const ALERTS = join(root, 'docker/prometheus/alerts.yml');
const CONFIG = join(root, 'docker/prometheus/prometheus.yml');

/** Panels that show nothing as long as all is well, or without a part that this run does not have. */
const MAY_BE_EMPTY = [
  /tridot_shared_cache_events_total/,
  /tridot_agreement_odd_total/,
  /unauthenticated_total.*> 0/,
];

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
}

const expressions: [string, string][] = (
  JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: readonly Panel[] }
).panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [title, expr]));

const metricsIn = (text: string): string[] => [
  ...new Set(text.match(/\b(?:tridot|nodejs|process)_[a-z0-9_]+/g) ?? []),
];

describeWith(['promtool'], 'the alerts and the configuration', () => {
  it.each([
    ['rules', ALERTS],
    ['config', CONFIG],
  ])('promtool accepts the %s', async (kind, file) => {
    expect(await runToEnd('promtool', 'check', kind, file)).toContain('SUCCESS');
  });
});

describeWith(['prometheus'], 'Prometheus', () => {
  let folder: string;
  let forwarder: Running;
  let prometheus: Running;
  let load: Socket;
  let asking: NodeJS.Timeout;
  let port: number;
  let adminUrl: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tridot-prometheus-'));
    const main = join(root, 'packages/raw/src/main.ts');
    // The first upstream refuses connections, so that there are errors to see; the second one answers.
    const upstreams = ['--upstream', 'tls://127.0.0.1:1#dns.example.com', '--upstream', 'embedded'];
    forwarder = run(process.execPath, [main, '--listen', '127.0.0.1:0', ...upstreams, '--admin', '0']);
    const [, dnsPort = '', admin = ''] = await forwarder.written(
      /listening on udp 127\.0\.0\.1:(\d+).*admin http:\/\/(127\.0\.0\.1:\d+)/,
    );
    adminUrl = `http://${admin}`;
    load = createSocket('udp4').on('message', () => {});
    let count = 0;
    asking = setInterval(() => {
      for (const name of ['www.example.com', `host${count++}.example.com`, 'nas.invalid']) {
        load.send(queryMessage({ name: name }), Number(dnsPort), '127.0.0.1');
      }
    }, 20);
    port = await freePort();
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, configurationFor(admin));
    prometheus = run('prometheus', [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await prometheus.written(/Server is ready to receive web requests/);
    // Two scrapes at least lie between the first and the last value that a rate is made of.
    await vi.waitFor(
      async () => expect(await value('count_over_time(up{job="tridot"}[1m])')).toBeGreaterThan(6),
      { timeout: 30_000, interval: 250 },
    );
  }, 60_000);

  afterAll(async () => {
    clearInterval(asking);
    load?.close();
    await prometheus?.stop();
    await forwarder?.stop();
    rmSync(folder, { recursive: true });
  });

  function configurationFor(admin: string): string {
    return readFileSync(CONFIG, 'utf8')
      .replaceAll('15s', '250ms')
      .replace('127.0.0.1:9353', admin)
      .replace('alerts.yml', ALERTS);
  }

  async function query(
    expression: string,
  ): Promise<readonly { readonly value: readonly [number, string] }[]> {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer: unknown = await (await fetch(url)).json();
    expect(answer, expression).toMatchObject({ status: 'success' });
    return (answer as { data: { result: [] } }).data.result;
  }

  const value = async (expression: string): Promise<number> =>
    Number((await query(expression))[0]?.value[1] ?? 'NaN');

  async function rules(): Promise<readonly Rule[]> {
    const answer = await (await fetch(`http://127.0.0.1:${port}/api/v1/rules`)).json();
    const { data } = answer as { data: { groups: readonly { rules: readonly Rule[] }[] } };
    return data.groups.flatMap((group) => group.rules);
  }

  it('scrapes it', async () => {
    expect(await value('up{job="tridot"}')).toBe(1);
  });

  it.each(expressions)('panel "%s" has data: %s', async (_title, expression) => {
    const filled = expression
      .replaceAll('$__rate_interval', '10s')
      .replaceAll('"$job"', '".*"')
      .replaceAll('"$instance"', '".*"');
    expect(filled).not.toContain('$');
    const result = await query(filled);
    if (!MAY_BE_EMPTY.some((pattern) => pattern.test(expression))) expect(result.length).toBeGreaterThan(0);
  });

  const named = [
    ...new Set([
      ...metricsIn(readFileSync(ALERTS, 'utf8')),
      ...expressions.flatMap(([, text]) => metricsIn(text)),
    ]),
  ];
  it.each(named)('%s exists', async (name) => {
    const known = await (await fetch(`${adminUrl}/metrics`)).text();
    const metric = name.replace(/_(?:bucket|sum|count)$/, '');
    expect(known.includes(`# TYPE ${name} `) || known.includes(`# TYPE ${metric} histogram`)).toBe(true);
    if (!MAY_BE_EMPTY.some((pattern) => pattern.test(name)))
      expect((await query(name)).length).toBeGreaterThan(0);
  });

  it('shows every metric of ours in the dashboard', async () => {
    const text = await (await fetch(`${adminUrl}/metrics`)).text();
    const ours = [...text.matchAll(/^# TYPE (tridot_\S+) /gm)].map(([, name = '']) => name);
    const shown = expressions.flatMap(([, expression]) => metricsIn(expression));
    expect(ours.filter((name) => !shown.some((candidate) => candidate.startsWith(name)))).toEqual([]);
  });

  it('loads the alerts, each can be evaluated, and none about a forwarder that is well fires', async () => {
    await expect
      .poll(async () => new Set((await rules()).map(({ health }) => health)))
      .toEqual(new Set(['ok']));
    expect((await rules()).length).toBeGreaterThanOrEqual(10);
    expect((await rules()).filter(({ state }) => state === 'firing').map(({ name }) => name)).toEqual([]);
  });

  it('sees a forwarder that is gone', async () => {
    await forwarder.stop();
    await expect.poll(() => value('up{job="tridot"}'), { timeout: 10_000 }).toBe(0);
    await expect.poll(() => query('ALERTS{alertname="TridotDown"}'), { timeout: 10_000 }).toHaveLength(1);
  });
});
