import type { OpeningState } from '@seguridad-abc/contracts';
import {
  invalidValue,
  checkOwner,
  checkText,
  combineChecks,
  validValue,
  MAX_OPENING_LENGTH,
  parseInstant,
  type CheckResult,
  type SensorReading,
} from '@seguridad-abc/evaluation';
import { forbiddenAmong } from './access.js';
import type { Circumstances } from './circumstances.js';
import { badInput, type Refused } from './decision.js';

export const MAX_READINGS = 1_000;
export const MAX_READING_ID = 200;
/** How far ahead of the server's clock a reading may be. */
export const MAX_AHEAD_MS = 5 * 60 * 1_000; // 5 minutes

export interface RecordReadings {
  readonly userId?: string | null | undefined;
  readonly readings: readonly GivenReading[];
}

export interface GivenReading {
  readonly id: string;
  readonly opening: string;
  readonly state: OpeningState;
  readonly at: string;
}

/** Refused by itself; the others are not concerned. */
export interface RefusedReading {
  readonly id: string;
  /** Among the readings of the command, from 0. */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** Readings that may be recorded, and those that may not. */
export interface CheckedReadings {
  readonly kind: 'checked';
  readonly userId: string;
  /** By the name of their opening, in the order in which they were given. */
  readonly byOpening: ReadonlyMap<string, readonly SensorReading[]>;
  readonly refused: readonly RefusedReading[];
}

export function checkReadings(
  { userId, readings }: RecordReadings,
  { caller, now }: Circumstances,
): CheckedReadings | Refused {
  const owner = checkOwner(caller, userId);
  if ('faults' in owner) return forbiddenAmong(owner.faults) ?? badInput(owner.faults);
  if (readings.length === 0 || readings.length > MAX_READINGS) {
    const message = `readings must be 1 to ${MAX_READINGS}; there are ${readings.length}.`;
    return badInput([{ path: ['readings'], code: 'OUT_OF_RANGE', message }]);
  }
  const latest = Date.parse(now) + MAX_AHEAD_MS;
  const byOpening = new Map<string, SensorReading[]>();
  const refused: RefusedReading[] = [];
  readings.forEach((reading, index) => {
    const checked = checkReading(reading, latest);
    if ('faults' in checked) {
      const { code = 'INVALID' } = checked.faults[0] ?? {};
      const message = checked.faults.map((fault) => fault.message).join(' ');
      refused.push({ id: reading.id, index, code, message });
      return;
    }
    const { opening, id, state, at: instant } = checked.value;
    const ofOpening = byOpening.get(opening) ?? [];
    ofOpening.push({ id, state, at: instant });
    byOpening.set(opening, ofOpening);
  });
  return { kind: 'checked', userId: owner.value, byOpening, refused };
}

const checkReading = (given: GivenReading, latest: number) =>
  combineChecks<SensorReading & { readonly opening: string }>({
    id: checkReadingId(given.id),
    opening: checkText('opening', given.opening, MAX_OPENING_LENGTH),
    state: validValue(given.state),
    at: checkInstant(given.at, latest),
  });

/** Kept as it is: an id belongs to whoever made it. */
function checkReadingId(raw: string): CheckResult<string> {
  const checked = checkText('id', raw, MAX_READING_ID);
  return 'value' in checked ? validValue(raw) : checked;
}

function checkInstant(raw: string, latest: number): CheckResult<number> {
  const instant = parseInstant(raw);
  if (instant === undefined) {
    const message = 'at must be an RFC 3339 date-time with an offset, such as 2026-01-31T08:00:00-05:00.';
    return invalidValue(['at'], 'INVALID', message);
  }
  const ms = Date.parse(instant);
  return ms <= latest
    ? validValue(ms)
    : invalidValue(['at'], 'READING_IN_FUTURE', 'at must be at most 5 minutes ahead of the clock.');
}
