import { describe, expect, test } from 'vitest';
import type { HealthStatus } from '../../api/generated';
import { createHistoryBars, listIncidents, type StatusChange } from './health-history';

const MINUTE_MS = 60_000;
const toInstant = (minute: number) => new Date(minute * MINUTE_MS).toISOString();
/** Changes to statuses at minutes, newest first as the API returns them. */
const createChanges = (...steps: readonly (readonly [minute: number, to: HealthStatus])[]): StatusChange[] =>
  steps
    .map(([minute, to], index): StatusChange => {
      const from = steps[index - 1]?.[1] ?? 'UNKNOWN';
      return { from, to, at: toInstant(minute), reason: `${to} at ${minute}` };
    })
    .reverse();

describe('the bars of a history', () => {
  const PERIOD = { until: 60 * MINUTE_MS, barMs: 10 * MINUTE_MS, count: 6 };
  const listStatuses = (changes: readonly StatusChange[]) =>
    createHistoryBars(changes, PERIOD).map(({ status }) => status);

  test('have the worst status of their time, and none before the first change', () => {
    const changes = createChanges([15, 'UP'], [32, 'LATE'], [33, 'DOWN'], [38, 'UP']);
    expect(listStatuses(changes)).toStrictEqual([undefined, 'UP', 'UP', 'DOWN', 'UP', 'UP']);
  });

  test('continue the last status until now', () => {
    expect(listStatuses(createChanges([0, 'DOWN']))).toStrictEqual(Array.from({ length: 6 }, () => 'DOWN'));
  });

  test('belong to what begins in them, not to what has ended at their start', () => {
    const changes = createChanges([0, 'DOWN'], [20, 'UP']);
    expect(listStatuses(changes)).toStrictEqual(['DOWN', 'DOWN', 'UP', 'UP', 'UP', 'UP']);
  });

  test('are empty without changes', () => {
    expect(listStatuses([])).toStrictEqual(Array.from({ length: 6 }, () => undefined));
  });
});

describe('the incidents of a service', () => {
  test('last from the first problem until it is up, with the worst status and its reason', () => {
    const changes = createChanges(
      [0, 'UP'],
      [10, 'LATE'],
      [11, 'DOWN'],
      [12, 'DEGRADED'],
      [20, 'UP'],
      [30, 'LATE'],
    );
    expect(listIncidents('reports', changes)).toStrictEqual([
      { service: 'reports', from: toInstant(30), until: undefined, worst: 'LATE', reason: 'LATE at 30' },
      { service: 'reports', from: toInstant(10), until: toInstant(20), worst: 'DOWN', reason: 'DOWN at 11' },
    ]);
  });

  test('go on while the monitor does not know, and end with maintenance', () => {
    const changes = createChanges([1, 'DOWN'], [2, 'UNKNOWN'], [3, 'DOWN'], [4, 'MAINTENANCE']);
    expect(listIncidents('reports', changes)).toMatchObject([{ from: toInstant(1), until: toInstant(4) }]);
  });

  test('are none if the service was never in trouble', () => {
    expect(listIncidents('reports', createChanges([0, 'UNKNOWN'], [1, 'UP']))).toStrictEqual([]);
  });
});
