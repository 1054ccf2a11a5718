import { WEEKDAYS } from '@seguridad-abc/contracts';
import { describe, expect, it } from 'vitest';
import { findDueAlarms } from './due-alarms.js';
import type { OpenInterval } from './open-intervals.js';
import type { RuleVersion } from './rule-version.js';

const at = (time: string) => Date.parse(`2026-01-05T${time}Z`); // a Monday
const open = (start: string, end?: string): OpenInterval => ({
  startId: 'r1',
  startedAt: at(start),
  endedAt: end === undefined ? null : at(end),
});

/** Allowed 08:00-18:00 every day, for ten minutes. */
const version: RuleVersion = {
  from: at('00:00'),
  until: null,
  enabled: true,
  opensAt: '08:00',
  closesAt: '18:00',
  days: WEEKDAYS,
  timeZone: 'UTC',
  maxOpenSeconds: 600,
};
const timer: RuleVersion = { ...version, opensAt: null, closesAt: null };
const hours: RuleVersion = { ...version, maxOpenSeconds: null };

const dues = (versions: readonly RuleVersion[], interval: OpenInterval) =>
  findDueAlarms(versions, interval).map(
    ({ kind, at: due, version: index }) =>
      `${kind === 'OPEN_TOO_LONG' ? 'long' : 'outside'} ${new Date(due).toISOString().slice(11, 19)} by ${index}`,
  );

describe('what is due', () => {
  it.each<[string, readonly RuleVersion[], OpenInterval, string[]]>([
    ['nothing without a version', [], open('20:00'), []],
    ['nothing within limits', [version], open('09:00', '09:05'), []],
    ['at the opening', [hours], open('19:00', '19:01'), ['outside 19:00:00 by 0']],
    ['when the window ends', [hours], open('17:00', '19:00'), ['outside 18:00:00 by 0']],
    ['not when it ends at that instant', [hours], open('17:00', '18:00'), []],
    ['after the time', [timer], open('09:00', '09:11'), ['long 09:10:00 by 0']],
    ['not when it ends at that instant either', [timer], open('09:00', '09:10'), []],
    ['both', [version], open('17:55', '18:06'), ['outside 18:00:00 by 0', 'long 18:05:00 by 0']],
    [
      'what an open one would reach',
      [version],
      open('09:00'),
      ['outside 18:00:00 by 0', 'long 09:10:00 by 0'],
    ],
    ['nothing for one of no length', [version], open('19:00', '19:00'), []],
    ['nothing where it is disabled', [{ ...version, enabled: false }], open('19:00'), []],
  ])('%s', (_, versions, interval, expected) => {
    expect(dues(versions, interval)).toStrictEqual(expected);
  });
});

describe('what is due by versions', () => {
  const since = (from: string, one: RuleVersion, until?: string): RuleVersion => ({
    ...one,
    from: at(from),
    until: until === undefined ? null : at(until),
  });
  const long = { ...timer, maxOpenSeconds: 7_200 };

  it.each<[string, readonly RuleVersion[], OpenInterval, string[]]>([
    [
      'what ended before one begins is not held against it',
      [since('12:00', timer)],
      open('09:00', '11:00'),
      [],
    ],
    ['nor what ends as it begins', [since('12:00', timer)], open('09:00', '12:00'), []],
    [
      'what is still open when it begins is',
      [since('12:00', timer)],
      open('09:00', '13:00'),
      ['long 12:00:00 by 0'],
    ],
    [
      'elapsed time counts from the opening',
      [since('09:05', timer)],
      open('09:00', '10:00'),
      ['long 09:10:00 by 0'],
    ],
    ['hours from its beginning', [since('19:30', hours)], open('19:00', '20:00'), ['outside 19:30:00 by 0']],
    ['nothing from its end on', [since('00:00', timer, '09:10')], open('09:00', '10:00'), []],
    ['up to its end', [since('00:00', timer, '09:11')], open('09:00', '10:00'), ['long 09:10:00 by 0']],
    [
      'the next one judges what is left',
      [since('00:00', long, '09:30'), since('09:30', timer)],
      open('09:00', '10:00'),
      ['long 09:30:00 by 1'],
    ],
    [
      'of each kind the earliest only',
      [since('00:00', version, '18:30'), since('18:30', version)],
      open('17:00', '19:00'),
      ['outside 18:00:00 by 0', 'long 17:10:00 by 0'],
    ],
    [
      'each kind by a version of its own',
      [since('00:00', hours, '18:30'), since('18:30', timer)],
      open('17:00', '19:00'),
      ['outside 18:00:00 by 0', 'long 18:30:00 by 1'],
    ],
    [
      'not while disabled, and again afterwards',
      [since('00:00', { ...timer, enabled: false }, '11:00'), since('11:00', timer)],
      open('09:00'),
      ['long 11:00:00 by 1'],
    ],
    [
      'one that was replaced before it began',
      [since('12:00', timer, '11:00'), since('12:00', hours)],
      open('09:00', '13:00'),
      [],
    ],
  ])('%s', (_, versions, interval, expected) => {
    expect(dues(versions, interval)).toStrictEqual(expected);
  });
});
