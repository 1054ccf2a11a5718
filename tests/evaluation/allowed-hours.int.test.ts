import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';
import { createAllowedPeriods, findFirstForbidden } from '@seguridad-abc/evaluation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findForbiddenInstant, toWallClock, toWindows } from '../reference/reference-evaluation.js';

// Compares packages/evaluation with the reference implementation: at random instants, and around clock changes.

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
const FIRST_YEAR_START = Date.UTC(2010, 0, 1);
const LAST_YEAR_END = Date.UTC(2041, 0, 1);
/** Every rule that forbids any instant forbids one within this time. */
const HORIZON_MS = 9 * DAY_MS;

/** ZONES=all checks every clock change of every zone, which takes minutes. The default is a sample of unusual zones. */
const checksAllZones = process.env['ZONES'] === 'all';
const ZONES = checksAllZones
  ? Intl.supportedValuesOf('timeZone')
  : [
      'Africa/Cairo',
      'Africa/El_Aaiun',
      'America/Havana',
      'America/Nuuk',
      'America/Santiago',
      'America/St_Johns',
      'Antarctica/Casey',
      'Antarctica/Troll',
      'Asia/Gaza',
      'Asia/Pyongyang',
      'Australia/Lord_Howe',
      'Europe/Dublin',
      'Europe/Madrid',
      'Pacific/Apia',
    ];
const isInSample = (index: number) => checksAllZones || index % 12 === 3;

/** The first second after each clock change of a zone. Clock changes are at least a day apart. */
function findClockChanges(zone: string): number[] {
  const getOffset = (at: number) => toWallClock(zone, at) - at;
  const changes: number[] = [];
  let offset = getOffset(FIRST_YEAR_START);
  for (let at = FIRST_YEAR_START; at < LAST_YEAR_END; at += DAY_MS / 2) {
    let [before, after] = [at, at + DAY_MS / 2];
    const offsetBefore = offset;
    offset = getOffset(after);
    if (offset === offsetBefore) continue;
    while (after - before > SECOND_MS) {
      const middle = before + Math.floor((after - before) / 2 / SECOND_MS) * SECOND_MS;
      if (getOffset(middle) === offsetBefore) before = middle;
      else after = middle;
    }
    changes.push(after);
  }
  return changes;
}

/** Times of day before, at, within and after the skipped or repeated time. */
function listTimes(zone: string, change: number): string[] {
  const edges = [
    change + toWallClock(zone, change - SECOND_MS) - (change - SECOND_MS),
    toWallClock(zone, change),
  ];
  const [early, late] = [Math.min(...edges), Math.max(...edges)];
  const middle = early + Math.floor((late - early) / 2 / SECOND_MS) * SECOND_MS;
  const times = [
    early - 2 * HOUR_MS,
    early - SECOND_MS,
    early,
    middle,
    late,
    late + SECOND_MS,
    late + 2 * HOUR_MS,
  ];
  return [...new Set(times.map((time) => new Date(time).toISOString().slice(11, 19)))];
}

/** All days, and each single day around the clock change. */
function listDays(zone: string, change: number): Weekday[][] {
  const today = Math.floor(toWallClock(zone, change) / DAY_MS);
  const singleDays = [-1, 0, 1].map((offset) => WEEKDAYS[(today + offset + 3) % 7] ?? 'MONDAY');
  return [[...WEEKDAYS], ...singleDays.map((day) => [day])];
}

interface ShortHours {
  readonly opensAt: string;
  readonly closesAt: string;
  readonly days: Weekday[];
  readonly timeZone: string;
}

const findReference = (hours: ShortHours, from: number) =>
  findForbiddenInstant(
    { timeZone: hours.timeZone, windows: toWindows(hours), calendar: null },
    from,
    from + HORIZON_MS,
  );

/** @returns undefined if every instant is allowed */
function findForbidden({ timeZone, ...window }: ShortHours, from: number): number | undefined {
  const hours = { timeZone, windows: [{ ...window, openBy: null }], calendar: null };
  const allowed = createAllowedPeriods(hours, []);
  return allowed && findFirstForbidden(allowed, from, from + HORIZON_MS);
}

function compareAroundChange(timeZone: string, change: number): void {
  const times = listTimes(timeZone, change);
  const probes = [-26 * HOUR_MS, -2 * HOUR_MS, -1, 0, 1, HOUR_MS / 4, HOUR_MS, 3 * HOUR_MS, 26 * HOUR_MS];
  for (const days of listDays(timeZone, change)) {
    for (const opensAt of times) {
      for (const closesAt of times) {
        const hours = { opensAt, closesAt, days, timeZone };
        for (const probe of probes) {
          const from = change + probe;
          const found = findForbidden(hours, from);
          const expected = findReference(hours, from);
          if (found !== expected)
            expect({ ...hours, from, found }).toStrictEqual({ ...hours, from, found: expected });
        }
      }
    }
  }
}

describe('findFirstForbidden equals the reference around clock changes', () => {
  it.each(ZONES)(
    '%s',
    (zone) => {
      for (const change of findClockChanges(zone).filter((_, index) => isInSample(index)))
        compareAroundChange(zone, change);
    },
    120_000,
  );
});

const timeOfDay = fc
  .tuple(
    fc.integer({ min: 0, max: 23 }),
    fc.constantFrom('00', '15', '30', '59'),
    fc.constantFrom('', ':01', ':59'),
  )
  .map(([hour, minutes, seconds]) => `${String(hour).padStart(2, '0')}:${minutes}${seconds}`);

it('findFirstForbidden equals the reference in any zone, from 1880 to 2050', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      fc.integer({ min: Date.UTC(1880, 0, 1), max: Date.UTC(2050, 0, 1) }),
      timeOfDay,
      fc.option(timeOfDay, { nil: undefined, freq: 4 }),
      fc.subarray([...WEEKDAYS]),
      (timeZone, from, opensAt, closesAt, days) => {
        const hours = { opensAt, closesAt: closesAt ?? opensAt, days, timeZone };
        expect(findForbidden(hours, from)).toBe(findReference(hours, from));
      },
    ),
  );
});
