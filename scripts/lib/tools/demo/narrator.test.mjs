import { expect, test } from 'vitest';
import { createNarrator } from './narrator.mjs';

test('each line has the time since the beginning; further lines stand below the first', () => {
  /** @type {string[]} */
  const lines = [];
  let now = 500;
  const narrator = createNarrator({ write: (line) => lines.push(line), now: () => now });
  narrator.tell('once');
  now = 12_840;
  narrator.tell('a table\nof rules');
  expect(lines).toEqual(['   0.0 s  once', '  12.3 s  a table\n          of rules']);
});
