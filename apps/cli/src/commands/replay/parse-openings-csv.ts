import { createHash } from 'node:crypto';
import type { OpeningState } from '@seguridad-abc/contracts';
import { findCellCountFault } from '../../csv/csv-columns.js';
import { parseCsv } from '../../csv/csv-file.js';
import { toInstant } from '../../csv/instants.js';
import type { ReadingInput } from '../../graphql/generated.js';
import { UsageError } from '../../shared/errors.js';

/** A reading, and the time at which it is sent. */
export interface ScheduledReading extends ReadingInput {
  /**
   * The time at which both readings of a row are known. They are sent together: an opening without its closing would count as
   * open until now.
   */
  readonly dueAt: string;
}

const COLUMNS = { required: ['opening', 'opened_at', 'closed_at'], optional: ['place'] } as const;
/** Number of faults that a message lists. */
const MAX_LISTED_FAULTS = 20;

/**
 * Parses a CSV file with one opening and closing per row. The ids of the readings are hashes of their content, so a file that
 * is sent again only produces duplicates.
 * @param timeZone IANA name, for times without an offset
 * @returns the readings, ordered by `dueAt`
 * @throws UsageError which lists the rows that cannot be read
 */
export function parseOpeningsCsv(bytes: Uint8Array, timeZone: string): readonly ScheduledReading[] {
  const { columns, records } = parseCsv(bytes, COLUMNS);
  const faults: string[] = [];
  const readings = records.flatMap((record): ScheduledReading[] => {
    const { line, cells } = record;
    const cellCountFault = findCellCountFault(record, columns);
    if (cellCountFault !== undefined) {
      faults.push(`line ${line}: ${cellCountFault}`);
      return [];
    }
    const getCell = (name: (typeof COLUMNS.required)[number]) => (cells[columns.indexOf(name)] ?? '').trim();
    const opening = getCell('opening');
    if (opening === '') faults.push(`line ${line}, opening: the value must not be empty.`);
    const parseTime = (name: 'opened_at' | 'closed_at') => {
      const instant = toInstant(getCell(name), timeZone);
      if (instant === undefined) {
        faults.push(
          `line ${line}, ${name}: the value must be a time like 2026-01-31 08:00 (it is "${getCell(name)}"): ` +
            'in Excel, format the column as yyyy-mm-dd hh:mm.',
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

const createReading = (opening: string, state: OpeningState, at: string): ReadingInput => ({
  id: createHash('sha256').update(`${opening}\n${state}\n${at}`).digest('base64url'),
  opening,
  state,
  at,
});
