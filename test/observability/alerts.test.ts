import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWith, run } from '../programs/programs.ts';

const here = dirname(fileURLToPath(import.meta.url));
const CASES = join(here, 'alerts');
const RULES = join(here, '../../docker/prometheus/alerts.yml');

const alerts = [...readFileSync(RULES, 'utf8').matchAll(/^ +- alert: Tridot(\w+)$/gm)].map(
  ([, name = '']) => name,
);

/** Where the cases of an alert are: `NoUpstream` has `no-upstream.yml`. */
const fileOf = (alert: string) => `${alert.replace(/\B[A-Z]/g, '-$&').toLowerCase()}.yml`;

describeWith(['promtool'], 'the alerts', () => {
  it('have one file of cases each', () => {
    expect(readdirSync(CASES).toSorted()).toEqual(alerts.map(fileOf).toSorted());
  });

  it.each(alerts)('Tridot%s fires when it should, and is silent when it should not', async (alert) => {
    const file = join(CASES, fileOf(alert));
    const text = readFileSync(file, 'utf8');
    expect(new Set(text.match(/alertname: \w+/g))).toEqual(new Set([`alertname: Tridot${alert}`]));
    expect(text).toMatch(/^ +- name: fires /m);
    expect(text).toMatch(/^ +- exp_labels: /m);
    expect(text).toMatch(/^ +- name: (?:is silent|does not) /m);
    expect(await run('promtool', 'test', 'rules', file)).toContain('SUCCESS');
  });
});
