import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readDocumentedMetrics } from './harness/documented-metrics.js';

interface AlertRules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
    }[];
  }[];
}
interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const metrics = readDocumentedMetrics();
const { groups } = parse(readFileSync('ops/prometheus/alerts.yml', 'utf8')) as AlertRules;
const rules = groups.flatMap((group) => group.rules);

/** The names of metrics in an expression, without the suffixes of histograms. `up` is Prometheus' own. */
const findMetricNames = (expression: string): string[] =>
  [...expression.matchAll(/\b(?:abc|process|nodejs)_\w+/g)].map(([name]) => {
    const histogram = name.replace(/_(bucket|sum|count)$/, '');
    return metrics.some((metric) => metric.name === histogram && metric.type === 'histogram')
      ? histogram
      : name;
  });
const findUnknown = (expression: string): string[] =>
  findMetricNames(expression).filter((name) => !metrics.some((metric) => metric.name === name));

test('the documentation describes metrics with the units and suffixes of their types', () => {
  expect(metrics.length).toBeGreaterThan(60);
  const misnamed = metrics.filter(
    ({ name, type }) =>
      name.endsWith('_total') !== (type === 'counter') ||
      (type === 'histogram' && !name.endsWith('_seconds')),
  );
  expect(misnamed).toEqual([]);
});

test('the alerts use documented metrics only', () => {
  expect(rules.length).toBeGreaterThan(30);
  expect(rules.flatMap(({ expr }) => findUnknown(expr))).toEqual([]);
});

test('each metric names the alerts that use it', () => {
  const documented = metrics.flatMap(({ name, alerts }) => alerts.map((alert) => `${name} ${alert}`));
  const used = rules.flatMap(({ alert, expr }) => findMetricNames(expr).map((name) => `${name} ${alert}`));
  expect([...new Set(used)].sort()).toEqual(documented.sort());
});

test('the documentation says for each alert what to do, with its severity', () => {
  const text = readFileSync('docs/operations.md', 'utf8');
  const documented = [...text.matchAll(/^\| (Abc\w+) +\| (\w+) +\| .+\|$/gm)].map(
    ([, alert = '', severity = '']) => `${alert} ${severity}`,
  );
  expect(documented.sort()).toEqual(rules.map(({ alert, labels }) => `${alert} ${labels.severity}`).sort());
});

test.each(readdirSync('ops/grafana'))('the dashboard %s uses documented metrics only', (file) => {
  const { panels } = JSON.parse(readFileSync(`ops/grafana/${file}`, 'utf8')) as Dashboard;
  expect(panels.length).toBeGreaterThan(10);
  for (const { title, targets } of panels) {
    const expressions = targets.map(({ expr }) => expr).join(' ');
    expect([title, findMetricNames(expressions).length > 0, findUnknown(expressions)]).toEqual([
      title,
      true,
      [],
    ]);
  }
});
