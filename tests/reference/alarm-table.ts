import { parse } from 'csv-parse/sync';
import {
  EMPTY_VERSION,
  listAlarms,
  REFERENCE_WEEKDAYS,
  toInstant,
  toWindows,
  type ReferenceReading,
  type ReferenceVersion,
  type ReferenceWindow,
} from './reference-evaluation.js';

export interface ReferenceRule {
  readonly name: string;
  readonly opening: string;
  readonly version: ReferenceVersion;
}

export interface OpeningReading extends ReferenceReading {
  readonly opening: string;
  readonly state: 'OPEN' | 'CLOSED';
}

/** A row of an alarm table: an alarm that is not retracted. */
export interface AlarmRow {
  readonly rule: string;
  readonly kind: string;
  readonly raisedAt: number;
  /** Infinity while the opening is open. */
  readonly clearedAt: number;
}

/** Reads rules, in force from 2010 on. An empty cell of `days` is the empty list. A cell of `windows` takes its place. */
export const readRules = (csv: string): ReferenceRule[] =>
  readRows(csv).map((row) => ({
    name: row['name'] ?? '',
    opening: row['opening'] ?? '',
    version: {
      ...EMPTY_VERSION,
      from: Date.parse('2010-01-01T00:00:00Z'),
      windows: row['windows']
        ? row['windows'].split('; ').map(readWindow)
        : toWindows({
            opensAt: row['opensAt'] === '' ? null : (row['opensAt'] ?? null),
            closesAt: row['closesAt'] === '' ? null : (row['closesAt'] ?? null),
            days: REFERENCE_WEEKDAYS.filter((day) => (row['days'] ?? '').split('|').includes(day)),
          }),
      timeZone: row['timeZone'] ?? '',
      maxOpenSeconds: row['maxOpenSeconds'] ? Number(row['maxOpenSeconds']) : null,
    },
  }));

/** Reads a window like `MON-FRI 08:00-12:00`, the form of the file of examples. */
function readWindow(text: string): ReferenceWindow {
  const [, first = '', last = '', opensAt = '', closesAt = ''] =
    /^(\w{3})-(\w{3}) (\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  const findDay = (name: string) => REFERENCE_WEEKDAYS.findIndex((day) => day.startsWith(name));
  return { opensAt, closesAt, days: REFERENCE_WEEKDAYS.slice(findDay(first), findDay(last) + 1) };
}

/** The hours of a rule of the file as an input has them: several windows as a list, otherwise the short form. */
export function getHours({ version }: ReferenceRule) {
  const { windows } = version;
  if (windows && windows.length > 1) return { windows };
  const [window] = windows ?? [];
  return {
    opensAt: window?.opensAt ?? null,
    closesAt: window?.closesAt ?? null,
    days: REFERENCE_WEEKDAYS.filter((day) => window?.days?.includes(day)),
  };
}

/** @param timeZone the zone of the wall-clock times in the file */
export const readReadings = (csv: string, timeZone: string): OpeningReading[] =>
  readRows(csv).flatMap((row, index) => {
    const opening = row['opening'] ?? '';
    const readInstant = (column: string) => toInstant(timeZone, Date.parse(`${row[column] ?? ''}Z`));
    const opened = { opening, id: `${index}-open`, state: 'OPEN', at: readInstant('opened_at') } as const;
    if (row['closed_at'] === '') return [opened];
    return [opened, { opening, id: `${index}-closed`, state: 'CLOSED', at: readInstant('closed_at') }];
  });

/** The alarm table at an instant, by the reference implementation. */
export const createReferenceTable = (
  rules: readonly ReferenceRule[],
  readings: readonly OpeningReading[],
  now: number,
): string =>
  formatAlarmTable(
    rules.flatMap(({ name, opening, version }) =>
      listAlarms({
        versions: [version],
        readings: readings.filter((reading) => reading.opening === opening),
        now,
      }).map((alarm) => ({ rule: name, ...alarm })),
    ),
  );

/** Formats rows as CSV, sorted by rule, kind and instant. */
export function formatAlarmTable(rows: readonly AlarmRow[]): string {
  const lines = rows.map(({ rule, kind, raisedAt, clearedAt }) =>
    [rule, kind, formatSecond(raisedAt), clearedAt === Infinity ? '' : formatSecond(clearedAt)].join(','),
  );
  return ['rule,kind,raised_at,cleared_at', ...lines.sort(), ''].join('\n');
}

const formatSecond = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');

const readRows = (csv: string) => parse<Record<string, string>>(csv, { columns: true });
