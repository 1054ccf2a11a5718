import { readFileSync } from 'node:fs';

/** A metric as docs/operations.md describes it. */
export interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  /** The names of the services that have it. */
  readonly processes: readonly string[];
  readonly alerts: readonly string[];
}

const ALL_PROCESSES = ['monitoring', 'reports', 'heartbeat', 'gateway'];
const METRIC_ROW = /^\| `(\w+)` +\| (counter|gauge|histogram) +\| ([\w, ]+?) +\| .+? +\| ([\w, ]*?) *\|$/gm;

const splitList = (text: string): string[] => text.split(/, */).filter((part) => part !== '');

/** Reads the table of metrics in docs/operations.md. */
export const readDocumentedMetrics = (): readonly DocumentedMetric[] =>
  [...readFileSync('docs/operations.md', 'utf8').matchAll(METRIC_ROW)].map(
    ([, name = '', type = '', processes = '', alerts = '']) => ({
      name,
      type,
      processes: processes === 'all' ? ALL_PROCESSES : splitList(processes),
      alerts: splitList(alerts),
    }),
  );

/** The metrics of a process: `name type` for each, sorted. @param text the answer of `GET /metrics` */
export const listMetricTypes = (text: string): string[] =>
  [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => `${name} ${type}`).sort();
