import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import { parseCsv } from '../../csv/csv-file.mjs';
import { UsageError } from '../../shared/errors.mjs';

/**
 * @typedef {{ id: string, opening: string, state: 'OPEN' | 'CLOSED', at: string }} ReadingInput a reading of
 *   `recordReadings`
 *
 * @typedef {ReadingInput & { dueAt: string }} ScheduledReading `dueAt`: the time at which both readings of a row are
 *   known. They are sent together: an opening without its closing would count as open until now
 */

const REQUIRED_COLUMNS = ['opening', 'opened_at', 'closed_at'];
const ALL_COLUMNS = [...REQUIRED_COLUMNS, 'place'];
/** Number of faults that a message lists. */
const MAX_LISTED_FAULTS = 20;

/**
 * Parses a CSV file with one opening and closing per row. The ids of the readings are hashes of their content, so a file
 * that is sent again only produces duplicates.
 *
 * @param {Uint8Array} bytes
 * @param {string} timeZone IANA name, for times without an offset
 * @returns {ScheduledReading[]} ordered by `dueAt`
 * @throws {UsageError} which lists the rows that cannot be read
 */
export function parseOpeningsCsv(bytes, timeZone) {
  const { header, records } = parseCsv(bytes);
  const names = header.cells.map((cell) => cell.trim());
  checkHeader(names);
  /** @type {string[]} */
  const faults = [];
  const readings = records.flatMap(({ line, cells }) => {
    const getCell = (/** @type {string} */ name) => (cells[names.indexOf(name)] ?? '').trim();
    const opening = getCell('opening');
    if (opening === '') faults.push(`line ${line}, opening: the value must not be empty.`);
    const parseTime = (/** @type {string} */ name) => {
      const instant = toInstant(getCell(name), timeZone);
      if (instant === undefined) {
        faults.push(
          `line ${line}, ${name}: the value must be a time like 2026-01-31T08:00:00 (it is "${getCell(name)}").`,
        );
      }
      return instant;
    };
    const openedAt = parseTime('opened_at');
    const closedAt = getCell('closed_at') === '' ? undefined : parseTime('closed_at');
    if (openedAt !== undefined && closedAt !== undefined && closedAt < openedAt) {
      faults.push(`line ${line}, closed_at: the value must not be before opened_at.`);
    }
    const dueAt = closedAt ?? openedAt ?? '';
    return [
      ...(openedAt === undefined ? [] : [{ ...createReading(opening, 'OPEN', openedAt), dueAt }]),
      ...(closedAt === undefined ? [] : [{ ...createReading(opening, 'CLOSED', closedAt), dueAt }]),
    ];
  });
  if (faults.length > 0) {
    const more = faults.length > MAX_LISTED_FAULTS ? [`and ${faults.length - MAX_LISTED_FAULTS} more.`] : [];
    throw new UsageError([...faults.slice(0, MAX_LISTED_FAULTS), ...more].join('\n'));
  }
  return readings.sort((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0));
}

/** @param {readonly string[]} names */
function checkHeader(names) {
  const missing = REQUIRED_COLUMNS.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !ALL_COLUMNS.includes(name));
  const problems = [
    ...(missing.length > 0 ? [`missing columns: ${missing.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`unknown columns: ${unknown.map((name) => `"${name}"`).join(', ')}`] : []),
  ];
  if (problems.length === 0) return;
  throw new UsageError(
    `The first line has ${problems.join('; ')}. It must have ${REQUIRED_COLUMNS.join(',')} and may have place.`,
  );
}

/** @param {string} opening @param {ReadingInput['state']} state @param {string} at @returns {ReadingInput} */
const createReading = (opening, state, at) => ({
  id: createHash('sha256').update(`${opening}\n${state}\n${at}`).digest('base64url'),
  opening,
  state,
  at,
});

const OFFSET_PATTERN = /(?:Z|[+-]\d{2}:\d{2})$/i;

/**
 * Converts a time to an instant. A time without an offset is wall-clock time. One that a clock change skips or repeats
 * is resolved as by Temporal's [`compatible`](https://tc39.es/proposal-temporal/docs/timezone.html).
 *
 * @param {string} text such as `2026-01-31T08:00:00` or `2026-01-31T08:00:00-05:00`
 * @param {string} timeZone IANA name, for a time without an offset
 * @returns {string | undefined} in UTC with milliseconds; undefined if the text is no time
 */
export function toInstant(text, timeZone) {
  const time = text.trim().replace(' ', 'T');
  try {
    const { epochMilliseconds } = OFFSET_PATTERN.test(time)
      ? Temporal.Instant.from(time)
      : Temporal.PlainDateTime.from(time).toZonedDateTime(timeZone);
    return new Date(epochMilliseconds).toISOString();
  } catch {
    return undefined;
  }
}

/** Whether this is the IANA name of a time zone. @param {string} name */
export function isTimeZoneName(name) {
  try {
    Temporal.PlainDateTime.from('2026-01-01').toZonedDateTime(name);
    return true;
  } catch {
    return false;
  }
}
