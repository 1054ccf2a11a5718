import { expect, test } from 'vitest';
import { VALID_CREATE_RULE_PROBE_NAME } from './probe-kinds.js';
import { formatResultTable, formatRoundLine, listProblems } from './probe-report.js';
import { READABLE_IN_REPORTS_RESULT_NAME } from './probe-round.js';

const result = (kind: string, ms: number, problem?: string) => ({ kind, ms, problem });
const results = [
  result('wrong type', 4, 'status 500 instead of 200'),
  result(VALID_CREATE_RULE_PROBE_NAME, 10),
  result(READABLE_IN_REPORTS_RESULT_NAME, 3),
  result(VALID_CREATE_RULE_PROBE_NAME, 20),
  result(READABLE_IN_REPORTS_RESULT_NAME, 5),
  result('wrong type', 6, 'status 500 instead of 200'),
  result('huge body', 6, 'no answer'),
];

test('the table has one row per kind, with its times', () => {
  expect(formatResultTable(results).split('\n')).toEqual([
    'kind                 count  ok      p50      p99      max',
    'valid createRule         2   2  10.0 ms  20.0 ms  20.0 ms',
    'readable in reports      2   2   3.0 ms   5.0 ms   5.0 ms',
    'wrong type               2   0   4.0 ms   6.0 ms   6.0 ms',
    'huge body                1   0   6.0 ms   6.0 ms   6.0 ms',
  ]);
});

test('each problem is listed once, the most frequent first', () => {
  expect(listProblems(results)).toEqual([
    '2 x wrong type: status 500 instead of 200',
    '1 x huge body: no answer',
  ]);
});

test('a round is one line, also without rules', () => {
  expect(formatRoundLine(results)).toBe(
    '5 probes, 3 wrong; answered p50 6.0 ms, p99 20.0 ms; in reports p50 3.0 ms, p99 5.0 ms',
  );
  expect(formatRoundLine([])).toBe('0 probes, 0 wrong; answered p50 -, p99 -; in reports p50 -, p99 -');
});
