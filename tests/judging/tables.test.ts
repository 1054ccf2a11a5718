import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readReadings, readRules, tableOf, type OpeningReading } from '../reference/table.js';
import { coreTable } from './core-table.js';

/** In both, times are as clocks in Madrid show them. */
const ZONE = 'Europe/Madrid';
/** All that is in the files is over. */
const NOW = Date.parse('2026-01-01T00:00:00Z');

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
/** Real openings, kept outside of the project: the folder comes from the environment. */
const reference = process.env['REFERENCE_DATA'];
if (!reference) console.warn('REFERENCE_DATA is not set: judging is not checked against the reference data.');

const sets = [
  ['the examples', examples, ['rules.csv', 'openings.csv', 'expected.csv']],
  ['the reference data', reference ?? '', ['home-a.rules.csv', 'home-a.csv', 'home-a.expected.csv']],
] as const;

it('expected.csv of the examples is as the plain implementation makes it (vitest -u writes it)', async () => {
  const text = (file: string) => readFileSync(join(examples, file), 'utf8');
  const table = tableOf(readRules(text('rules.csv')), readReadings(text('openings.csv'), ZONE), NOW);
  await expect(table).toMatchFileSnapshot(join(examples, 'expected.csv'));
});

describe.each(sets)('%s', (_, folder, [rulesFile, openingsFile, expectedFile]) => {
  describe.skipIf(!folder)('give the table of alarms', () => {
    const text = (file: string) => readFileSync(join(folder, file), 'utf8');
    const read = () => ({
      rules: readRules(text(rulesFile)),
      readings: readReadings(text(openingsFile), ZONE),
      expected: text(expectedFile),
    });

    it('by the plain implementation', () => {
      const { rules, readings, expected } = read();
      expect(tableOf(rules, readings, NOW)).toBe(expected);
    });

    it.each<[string, (readings: OpeningReading[]) => OpeningReading[]]>([
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

/** The same way every time. */
function shuffled(readings: readonly OpeningReading[]): OpeningReading[] {
  const key = (index: number) => (index * 7_919) % 1_009;
  return readings
    .map((reading, index) => ({ reading, key: key(index) }))
    .sort((a, b) => a.key - b.key)
    .map(({ reading }) => reading);
}
