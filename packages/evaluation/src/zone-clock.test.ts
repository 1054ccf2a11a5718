import type { Weekday } from '@seguridad-abc/contracts';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import { DAY_MS, getWeekday, getZoneClock } from './zone-clock.js';

const zone = fc.constantFrom(
  'Europe/Madrid',
  'America/Boa_Vista',
  'America/Bogota',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/El_Aaiun',
  'Antarctica/Troll',
  'America/Nuuk',
  'America/Juneau',
  'Asia/Kolkata',
  'UTC',
);
const instant = fc
  .oneof(
    { weight: 4, arbitrary: fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01') }) },
    fc.date({ min: new Date('1840-01-01'), max: new Date('9999-01-01') }),
  )
  .filter((date) => !Number.isNaN(date.getTime()))
  .map((date) => date.getTime());

it('a zone clock converts as Temporal does, independent of earlier conversions', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(zone, instant), { maxLength: 20 }), (conversions) => {
      for (const [timeZone, at] of conversions) {
        const utc = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC').toPlainDateTime();
        expect(getZoneClock(timeZone).toInstant(at)).toBe(utc.toZonedDateTime(timeZone).epochMilliseconds);
        const local = Temporal.Instant.fromEpochMilliseconds(at)
          .toZonedDateTimeISO(timeZone)
          .toPlainDateTime();
        expect(getZoneClock(timeZone).toWallClock(at)).toBe(local.toZonedDateTime('UTC').epochMilliseconds);
      }
    }),
  );
});

it('a zone clock applies a clock change at its exact millisecond', () => {
  const clock = getZoneClock('Europe/Madrid');
  const change = Date.parse('2026-03-29T01:00:00Z');
  expect(clock.toWallClock(change - 1)).toBe(Date.parse('2026-03-29T01:59:59.999Z'));
  expect(clock.toWallClock(change)).toBe(Date.parse('2026-03-29T03:00:00Z'));
});

it('a zone clock moves skipped times by the gap, and resolves repeated times to the first occurrence', () => {
  const clock = getZoneClock('Europe/Madrid');
  expect(clock.toInstant(Date.parse('2026-03-29T02:30:00Z'))).toBe(Date.parse('2026-03-29T01:30:00Z'));
  expect(clock.toInstant(Date.parse('2026-10-25T02:30:00Z'))).toBe(Date.parse('2026-10-25T00:30:00Z'));
});

it('a zone clock resolves times between two clock changes of one week', () => {
  const clock = getZoneClock('America/Boa_Vista');
  // 2000-10-08 00:00 became 01:00, and 2000-10-15 00:00 became 23:00.
  expect(clock.toInstant(Date.parse('2000-10-08T00:30:00Z'))).toBe(Date.parse('2000-10-08T04:30:00Z'));
  expect(clock.toInstant(Date.parse('2000-10-10T12:00:00Z'))).toBe(Date.parse('2000-10-10T15:00:00Z'));
  expect(clock.toInstant(Date.parse('2000-10-14T23:30:00Z'))).toBe(Date.parse('2000-10-15T02:30:00Z'));
  expect(clock.toInstant(Date.parse('2000-10-15T00:00:00Z'))).toBe(Date.parse('2000-10-15T04:00:00Z'));
});

it('a zone clock knows whether its offset is steady for four days', () => {
  const clock = getZoneClock('Europe/Madrid');
  const change = Date.parse('2026-03-29T01:00:00Z');
  const distances = [-4 * DAY_MS - 1, -4 * DAY_MS, 0, 4 * DAY_MS, 4 * DAY_MS + 1];
  const offsets = distances.map((distance) => clock.findSteadyOffset(change + distance));
  expect(offsets).toStrictEqual([3_600_000, undefined, undefined, undefined, 7_200_000]);
});

it('a zone clock west of Greenwich converts times just after a clock change', () => {
  const clock = getZoneClock('America/New_York');
  expect(clock.toInstant(Date.parse('2026-03-08T03:30:00Z'))).toBe(Date.parse('2026-03-08T07:30:00Z'));
  expect(clock.toInstant(Date.parse('2026-11-01T02:30:00Z'))).toBe(Date.parse('2026-11-01T07:30:00Z'));
});

it.each<[string, Weekday]>([
  ['1970-01-01', 'THURSDAY'],
  ['1969-12-28', 'SUNDAY'],
  ['1901-01-01', 'TUESDAY'],
  ['2026-01-05', 'MONDAY'],
])('getWeekday: %s is a %s', (date, expected) => {
  expect(getWeekday(Date.parse(date) / DAY_MS)).toBe(expected);
});
