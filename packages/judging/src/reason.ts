import { Temporal } from 'temporal-polyfill';
import type { Due } from './dues.js';
import type { JudgedInterval } from './intervals.js';
import type { RuleVersion } from './rule-version.js';

/** Why an alarm was raised: one sentence with the figures. */
export function reasonOf(version: RuleVersion, due: Due, interval: JudgedInterval): string {
  const since = Temporal.Instant.fromEpochMilliseconds(interval.startedAt)
    .toZonedDateTimeISO(version.timeZone)
    .toPlainTime()
    .toString({ smallestUnit: 'second' });
  return due.kind === 'OPEN_TOO_LONG'
    ? `open for more than ${version.maxOpenSeconds ?? 0} s, since ${since}, ${version.timeZone}`
    : `open since ${since}, allowed from ${version.opensAt ?? ''} to ${version.closesAt ?? ''}, ${version.timeZone}`;
}
