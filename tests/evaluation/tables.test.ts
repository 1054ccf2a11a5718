import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReadings, readRules, tableOf, type OpeningReading } from '../reference/table.js';
import { coreTable } from './core-table.js';
import { DATA_SETS, EXAMPLES, shuffled, ZONE } from './data-sets.js';

/** All that is in the files is over. */
const NOW = Date.parse('2026-01-01T00:00:00Z');

it('expected.csv of the examples is as the plain implementation makes it (vitest -u writes it)', async () => {
  const text = (file: string) => readFileSync(join(EXAMPLES, file), 'utf8');
  const table = tableOf(readRules(text('rules.csv')), readReadings(text('openings.csv'), ZONE), NOW);
  await expect(table).toMatchFileSnapshot(join(EXAMPLES, 'expected.csv'));
});

describe.each(DATA_SETS)('%s', (_, isThere, read) => {
  describe.skipIf(!isThere)('give the table of alarms', () => {
    it('by the plain implementation', () => {
      const { rules, readings, expected } = read();
      expect(tableOf(rules, readings, NOW)).toBe(expected);
    });

    it.each<[string, (readings: readonly OpeningReading[]) => readonly OpeningReading[]]>([
      ['in the order of the file', (readings) => readings],
      ['backwards', (readings) => readings.toReversed()],
      ['shuffled', shuffled],
      ['each twice', (readings) => shuffled([...readings, ...readings])],
    ])('by the core, %s, in batches of one and of a thousand', (_, arranged) => {
      const { rules, readings, expected } = read();
      expect(readings.length).toBeGreaterThan(0);
      expect(coreTable(rules, arranged(readings), 1, NOW)).toBe(expected);
      expect(coreTable(rules, arranged(readings), 1_000, NOW)).toBe(expected);
    });
  });
});
