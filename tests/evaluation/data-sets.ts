import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  readReadings,
  readRules,
  type OpeningReading,
  type ReferenceRule,
} from '../reference/alarm-table.js';

/** The zone of the wall-clock times in all data sets. */
export const DATA_TIME_ZONE = 'Europe/Madrid';

export const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
/** The folder of real openings, which are not part of the project. */
const referenceFolder = process.env['REFERENCE_DATA'];
if (!referenceFolder)
  console.warn('REFERENCE_DATA is not set: the checks over the reference data are skipped.');

export interface DataSet {
  readonly rules: readonly ReferenceRule[];
  readonly readings: readonly OpeningReading[];
  /** The expected alarm table. */
  readonly expected: string;
}

const createReader = (folder: string, [rules, openings, expected]: readonly [string, string, string]) => {
  const text = (file: string) => readFileSync(join(folder, file), 'utf8');
  return (): DataSet => ({
    rules: readRules(text(rules)),
    readings: readReadings(text(openings), DATA_TIME_ZONE),
    expected: text(expected),
  });
};

/** Each data set with its name, whether it is available, and its reader. */
export const DATA_SETS = [
  ['the examples', true, createReader(EXAMPLES, ['rules.csv', 'openings.csv', 'expected.csv'])],
  [
    'the reference data',
    Boolean(referenceFolder),
    createReader(referenceFolder ?? '', ['home-a.rules.csv', 'home-a.csv', 'home-a.expected.csv']),
  ],
] as const;

/** Arranges readings in another order, which is the same in every run. */
export function shuffle(readings: readonly OpeningReading[]): OpeningReading[] {
  const key = (index: number) => (index * 7_919) % 1_009;
  return readings
    .map((reading, index) => ({ reading, key: key(index) }))
    .sort((a, b) => a.key - b.key)
    .map(({ reading }) => reading);
}
