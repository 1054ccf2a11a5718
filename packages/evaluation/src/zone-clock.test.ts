import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import { getZoneClock } from './zone-clock.js';

const zone = fc.constantFrom(
  'Europe/Madrid',
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

it('answers as Temporal does, whatever it was asked before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(zone, instant), { maxLength: 20 }), (asked) => {
      for (const [timeZone, at] of asked) {
        const utc = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC').toPlainDateTime();
        expect(getZoneClock(timeZone).instantOf(at)).toBe(utc.toZonedDateTime(timeZone).epochMilliseconds);
        const local = Temporal.Instant.fromEpochMilliseconds(at)
          .toZonedDateTimeISO(timeZone)
          .toPlainDateTime();
        expect(getZoneClock(timeZone).wallClockOf(at)).toBe(local.toZonedDateTime('UTC').epochMilliseconds);
      }
    }),
  );
});

it('knows the very millisecond of a change', () => {
  const clock = getZoneClock('Europe/Madrid');
  const change = Date.parse('2026-03-29T01:00:00Z');
  expect(clock.wallClockOf(change - 1)).toBe(Date.parse('2026-03-29T01:59:59.999Z'));
  expect(clock.wallClockOf(change)).toBe(Date.parse('2026-03-29T03:00:00Z'));
});

it('takes what is skipped later by the gap, and the first of what is repeated', () => {
  const clock = getZoneClock('Europe/Madrid');
  expect(clock.instantOf(Date.parse('2026-03-29T02:30:00Z'))).toBe(Date.parse('2026-03-29T01:30:00Z'));
  expect(clock.instantOf(Date.parse('2026-10-25T02:30:00Z'))).toBe(Date.parse('2026-10-25T00:30:00Z'));
});
