import { expect, test } from 'vitest';
import { DurationHistogram } from './duration-histogram.js';
import { createMetricsRegistry } from './metrics-registry.js';

const listSamples = (text: string): string[] => text.split('\n').filter((line) => /^[a-z]/.test(line));

test('metrics are read when they are asked for', async () => {
  const registry = createMetricsRegistry();
  const log: { position?: number } = {};
  const counts: Record<string, number> = {};
  registry.addGauge('abc_log_position', 'Position.', () => log.position);
  registry.addCounter(
    'abc_events_total',
    'Events.',
    () => Object.entries(counts).map(([type, value]) => ({ labels: { type }, value })),
    ['type'],
  );
  expect(listSamples(await registry.render())).toStrictEqual(['abc_metrics_read_errors_total 0']);

  log.position = 7;
  counts['AlarmRaised'] = 2;
  for (let scrape = 0; scrape < 2; scrape++)
    expect(listSamples(await registry.render())).toStrictEqual([
      'abc_log_position 7',
      'abc_events_total{type="AlarmRaised"} 2',
      'abc_metrics_read_errors_total 0',
    ]);
  expect(await registry.render()).toContain('# TYPE abc_events_total counter\n');
});

test('durations are a histogram with cumulative buckets', async () => {
  const registry = createMetricsRegistry();
  const durations = new DurationHistogram([0.001, 0.01]);
  for (const durationMs of [0.5, 5, 5, 50]) durations.addMs(durationMs);
  registry.addDurations('abc_x_duration_seconds', 'Durations.', () => [
    { labels: { database: 'reports' }, durations },
  ]);
  expect(listSamples(await registry.render()).slice(0, -1)).toStrictEqual([
    'abc_x_duration_seconds_bucket{database="reports",le="0.001"} 1',
    'abc_x_duration_seconds_bucket{database="reports",le="0.01"} 3',
    'abc_x_duration_seconds_bucket{database="reports",le="+Inf"} 4',
    'abc_x_duration_seconds_sum{database="reports"} 0.0605',
    'abc_x_duration_seconds_count{database="reports"} 4',
  ]);
});

test('a metric that cannot be read is left out and counted; the others are read', async () => {
  const registry = createMetricsRegistry();
  registry.addGauge('abc_a', 'A.', () => Promise.reject(new Error('the database is closed')));
  registry.addGauge('abc_b', 'B.', () => 1);
  expect(listSamples(await registry.render())).toStrictEqual(['abc_b 1', 'abc_metrics_read_errors_total 1']);
});
