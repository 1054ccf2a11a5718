import { WEEKDAYS, type Weekday } from '@seguridad-abc/contracts';
import { findFirstForbiddenInstant } from '@seguridad-abc/evaluation';
import { describe, expect, it } from 'vitest';
import { wallClockOf } from '../reference/clock.js';
import { forbidden } from '../reference/hours.js';

/** Windows around the changes of clocks, 2010 to 2040, by the core and by the plain implementation. */

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const FROM = Date.UTC(2010, 0, 1);
const UNTIL = Date.UTC(2041, 0, 1);
/** Long enough for every rule that ever forbids anything. */
const HORIZON = 9 * DAY;

/** With ZONES=all every change of every zone (some minutes); else a sample of the odder ones. */
const all = process.env['ZONES'] === 'all';
const ZONES = all
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
const inSample = (index: number) => all || index % 12 === 3;

/** The first instants after each change, to the second. No two changes are less than a day apart. */
function changesOf(zone: string): number[] {
  const offsetAt = (at: number) => wallClockOf(zone, at) - at;
  const changes: number[] = [];
  for (let at = FROM; at < UNTIL; at += DAY / 2) {
    let [before, after] = [at, at + DAY / 2];
    if (offsetAt(before) === offsetAt(after)) continue;
    while (after - before > SECOND) {
      const middle = before + Math.floor((after - before) / 2 / SECOND) * SECOND;
      if (offsetAt(middle) === offsetAt(at)) before = middle;
      else after = middle;
    }
    changes.push(after);
  }
  return changes;
}

/** Times of day before, at the edges of, within and after what is skipped or repeated. */
function timesAround(zone: string, change: number): string[] {
  const edges = [change + wallClockOf(zone, change - SECOND) - (change - SECOND), wallClockOf(zone, change)];
  const [early, late] = [Math.min(...edges), Math.max(...edges)];
  const middle = early + Math.floor((late - early) / 2 / SECOND) * SECOND;
  const times = [early - 2 * HOUR, early - SECOND, early, middle, late, late + SECOND, late + 2 * HOUR];
  return [...new Set(times.map((time) => new Date(time).toISOString().slice(11, 19)))];
}

/** Every day, and each of those around the change alone. */
function daysAround(zone: string, change: number): readonly Weekday[][] {
  const today = Math.floor(wallClockOf(zone, change) / DAY);
  const alone = [-1, 0, 1].map((offset) => WEEKDAYS[(today + offset + 3) % 7] ?? 'MONDAY');
  return [[...WEEKDAYS], ...alone.map((day) => [day])];
}

function compareAround(timeZone: string, change: number): void {
  const times = timesAround(timeZone, change);
  const probes = [-26 * HOUR, -2 * HOUR, -1, 0, 1, HOUR / 4, HOUR, 3 * HOUR, 26 * HOUR];
  for (const days of daysAround(timeZone, change)) {
    for (const opensAt of times) {
      for (const closesAt of times) {
        const hours = { opensAt, closesAt, days, timeZone };
        for (const probe of probes) {
          const from = change + probe;
          const found = findFirstForbiddenInstant(hours, from);
          const expected = forbidden(hours, from, from + HORIZON);
          if (found !== expected)
            expect({ ...hours, from, found }).toStrictEqual({ ...hours, from, found: expected });
        }
      }
    }
  }
}

describe('around the changes of clocks', () => {
  it.each(ZONES)(
    '%s',
    (zone) => {
      for (const change of changesOf(zone).filter((_, index) => inSample(index))) compareAround(zone, change);
    },
    120_000,
  );
});
