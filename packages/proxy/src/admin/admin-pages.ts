import { oneLine } from '../logging/one-line.ts';
import { createMetricsRegistry, type MetricSources } from '../metrics/registry.ts';
import { type AdminPage, type AdminPages, text } from './admin-server.ts';
import type { Readiness } from './readiness.ts';
import { redacted } from './redacted.ts';

export interface AdminSources {
  readonly metrics: MetricSources;
  readonly readiness: Readiness;
  /** The settings in effect. */
  readonly settings: () => unknown;
}

/** What the admin endpoint serves. */
export function adminPages({ metrics, readiness, settings }: AdminSources): AdminPages {
  const registry = createMetricsRegistry(metrics);
  let scrape: Promise<AdminPage> | null = null;

  async function metricsPage(): Promise<AdminPage> {
    return { status: 200, type: registry.contentType, body: await registry.metrics() };
  }

  return {
    // Many scrapers at once get the work of one.
    '/metrics': () => {
      scrape ??= metricsPage().finally(() => {
        scrape = null;
      });
      return scrape;
    },
    '/healthz': () => text(200, 'ok'),
    '/readyz': async () => {
      const { ready, reason } = await readiness.check();
      return text(ready ? 200 : 503, oneLine(reason));
    },
    '/config': () => ({
      status: 200,
      type: 'application/json',
      body: `${JSON.stringify(redacted(settings()), null, 2)}\n`,
    }),
  };
}
