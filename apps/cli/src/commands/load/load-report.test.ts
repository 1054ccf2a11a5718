import { expect, test } from 'vitest';
import { formatLoadSummary, summarizeLoad, type LoadResult } from './load-report.js';

const createResult = (dueMs: number, endedMs: number, others: Partial<LoadResult> = {}): LoadResult => ({
  kind: 'queries',
  dueMs,
  startedMs: dueMs,
  endedMs,
  errorCode: undefined,
  ...others,
});

test('the time in which the server did not answer counts for every request that was due in it', () => {
  // The server stalls for 1 s. A client with one connection sends the waiting requests afterwards.
  const results = Array.from({ length: 100 }, (_, index) =>
    createResult(index * 10, Math.max(1_000, index * 10) + 1),
  );
  const { all } = summarizeLoad(results);
  expect(all).toMatchObject({ requests: 100, succeeded: 100, p50: 501, p90: 901, p99: 991, max: 1_001 });
});

test('failed requests have no latency, and lower the achieved rate', () => {
  const summary = summarizeLoad([
    createResult(0, 5),
    createResult(500, 505, { kind: 'commands', errorCode: 'STORAGE_FULL' }),
    createResult(1_000, 1_005, { kind: 'commands', errorCode: 'STORAGE_FULL' }),
    createResult(1_500, 2_000, { kind: 'readings', errorCode: 'ECONNREFUSED' }),
  ]);
  expect(summary.all).toMatchObject({ requests: 4, succeeded: 1, achievedRate: 0.5, max: 5 });
  expect(summary.kinds.commands).toMatchObject({ succeeded: 0, p50: null, max: null });
  expect(summary.errors).toEqual([
    { kind: 'commands', code: 'STORAGE_FULL', count: 2 },
    { kind: 'readings', code: 'ECONNREFUSED', count: 1 },
  ]);
});

test('the table has a row per kind that was sent, and names errors and a client that is too slow', () => {
  const text = formatLoadSummary(
    summarizeLoad([createResult(0, 5), createResult(10, 400, { errorCode: 'RATE_LIMITED', startedMs: 310 })]),
  );
  expect(text.split('\n')).toEqual([
    'kind     requests  ok  ok/s     p50     p90     p99   p99.9     max',
    'queries         2   1   2.5  5.0 ms  5.0 ms  5.0 ms  5.0 ms  5.0 ms',
    'all             2   1   2.5  5.0 ms  5.0 ms  5.0 ms  5.0 ms  5.0 ms',
    'Errors:',
    '  1 x queries: RATE_LIMITED',
    'The command itself began requests up to 300 ms late: the latencies include this. Use a faster machine or a lower rate.',
  ]);
});

test('a load without a result has no latencies', () => {
  expect(summarizeLoad([])).toMatchObject({ all: { requests: 0, achievedRate: 0, p50: null }, errors: [] });
});
