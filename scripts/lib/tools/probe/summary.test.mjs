import { expect, test } from 'vitest';
import { VALID } from './kinds.mjs';
import { READABLE } from './round.mjs';
import { resultTable, roundLine, wrongLines } from './summary.mjs';

const result = (/** @type {string} */ kind, /** @type {number} */ ms, /** @type {string} */ wrong = '') => ({
  kind,
  ms,
  wrong: wrong === '' ? undefined : wrong,
});
const results = [
  result('wrong type', 4, 'status 500 instead of 200'),
  result(VALID, 10),
  result(READABLE, 3),
  result(VALID, 20),
  result(READABLE, 5),
  result('wrong type', 6, 'status 500 instead of 200'),
  result('huge body', 6, 'no answer'),
];

test('a row a kind, with its times', () => {
  expect(resultTable(results).split('\n')).toEqual([
    'kind                 count  ok      p50      p99      max',
    'valid createRule         2   2  10.0 ms  20.0 ms  20.0 ms',
    'readable in reports      2   2   3.0 ms   5.0 ms   5.0 ms',
    'wrong type               2   0   4.0 ms   6.0 ms   6.0 ms',
    'huge body                1   0   6.0 ms   6.0 ms   6.0 ms',
  ]);
});

test('what is wrong, each once, the most frequent first', () => {
  expect(wrongLines(results)).toEqual([
    '2 x wrong type: status 500 instead of 200',
    '1 x huge body: no answer',
  ]);
});

test('a line for a round, also for one without rules', () => {
  expect(roundLine(results)).toBe(
    '5 probes, 3 wrong; answered p50 6.0 ms, p99 20.0 ms; in reports p50 3.0 ms, p99 5.0 ms',
  );
  expect(roundLine([])).toBe('0 probes, 0 wrong; answered p50 -, p99 -; in reports p50 -, p99 -');
});
