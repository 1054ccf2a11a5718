import { expect, test } from 'vitest';
import { createProgress } from './progress.mjs';

/** @param {boolean} isTTY */
function start(isTTY) {
  /** @type {string[]} */
  const written = [];
  const clock = { now: 0 };
  const stream = {
    isTTY,
    write: (/** @type {string | Uint8Array} */ text) => written.push(String(text)) > 0,
  };
  return { written, clock, progress: createProgress({ stream, now: () => clock.now }) };
}

test('a terminal has one line, which is renewed and taken away', () => {
  const { written, clock, progress } = start(true);
  progress.update('1 of 9');
  progress.update('2 of 9');
  clock.now = 100;
  progress.update('3 of 9');
  progress.end();
  expect(written).toEqual(['\r\u001B[2K1 of 9', '\r\u001B[2K3 of 9', '\r\u001B[2K']);
});

test('elsewhere a line comes every 5 s, and short work says nothing', () => {
  const { written, clock, progress } = start(false);
  progress.update('1 of 9');
  clock.now = 5_000;
  progress.update('5 of 9');
  clock.now = 9_999;
  progress.update('9 of 9');
  progress.end();
  expect(written).toEqual(['5 of 9\n']);
});
