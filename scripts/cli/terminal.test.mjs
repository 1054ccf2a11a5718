import { expect, test } from 'vitest';
import { createProgressDisplay, formatTable } from './terminal.mjs';

const COLUMNS = /** @type {const} */ ([{ title: 'kind' }, { title: 'n', align: 'right' }]);

test('table columns are as wide as their widest cell', () => {
  expect(
    formatTable(COLUMNS, [
      ['long name', '1'],
      ['x', '100'],
    ]),
  ).toBe('kind         n\nlong name    1\nx          100');
});

test('styles do not count as width', () => {
  const style = (/** @type {string} */ text, /** @type {number} */ _row, /** @type {number} */ column) =>
    column === 0 ? `<${text}>` : text;
  expect(formatTable(COLUMNS, [['x', '1']], style)).toBe('kind  n\n<x   >  1');
});

/** @param {boolean} isTTY */
function createTestDisplay(isTTY) {
  /** @type {string[]} */
  const written = [];
  const clock = { now: 0 };
  const stream = {
    isTTY,
    write: (/** @type {string | Uint8Array} */ text) => written.push(String(text)) > 0,
  };
  return { written, clock, progress: createProgressDisplay({ stream, now: () => clock.now }) };
}

test('progress on a terminal is one line, which is updated and removed', () => {
  const { written, clock, progress } = createTestDisplay(true);
  progress.update('1 of 9');
  progress.update('2 of 9');
  clock.now = 100;
  progress.update('3 of 9');
  progress.end();
  expect(written).toEqual(['\r\u001B[2K1 of 9', '\r\u001B[2K3 of 9', '\r\u001B[2K']);
});

test('other progress is a line every 5 s, and nothing for short work', () => {
  const { written, clock, progress } = createTestDisplay(false);
  progress.update('1 of 9');
  clock.now = 5_000;
  progress.update('5 of 9');
  clock.now = 9_999;
  progress.update('9 of 9');
  progress.end();
  expect(written).toEqual(['5 of 9\n']);
});
