import ICAL from 'ical.js';
import { getErrorMessage, UsageError } from '../../shared/errors.js';

/** The largest file that is read, in bytes. The holidays of a country for ten years have less than 100 kB. */
const MAX_FILE_BYTES = 5_000_000;
const MAX_EVENTS = 20_000;

/** An event of a file: its properties, and where it is. */
export interface CalendarFileEvent {
  /** The line of `BEGIN:VEVENT`, from 1. */
  readonly line: number;
  readonly component: ICAL.Component;
  /** The calendar that contains the event. */
  readonly calendar: ICAL.Component;
}

/** A line as [RFC 5545](https://www.rfc-editor.org/rfc/rfc5545#section-3.1) means it, without the breaks of long lines. */
interface ContentLine {
  /** Its first line in the file, from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Parses an iCalendar file (RFC 5545) in UTF-8, with or without a byte order mark, and with any line ends.
 * @throws UsageError if the file is too large, or is not valid. The message names the line
 */
export function parseICalendar(bytes: Uint8Array): readonly CalendarFileEvent[] {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new UsageError(
      `The file has ${bytes.length} bytes, but at most ${MAX_FILE_BYTES} are read: export fewer events.`,
    );
  }
  const lines = readContentLines(bytes);
  const eventLines = checkComponents(lines);
  if (eventLines.length > MAX_EVENTS) {
    throw new UsageError(
      `The file has ${eventLines.length} events, but at most ${MAX_EVENTS} are read: export fewer events.`,
    );
  }
  const events = parseComponents(lines).flatMap((calendar) =>
    calendar.getAllSubcomponents('vevent').map((component) => ({ component, calendar })),
  );
  // Both lists have the order of the file.
  return events.map((event, index) => ({ ...event, line: eventLines[index] ?? 1 }));
}

/** Joins the parts of long lines before it decodes them: programs also break lines within a character. */
function readContentLines(bytes: Uint8Array): readonly ContentLine[] {
  // Each byte is a character, so that nothing is lost.
  const physicalLines = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\u00EF\u00BB\u00BF/, '')
    .split(/\r\n|\n|\r/);
  const lines: { line: number; parts: string[] }[] = [];
  for (const [index, part] of physicalLines.entries()) {
    if (/^[ \t]/.test(part)) lines.at(-1)?.parts.push(part.slice(1));
    else if (part !== '') lines.push({ line: index + 1, parts: [part] });
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return lines.map(({ line, parts }) => {
    try {
      return { line, text: decoder.decode(Buffer.from(parts.join(''), 'latin1')) };
    } catch {
      throw new UsageError(
        `Line ${line} is not encoded in UTF-8: save the file with the character set UTF-8.`,
      );
    }
  });
}

/**
 * Checks that components begin and end in pairs.
 * @returns the lines of the events of calendars
 */
function checkComponents(lines: readonly ContentLine[]): readonly number[] {
  const [first] = lines;
  if (first?.text.trim().toUpperCase() !== 'BEGIN:VCALENDAR') {
    throw new UsageError('The file is no iCalendar file: its first line must be BEGIN:VCALENDAR.');
  }
  const eventLines: number[] = [];
  const open: { name: string; line: number }[] = [];
  for (const { line, text } of lines) {
    const [, keyword = '', name = ''] =
      /^(BEGIN|END):(.*)$/i.exec(text.trim())?.map((part) => part.toUpperCase()) ?? [];
    if (keyword === 'BEGIN') {
      open.push({ name, line });
      if (open.length === 2 && name === 'VEVENT') eventLines.push(line);
    } else if (open.length === 0) {
      throw createInvalidFileError(line, `"${quote(text)}" is outside BEGIN:VCALENDAR and END:VCALENDAR`);
    } else if (keyword === 'END' && open.pop()?.name !== name) {
      throw createInvalidFileError(line, `END:${quote(name)} does not end what began last`);
    }
  }
  const unended = open.at(-1);
  if (unended)
    throw createInvalidFileError(
      unended.line,
      `BEGIN:${quote(unended.name)} has no END: the file is incomplete`,
    );
  return eventLines;
}

function parseComponents(lines: readonly ContentLine[]): readonly ICAL.Component[] {
  try {
    return lines.length === 0
      ? []
      : toComponents(ICAL.parse(lines.map(({ text }) => text).join('\n')) as object);
  } catch (error) {
    throw (
      findInvalidLine(lines) ?? new UsageError(`The file is not valid iCalendar: ${getErrorMessage(error)}.`)
    );
  }
}

/** A file with one calendar is parsed to one component, one with several to a list. */
function toComponents(parsed: object): readonly ICAL.Component[] {
  const isList = Array.isArray(parsed) && typeof parsed[0] !== 'string';
  return ((isList ? parsed : [parsed]) as object[]).map(
    (component) => new ICAL.Component(component as never),
  );
}

/** The parser does not say which line is wrong: this function parses each one alone. */
function findInvalidLine(lines: readonly ContentLine[]): UsageError | undefined {
  for (const { line, text } of lines) {
    if (/^(?:BEGIN|END):/i.test(text)) continue;
    try {
      ICAL.parse(`BEGIN:VCALENDAR\n${text}\nEND:VCALENDAR`);
    } catch {
      return createInvalidFileError(line, `"${quote(text)}" is no valid property`);
    }
  }
  return undefined;
}

const MAX_QUOTED_LENGTH = 60;
const quote = (text: string): string =>
  text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;

const createInvalidFileError = (line: number, problem: string) =>
  new UsageError(`The file is not valid iCalendar: line ${line}: ${problem}.`);
