import { WEEKDAYS, type Weekday, type Window } from '@seguridad-abc/contracts';
import type { RuleVersion } from '../rule-version.js';

/** A rule version that watches nothing, from 1970 on, in UTC. */
const EMPTY_VERSION: RuleVersion = {
  from: 0,
  until: null,
  enabled: true,
  windows: null,
  calendar: null,
  timeZone: 'UTC',
  graceSeconds: 0,
  maxOpenSeconds: null,
  activeWindows: null,
  silentAfterSeconds: null,
  onTamper: false,
  onBatteryLow: false,
};

/** A rule version that watches nothing but what is given. */
export const createRuleVersion = (conditions: Partial<RuleVersion>): RuleVersion => ({
  ...EMPTY_VERSION,
  ...conditions,
});

/** @param times such as `08:00-18:00`, or `08:00-18:00/09:30` with `openBy` */
export function parseWindow(times: string, days: readonly Weekday[] = WEEKDAYS): Window {
  const [range = '', openBy = null] = times.split('/');
  const [opensAt = '', closesAt = ''] = range.split('-');
  return { days: [...days], opensAt, closesAt, openBy };
}
