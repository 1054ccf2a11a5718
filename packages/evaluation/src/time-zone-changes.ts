import { Temporal } from 'temporal-polyfill';

/** A change of clocks that older time zone data lacks. */
export interface TimeZoneChange {
  /** The zone with all of its names. */
  readonly timeZones: readonly string[];
  /** The release of the IANA time zone database (https://www.iana.org/time-zones) that has the change. */
  readonly release: string;
  /** What changes, to be read after the name of the zone. */
  readonly description: string;
  /** An instant at which only data with the change has `offset`. */
  readonly at: string;
  readonly offset: string;
}

/** The changes of 2026 to times from this year on, in the order of their releases. Node.js 20 has the data of 2025c. */
const TIME_ZONE_CHANGES: readonly TimeZoneChange[] = [
  {
    timeZones: ['Europe/Chisinau', 'Europe/Tiraspol'],
    release: '2026a',
    description: 'changes its clocks at the same instant as the European Union',
    at: '2026-03-29T00:30:00Z',
    offset: '+02:00',
  },
  {
    timeZones: ['America/Vancouver', 'Canada/Pacific'],
    release: '2026b',
    description: 'stays at UTC-07:00 from 2026-11-01 on',
    at: '2026-12-01T00:00:00Z',
    offset: '-07:00',
  },
  {
    timeZones: ['America/Edmonton', 'America/Yellowknife', 'Canada/Mountain'],
    release: '2026c',
    description: 'stays at UTC-06:00 from 2026-11-01 on',
    at: '2026-12-01T00:00:00Z',
    offset: '-06:00',
  },
  {
    timeZones: ['Africa/Casablanca', 'Africa/El_Aaiun'],
    release: '2026c',
    description: 'stays at UTC+00:00 from 2026-09-20 on',
    at: '2026-10-01T00:00:00Z',
    offset: '+00:00',
  },
  {
    timeZones: ['America/Inuvik'],
    release: '2026d',
    description: 'stays at UTC-06:00 from 2026-11-01 on',
    at: '2026-12-01T00:00:00Z',
    offset: '-06:00',
  },
  {
    timeZones: ['America/Winnipeg', 'Canada/Central'],
    release: '2026e',
    description: 'stays at UTC-05:00 from 2026-11-01 on',
    at: '2026-12-01T00:00:00Z',
    offset: '-05:00',
  },
];

/**
 * Says that the time zone data in use lacks a change of a zone, and what to do. It looks at the data itself, so it returns nothing
 * as soon as the data has the change.
 * @param timeZone IANA name, in any letter case
 */
export function findOutdatedZoneNotice(timeZone: string): string | undefined {
  const name = timeZone.toLowerCase();
  const change = TIME_ZONE_CHANGES.find(({ timeZones }) =>
    timeZones.some((each) => each.toLowerCase() === name),
  );
  if (!change) return undefined;
  const { release, description, at, offset } = change;
  if (Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).offset === offset) return undefined;
  return (
    `${timeZone} ${description}, but the time zone data in use is older than ${release} and lacks this change: ` +
    'times of the day are read with the former offset. Install a newer version of Node.js.'
  );
}

/**
 * Lists the changes that time zone data lacks.
 * @param version of the data, such as `2025c`; of an unknown version nothing is listed
 */
export const listMissingTimeZoneChanges = (version: string): readonly TimeZoneChange[] =>
  /^\d{4}[a-z]$/.test(version) ? TIME_ZONE_CHANGES.filter(({ release }) => version < release) : [];
