import { describe, expect, it } from 'vitest';
import { findAlarmsOfInterval } from './due-alarms.js';
import { NO_EXCEPTIONS } from './periods.js';
import type { RuleVersion } from './rule-version.js';
import type { SignalInterval } from './signal-intervals.js';
import { createRuleVersion, parseWindow } from './testing/index.js';

const at = (time: string) => Date.parse(`2026-01-05T${time}Z`); // a Monday
const open = (start: string, end?: string): SignalInterval => ({
  startId: 'r1',
  startedAt: at(start),
  endedAt: end === undefined ? null : at(end),
});

/** Allowed from 08:00 to 18:00 every day, for ten minutes. */
const version: RuleVersion = createRuleVersion({
  from: at('00:00'),
  windows: [parseWindow('08:00-18:00')],
  maxOpenSeconds: 600,
});
const timer: RuleVersion = { ...version, windows: null };
const hours: RuleVersion = { ...version, maxOpenSeconds: null };

const describeDue = (versions: readonly RuleVersion[], interval: SignalInterval) =>
  findAlarmsOfInterval({ versions, exceptions: NO_EXCEPTIONS }, 'OPEN', interval, at('23:59')).alarms.map(
    ({ kind, at: due, versionIndex: index }) =>
      `${kind === 'OPEN_TOO_LONG' ? 'long' : 'outside'} ${new Date(due).toISOString().slice(11, 19)} by ${index}`,
  );

describe('findAlarmsOfInterval under one version finds', () => {
  it.each<[string, readonly RuleVersion[], SignalInterval, string[]]>([
    ['nothing without a version', [], open('20:00'), []],
    ['nothing within the limits', [version], open('09:00', '09:05'), []],
    ['the start of an interval outside hours', [hours], open('19:00', '19:01'), ['outside 19:00:00 by 0']],
    ['the end of the window', [hours], open('17:00', '19:00'), ['outside 18:00:00 by 0']],
    ['nothing if the interval ends with the window', [hours], open('17:00', '18:00'), []],
    ['the end of the timer', [timer], open('09:00', '09:11'), ['long 09:10:00 by 0']],
    ['nothing if the interval ends with the timer', [timer], open('09:00', '09:10'), []],
    ['both kinds', [version], open('17:55', '18:06'), ['outside 18:00:00 by 0', 'long 18:05:00 by 0']],
    [
      'the instants that an open interval will reach',
      [version],
      open('09:00'),
      ['outside 18:00:00 by 0', 'long 09:10:00 by 0'],
    ],
    ['nothing for an interval of no length', [version], open('19:00', '19:00'), []],
    ['nothing under a disabled version', [{ ...version, enabled: false }], open('19:00'), []],
  ])('%s', (_, versions, interval, expected) => {
    expect(describeDue(versions, interval)).toStrictEqual(expected);
  });
});

describe('findAlarmsOfInterval under several versions', () => {
  const since = (from: string, one: RuleVersion, until?: string): RuleVersion => ({
    ...one,
    from: at(from),
    until: until === undefined ? null : at(until),
  });
  const long = { ...timer, maxOpenSeconds: 7_200 };

  it.each<[string, readonly RuleVersion[], SignalInterval, string[]]>([
    [
      'ignores an interval that ends before the version starts',
      [since('12:00', timer)],
      open('09:00', '11:00'),
      [],
    ],
    [
      'ignores an interval that ends when the version starts',
      [since('12:00', timer)],
      open('09:00', '12:00'),
      [],
    ],
    [
      'finds the start of the version if the timer has run out by then',
      [since('12:00', timer)],
      open('09:00', '13:00'),
      ['long 12:00:00 by 0'],
    ],
    [
      'counts the timer from the start of the interval',
      [since('09:05', timer)],
      open('09:00', '10:00'),
      ['long 09:10:00 by 0'],
    ],
    [
      'applies hours from the start of the version',
      [since('19:30', hours)],
      open('19:00', '20:00'),
      ['outside 19:30:00 by 0'],
    ],
    ['finds nothing at the end of the version', [since('00:00', timer, '09:10')], open('09:00', '10:00'), []],
    [
      'finds an instant just before the end of the version',
      [since('00:00', timer, '09:11')],
      open('09:00', '10:00'),
      ['long 09:10:00 by 0'],
    ],
    [
      'applies the next version to the rest of the interval',
      [since('00:00', long, '09:30'), since('09:30', timer)],
      open('09:00', '10:00'),
      ['long 09:30:00 by 1'],
    ],
    [
      'finds only the earliest alarm of each kind',
      [since('00:00', version, '18:30'), since('18:30', version)],
      open('17:00', '19:00'),
      ['outside 18:00:00 by 0', 'long 17:10:00 by 0'],
    ],
    [
      'finds the kinds under different versions',
      [since('00:00', hours, '18:30'), since('18:30', timer)],
      open('17:00', '19:00'),
      ['outside 18:00:00 by 0', 'long 18:30:00 by 1'],
    ],
    [
      'ignores a disabled version and applies the next',
      [since('00:00', { ...timer, enabled: false }, '11:00'), since('11:00', timer)],
      open('09:00'),
      ['long 11:00:00 by 1'],
    ],
    [
      'ignores a version that was replaced before it started',
      [since('12:00', timer, '11:00'), since('12:00', hours)],
      open('09:00', '13:00'),
      [],
    ],
  ])('%s', (_, versions, interval, expected) => {
    expect(describeDue(versions, interval)).toStrictEqual(expected);
  });
});
