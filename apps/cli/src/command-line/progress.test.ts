import { expect, test } from 'vitest';
import { createProgressDisplay, formatDuration } from './progress.js';

function createTestDisplay(isTTY: boolean) {
  const written: string[] = [];
  const clock = { now: 0 };
  const stream = { isTTY, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
  return { written, clock, progress: createProgressDisplay('rows', { stream, now: () => clock.now }) };
}

test('progress on a terminal is one line, which is updated and removed', () => {
  const { written, clock, progress } = createTestDisplay(true);
  progress.update(1, 9);
  progress.update(2, 9);
  clock.now = 100;
  progress.update(3, 9, 'up to noon');
  progress.end();
  expect(written).toEqual(['\r\u001B[2K1 of 9 rows', '\r\u001B[2K3 of 9 rows, up to noon', '\r\u001B[2K']);
});

test('other progress is a line every 10 s, and nothing for short work', () => {
  const { written, clock, progress } = createTestDisplay(false);
  progress.update(1, 9);
  clock.now = 10_000;
  progress.update(5, 9);
  clock.now = 19_999;
  progress.update(9, 9);
  progress.end();
  expect(written).toEqual(['5 of 9 rows, 0.5 per second, about 8 s left\n']);
});

test('a rate and the remaining time follow from the work so far', () => {
  const { written, clock, progress } = createTestDisplay(true);
  clock.now = 2_000;
  progress.update(3_000, 300_000);
  clock.now = 200_000;
  progress.update(300_000, 300_000);
  expect(written).toEqual([
    '\r\u001B[2K3,000 of 300,000 rows, 1,500 per second, about 3 min 18 s left',
    '\r\u001B[2K300,000 of 300,000 rows, 1,500 per second',
  ]);
});

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [303_000, '5 min 3 s'],
  [11_520_000, '3 h 12 min'],
  [187_200_000, '2 d 4 h'],
])('formats %d ms as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
