import { listMissingTimeZoneChanges } from '@seguridad-abc/evaluation';

/** Describes the time zone data in use: what it lacks, and how to renew it. @param version such as `2025c` */
export function describeTimeZoneData(version: string): string {
  const missing = listMissingTimeZoneChanges(version).flatMap(({ timeZones }) => timeZones);
  const renewal =
    missing.length === 0
      ? ''
      : `. It lacks changes of ${missing.join(', ')}: install a newer Node.js, see "Time zone data" in docs/operations.md`;
  return `Time zone data: ${version}${renewal}.`;
}
