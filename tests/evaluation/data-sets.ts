import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readReadings, readRules, type OpeningReading, type Rule } from '../reference/table.js';

/** In all of them, times are as clocks in Madrid show them. */
export const ZONE = 'Europe/Madrid';

export const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
/** Real openings, kept outside of the project: the folder comes from the environment. */
const reference = process.env['REFERENCE_DATA'];
if (!reference) console.warn('REFERENCE_DATA is not set: judging is not checked against the reference data.');

export interface DataSet {
  readonly rules: readonly Rule[];
  readonly readings: readonly OpeningReading[];
  /** The table of alarms. */
  readonly expected: string;
}

const reader = (folder: string, [rules, openings, expected]: readonly [string, string, string]) => {
  const text = (file: string) => readFileSync(join(folder, file), 'utf8');
  return (): DataSet => ({
    rules: readRules(text(rules)),
    readings: readReadings(text(openings), ZONE),
    expected: text(expected),
  });
};

/** With each, whether it is there. */
export const DATA_SETS = [
  ['the examples', true, reader(EXAMPLES, ['rules.csv', 'openings.csv', 'expected.csv'])],
  [
    'the reference data',
    Boolean(reference),
    reader(reference ?? '', ['home-a.rules.csv', 'home-a.csv', 'home-a.expected.csv']),
  ],
] as const;

/** The same way every time. */
export function shuffled(readings: readonly OpeningReading[]): OpeningReading[] {
  const key = (index: number) => (index * 7_919) % 1_009;
  return readings
    .map((reading, index) => ({ reading, key: key(index) }))
    .sort((a, b) => a.key - b.key)
    .map(({ reading }) => reading);
}
