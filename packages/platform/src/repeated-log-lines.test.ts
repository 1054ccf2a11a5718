import { expect, test } from 'vitest';
import { createRepeatedLogLines, type OmittedLogLines } from './repeated-log-lines.js';

test('equal lines of a level are bounded in a minute, and their number is reported', () => {
  let nowMs = 0;
  const reported: OmittedLogLines[] = [];
  const lines = createRepeatedLogLines(
    (omitted) => reported.push(omitted),
    2,
    () => nowMs,
  );
  const warn = (message: string) => lines.mayLog(40, message);
  expect(['a', 'a', 'a', 'a', 'b'].map(warn)).toStrictEqual([true, true, false, false, true]);
  expect(lines.mayLog(50, 'a')).toBe(true);
  expect(reported).toStrictEqual([]);
  nowMs = 60_000;
  expect(warn('a')).toBe(true);
  expect(reported).toStrictEqual([{ message: 'a', omittedLines: 2 }]);
});

test('messages beyond the first thousand count together', () => {
  const lines = createRepeatedLogLines(
    () => undefined,
    1,
    () => 0,
  );
  const results = Array.from({ length: 1_002 }, (_, index) => lines.mayLog(30, `message ${index}`));
  expect(results.indexOf(false)).toBe(1_001);
});
