import type { OpeningState } from '@seguridad-abc/contracts';
import { UsageError } from '../../shared/errors.js';

/** What a value in the column of states means. Rows with a skipped value are no readings. */
export type StateMeaning = OpeningState | 'SKIPPED';

/**
 * The values that need no option: those of Home Assistant's binary sensors and covers, of logs of sensors, and the alarms and
 * restorals of SIA. Its codes OP and CL are not among them: they say that a system was disarmed or armed.
 */
const DEFAULT_VALUES: Readonly<Record<StateMeaning, readonly string[]>> = {
  OPEN: ['open', 'opened', 'on', 'true', '1', 'opening', 'closing', 'BA', 'UA'],
  CLOSED: ['closed', 'close', 'off', 'false', '0', 'BR', 'UR'],
  SKIPPED: ['unavailable', 'unknown'],
};

const OPTIONS: Readonly<Record<StateMeaning, string>> = {
  OPEN: '--open-values',
  CLOSED: '--closed-values',
  SKIPPED: '--skip-values',
};
const MEANINGS = ['OPEN', 'CLOSED', 'SKIPPED'] as const satisfies readonly StateMeaning[];

/** The values that a user gives. Those of one meaning replace its default values. */
export type GivenStateValues = Readonly<Partial<Record<StateMeaning, readonly string[] | undefined>>>;

export interface StateValues {
  /** @returns undefined for an unknown value. Upper and lower case are equal. */
  getMeaning(value: string): StateMeaning | undefined;
  /** The known values, for a message. */
  readonly description: string;
}

/** @throws UsageError if the user gives two meanings to a value */
export function createStateValues(given: GivenStateValues): StateValues {
  const meanings = new Map<string, StateMeaning>();
  // A given value overrides the default meaning of the same value.
  for (const meaning of MEANINGS.filter((each) => given[each] === undefined)) {
    for (const value of DEFAULT_VALUES[meaning]) meanings.set(value.toLowerCase(), meaning);
  }
  const givenMeanings = new Map<string, StateMeaning>();
  for (const meaning of MEANINGS) {
    for (const value of given[meaning] ?? []) {
      const key = value.toLowerCase();
      const other = givenMeanings.get(key);
      if (other !== undefined && other !== meaning) {
        throw new UsageError(`${OPTIONS[other]} and ${OPTIONS[meaning]} both have the value "${value}".`);
      }
      givenMeanings.set(key, meaning);
      meanings.set(key, meaning);
    }
  }
  const list = (meaning: StateMeaning) =>
    [...meanings].flatMap(([value, each]) => (each === meaning ? [value] : [])).join(', ');
  return {
    getMeaning: (value) => meanings.get(value.trim().toLowerCase()),
    description: `${list('OPEN')} (${OPTIONS.OPEN}), or ${list('CLOSED')} (${OPTIONS.CLOSED}); rows with ${list('SKIPPED')} are skipped (${OPTIONS.SKIPPED})`,
  };
}
