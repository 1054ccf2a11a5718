import { createHash } from 'node:crypto';
import type { OpeningState } from '@seguridad-abc/contracts';
import { findCellCountFault } from '../../csv/csv-columns.js';
import { parseCsv, type CsvRecord } from '../../csv/csv-file.js';
import { parseTimestamp } from '../../csv/timestamps.js';
import type { ReadingInput } from '../../graphql/generated.js';
import { UsageError } from '../../shared/errors.js';
import {
  readReadingColumns,
  type ChangeColumnNames,
  type ChangeColumns,
  type IntervalColumnName,
  type IntervalColumns,
} from './reading-columns.js';
import { createStateValues, type GivenStateValues } from './state-values.js';

/** A reading of the state of an opening. */
interface StateReading extends ReadingInput {
  readonly state: OpeningState;
}

/** A reading, and the time at which it is sent. */
export interface ScheduledReading extends StateReading {
  /**
   * The time at which the opening and its closing are known. They are sent together: an opening without its closing would count
   * as open until now.
   */
  readonly dueAt: string;
}

export interface ReadingFileOptions {
  /** IANA name, for times without an offset. */
  readonly timeZone: string;
  /** Names of columns, for a file with a change in each row. */
  readonly columns?: ChangeColumnNames;
  /** Values of its column of states. */
  readonly states?: GivenStateValues;
}

export interface ReadingFile {
  /** Ordered by `dueAt`. The opening readings and the closing of an interval follow each other. */
  readonly readings: readonly ScheduledReading[];
  /** Lines for the user: how ambiguous times were read, and which rows are no readings. */
  readonly notes: readonly string[];
}

/** Number of faults, or of notes, that a message lists. */
const MAX_LISTED_LINES = 20;

/**
 * Parses a CSV file with an opening and its closing in each row, or with a change in each row: the first line says which. The ids
 * of the readings are hashes of their content, so a file that is sent again only produces duplicates.
 * @throws UsageError which lists the rows that cannot be read
 */
export function parseReadingsCsv(
  bytes: Uint8Array,
  { timeZone, columns: columnNames = {}, states = {} }: ReadingFileOptions,
): ReadingFile {
  const { columns, records } = parseCsv(bytes, (cells) => readReadingColumns(cells, columnNames));
  const faults: RowMessage[] = [];
  const notes: RowMessage[] = [];
  const completeRecords = records.filter((record) => {
    const fault = findCellCountFault(record, columns.names);
    if (fault !== undefined) faults.push({ line: record.line, text: fault });
    return fault === undefined;
  });
  const context: RowContext = {
    timeZone,
    addFault: (line, column, text) => faults.push({ line, column, text }),
    addNote: (line, column, text) => notes.push({ line, column, text }),
  };
  const intervals =
    columns.kind === 'intervals'
      ? readIntervals(completeRecords, columns, context)
      : readChanges(completeRecords, columns, states, context);
  if (faults.length > 0) throw new UsageError(formatRowMessages(faults).join('\n'));
  const readings = intervals.readings.toSorted(([a], [b]) => compareTexts(a?.dueAt ?? '', b?.dueAt ?? ''));
  return {
    readings: readings.flat(),
    notes: [...formatRowMessages(notes), ...intervals.summary],
  };
}

interface RowMessage {
  readonly line: number;
  /** Absent if the message is about the whole row. */
  readonly column?: string;
  readonly text: string;
}

/** What the rows of both kinds need. */
interface RowContext {
  readonly timeZone: string;
  readonly addFault: (line: number, column: string, text: string) => void;
  readonly addNote: (line: number, column: string, text: string) => void;
}

interface ReadIntervals {
  /** The readings of each interval, or one reading that belongs to none. */
  readonly readings: readonly (readonly ScheduledReading[])[];
  /** Lines for the user about all rows. */
  readonly summary: readonly string[];
}

/** The instant of a timestamp. `secondAt` is the second one of a time that clocks show twice. */
interface RowInstant {
  readonly at: string;
  readonly secondAt?: string;
}

function readIntervals(
  records: readonly CsvRecord[],
  { names }: IntervalColumns,
  context: RowContext,
): ReadIntervals {
  const readings = records.map(({ line, cells }): readonly ScheduledReading[] => {
    const getCell = (name: IntervalColumnName) => (cells[names.indexOf(name)] ?? '').trim();
    const opening = readOpeningName(line, 'opening', getCell('opening'), context);
    const openedAt = readInstant(line, 'opened_at', getCell('opened_at'), context);
    const closedAtCell = getCell('closed_at');
    if (closedAtCell === '') {
      if (!openedAt) return [];
      return [{ ...createReading(opening, 'OPEN', openedAt.at), dueAt: openedAt.at }];
    }
    const closedAt = readInstant(line, 'closed_at', closedAtCell, context);
    if (!openedAt || !closedAt) return [];
    const dueAt = resolveClosing(line, closedAtCell, openedAt, closedAt, context);
    return [
      { ...createReading(opening, 'OPEN', openedAt.at), dueAt },
      { ...createReading(opening, 'CLOSED', dueAt), dueAt },
    ];
  });
  return { readings, summary: [] };
}

/** Selects the instant of a closing that is not before its opening. */
function resolveClosing(
  line: number,
  cell: string,
  openedAt: RowInstant,
  closedAt: RowInstant,
  { timeZone, addFault, addNote }: RowContext,
): string {
  if (closedAt.at >= openedAt.at) return closedAt.at;
  const { secondAt } = closedAt;
  if (secondAt === undefined) {
    addFault(
      line,
      'closed_at',
      `the value must not be before opened_at (it is "${cell}"). If clocks went back between the two, set --zone to the zone of the file (it is ${timeZone}), or write the times with their offsets.`,
    );
  } else if (secondAt < openedAt.at) {
    addFault(
      line,
      'closed_at',
      `the value must not be before opened_at. ${describeRepeatedTime(cell, timeZone)}, and both times are before opened_at: correct the row, or write the times with their offsets.`,
    );
  } else {
    addNote(
      line,
      'closed_at',
      `${describeRepeatedTime(cell, timeZone)}. The second time is used, because the first is before opened_at.`,
    );
  }
  return secondAt ?? closedAt.at;
}

const describeRepeatedTime = (cell: string, timeZone: string): string =>
  `"${cell}" occurs twice in ${timeZone}, because the clocks go back`;

/** A change as its row says. */
interface Change {
  readonly line: number;
  readonly opening: string;
  readonly state: OpeningState;
  /** As the row writes it. */
  readonly time: string;
  readonly instant: RowInstant;
}

function readChanges(
  records: readonly CsvRecord[],
  columns: ChangeColumns,
  givenStates: GivenStateValues,
  context: RowContext,
): ReadIntervals {
  const states = createStateValues(givenStates);
  const getName = (index: number) => columns.names[index] ?? '';
  const timeName = columns.time.map(getName).join(' and ');
  const skippedCounts = new Map<string, number>();
  const changes = records.flatMap(({ line, cells }): Change[] => {
    const getCell = (index: number) => (cells[index] ?? '').trim();
    const opening = readOpeningName(line, getName(columns.opening), getCell(columns.opening), context);
    const stateCell = getCell(columns.state);
    const state = states.getMeaning(stateCell);
    if (state === 'SKIPPED') {
      skippedCounts.set(stateCell, (skippedCounts.get(stateCell) ?? 0) + 1);
      return [];
    }
    if (state === undefined) {
      const fault = `the value must be one of ${states.description} (it is "${stateCell}").`;
      context.addFault(line, getName(columns.state), fault);
    }
    const time = columns.time.map(getCell).join(' ');
    const instant = readInstant(line, timeName, time, context);
    return state === undefined || !instant ? [] : [{ line, opening, state, time, instant }];
  });
  const changesByOpening = new Map<string, Change[]>();
  for (const change of changes) {
    const others = changesByOpening.get(change.opening);
    if (others) others.push(change);
    else changesByOpening.set(change.opening, [change]);
  }
  const openings = [...changesByOpening.values()];
  const isNewestFirst = hasNewestFirst(openings);
  const skipped = [...skippedCounts].map(([value, count]) => `${value} (${count})`).join(', ');
  return {
    readings: openings.flatMap((ofOpening) =>
      groupIntervals(
        resolveChangeInstants(isNewestFirst ? ofOpening.toReversed() : ofOpening, timeName, context),
      ),
    ),
    summary: skippedCounts.size === 0 ? [] : [`Skipped rows, by their state: ${skipped}.`],
  };
}

/**
 * Whether a program wrote the newest change first. A pair of changes whose order depends on the instants of equal local times does
 * not count.
 */
function hasNewestFirst(openings: readonly (readonly Change[])[]): boolean {
  let balance = 0;
  for (const changes of openings) {
    for (const [index, { instant: next }] of changes.entries()) {
      const previous = changes[index - 1]?.instant;
      if (!previous) continue;
      if ((next.secondAt ?? next.at) < previous.at) balance += 1;
      if ((previous.secondAt ?? previous.at) < next.at) balance -= 1;
    }
  }
  return balance > 0;
}

/**
 * Selects the instants of the changes of one opening, and orders them. The first of two instants is before an earlier change if
 * the clocks went back in between: then the second one is used.
 * @param changes oldest first
 */
function resolveChangeInstants(
  changes: readonly Change[],
  timeName: string,
  { timeZone, addNote }: RowContext,
): readonly StateReading[] {
  let previous = '';
  const readings = changes.map(({ line, opening, state, time, instant: { at, secondAt } }) => {
    const isSecond = at < previous && secondAt !== undefined && secondAt >= previous;
    if (isSecond) {
      const note = `${describeRepeatedTime(time, timeZone)}. The second time is used, because the first is before the previous change.`;
      addNote(line, timeName, note);
    }
    previous = isSecond ? secondAt : at;
    return createReading(opening, state, previous);
  });
  return readings.toSorted((a, b) => compareTexts(a.at, b.at));
}

/** Splits the readings of one opening into intervals. A reading that begins no interval, or one without an end, stays alone. */
function groupIntervals(readings: readonly StateReading[]): readonly (readonly ScheduledReading[])[] {
  const intervals: ScheduledReading[][] = [];
  let openReadings: StateReading[] = [];
  for (const reading of readings) {
    if (reading.state === 'OPEN') {
      openReadings.push(reading);
      continue;
    }
    intervals.push([...openReadings, reading].map((each) => ({ ...each, dueAt: reading.at })));
    openReadings = [];
  }
  return [...intervals, ...openReadings.map((reading) => [{ ...reading, dueAt: reading.at }])];
}

function readOpeningName(line: number, column: string, cell: string, { addFault }: RowContext): string {
  if (cell === '') addFault(line, column, 'the value must not be empty.');
  // The server stores names in this form. The ids of readings contain the name.
  return cell.normalize('NFC');
}

function readInstant(
  line: number,
  column: string,
  cell: string,
  { timeZone, addFault }: RowContext,
): RowInstant | undefined {
  const parsed = parseTimestamp(cell, timeZone);
  if (!('fault' in parsed)) return parsed;
  addFault(
    line,
    column,
    `the value must be a time like 2026-01-31 08:00 (it is "${cell}"): ${parsed.fault}.`,
  );
  return undefined;
}

const createReading = (opening: string, state: OpeningState, at: string): StateReading => ({
  id: createHash('sha256').update(`${opening}\n${state}\n${at}`).digest('base64url'),
  opening,
  state,
  at,
});

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** @returns one line for each of the first messages, in the order of the file */
function formatRowMessages(messages: readonly RowMessage[]): readonly string[] {
  const lines = messages
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, column, text }) => `line ${line}${column === undefined ? '' : `, ${column}`}: ${text}`);
  const unlistedCount = lines.length - MAX_LISTED_LINES;
  return unlistedCount > 0 ? [...lines.slice(0, MAX_LISTED_LINES), `and ${unlistedCount} more.`] : lines;
}
