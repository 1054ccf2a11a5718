import { describe, expect, it } from 'vitest';
import { findOutdatedZoneNotice, listMissingTimeZoneChanges } from './time-zone-changes.js';

const ALL_CHANGES = listMissingTimeZoneChanges('2025c');
/** The data of this process: 2025c with Node.js 20.20. */
const version = process.versions['tz'] ?? '';

describe('findOutdatedZoneNotice', () => {
  it.each(ALL_CHANGES.flatMap((change) => change.timeZones.map((zone) => [zone, change] as const)))(
    'names the change of %s exactly if the data of this Node.js is older',
    (zone, { release, description }) => {
      for (const name of [zone, zone.toLowerCase()]) {
        expect(findOutdatedZoneNotice(name)).toEqual(
          version < release
            ? `${name} ${description}, but the time zone data in use is older than ${release} and lacks this change: ` +
                'times of the day are read with the former offset. Install a newer version of Node.js.'
            : undefined,
        );
      }
    },
  );

  it.each(['UTC', 'America/Bogota', 'Europe/Madrid', 'America/Los_Angeles', 'no zone'])(
    'has no notice for %s',
    (zone) => {
      expect(findOutdatedZoneNotice(zone)).toBeUndefined();
    },
  );
});

describe('listMissingTimeZoneChanges', () => {
  it.each([
    ['2025c', ['2026a', '2026b', '2026c', '2026c', '2026d', '2026e']],
    ['2026a', ['2026b', '2026c', '2026c', '2026d', '2026e']],
    ['2026c', ['2026d', '2026e']],
    ['2026e', []],
    ['2027a', []],
    ['unknown', []],
    ['', []],
  ])('lists the releases after %s', (data, releases) => {
    expect(listMissingTimeZoneChanges(data).map(({ release }) => release)).toEqual(releases);
  });
});
