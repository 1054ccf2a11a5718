import { createMetricsRegistry, type LogLag } from '@seguridad-abc/platform';
import { expect, test } from 'vitest';
import { ProjectionStatistics } from '../projector/read-model-updater.js';
import { addReportsMetrics } from './reports-metrics.js';

async function readLagSamples(lag: LogLag | undefined) {
  const registry = createMetricsRegistry();
  addReportsMetrics(registry, {
    database: { file: '/nowhere/reports.sqlite' },
    writer: {
      checkpoint: { logId: 'log-1', position: 7 },
      setAside: { count: 0, first: undefined, bytes: 0 },
      statistics: new ProjectionStatistics(),
    },
    projector: { problem: undefined },
    catchUpWatch: { hasCaughtUp: true },
    getLag: () => lag,
    waits: { counts: { current: 0, reached: 0, timeout: 0 } },
  });
  return (await registry.render()).split('\n').filter((line) => line.startsWith('abc_projection_lag'));
}

test('the lag is how long entries wait: an entry after a quiet night has not waited for the night', async () => {
  expect(await readLagSamples({ entries: 2, seconds: 3, stalledSeconds: 0 })).toEqual([
    'abc_projection_lag_entries 2',
    'abc_projection_lag_seconds 3',
  ]);
  expect(await readLagSamples({ entries: 0, seconds: 0, stalledSeconds: 0 })).toEqual([
    'abc_projection_lag_entries 0',
    'abc_projection_lag_seconds 0',
  ]);
  expect(await readLagSamples(undefined)).toEqual([]);
});
