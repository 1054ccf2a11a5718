import type { Signal } from '@seguridad-abc/contracts';
import { watchesOpenBy, type RuleVersion } from '@seguridad-abc/evaluation';
import type { EpisodeSubject } from '../domain/episode.js';

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

/** Whether rule versions can raise an alarm only while the opening is open. */
export const watchesOnlyOpen = (versions: readonly RuleVersion[]): boolean =>
  versions.every(
    (version) =>
      !watchesSilence(version) &&
      !watchesSignal(version, 'TAMPERED') &&
      !watchesSignal(version, 'BATTERY_LOW') &&
      !watchesOpenBy(version),
  );

/** Whether one of the versions of a rule watches what an episode is about. */
export function watchesSubject(ofRule: readonly RuleVersion[], subject: EpisodeSubject): boolean {
  switch (subject) {
    case 'SILENCE':
      return ofRule.some(watchesSilence);
    case 'LATE_OPENINGS':
      return ofRule.some(watchesOpenBy);
    default:
      return ofRule.some((version) => watchesSignal(version, subject));
  }
}
