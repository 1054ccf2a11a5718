import type { Signal } from '@seguridad-abc/contracts';
import type { RuleVersion } from '@seguridad-abc/evaluation';

/** Whether a rule version can raise an alarm about a signal. */
export function watchesSignal(version: RuleVersion, signal: Signal): boolean {
  switch (signal) {
    case 'OPEN':
      return version.windows !== null || version.maxOpenSeconds !== null;
    case 'TAMPERED':
      return version.onTamper;
    case 'BATTERY_LOW':
      return version.onBatteryLow;
  }
}

/** Whether a rule version can raise an alarm about a silence. */
export const watchesSilence = ({ silentAfterSeconds }: RuleVersion): boolean => silentAfterSeconds !== null;

/** Whether a rule version can raise an alarm because the opening was not opened in time. */
export const watchesOpenBy = ({ windows, calendar }: RuleVersion): boolean =>
  windows !== null && (windows.some(({ openBy }) => openBy !== null) || hasOpenBy(calendar));

/** Whether rule versions can raise an alarm only while the opening is open. */
export const watchesOnlyOpen = (versions: readonly RuleVersion[]): boolean =>
  versions.every(
    (version) =>
      !watchesSilence(version) &&
      !watchesSignal(version, 'TAMPERED') &&
      !watchesSignal(version, 'BATTERY_LOW') &&
      !watchesOpenBy(version),
  );

/** A calendar has up to 2,000 dates, and many rules name the same one. */
const openByOfCalendars = new WeakMap<object, boolean>();

function hasOpenBy(calendar: RuleVersion['calendar']): boolean {
  if (calendar === null) return false;
  let known = openByOfCalendars.get(calendar);
  if (known === undefined) {
    known = [...calendar.values()].some((date) => date.windows.some(({ openBy }) => openBy !== null));
    openByOfCalendars.set(calendar, known);
  }
  return known;
}
