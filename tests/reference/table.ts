import { parse } from 'csv-parse/sync';
import { alarms, type Version } from './alarms.js';
import { instantOf } from './clock.js';
import type { Reading } from './intervals.js';

export interface Rule {
  readonly name: string;
  readonly opening: string;
  readonly version: Version;
}

export interface OpeningReading extends Reading {
  readonly opening: string;
}

/** One row of the table of alarms. */
export interface Row {
  readonly rule: string;
  readonly kind: string;
  readonly raisedAt: number;
  /** Infinity while the opening is open. */
  readonly clearedAt: number;
}

/** Rules that hold from 2010 on. An empty cell of `days` names no day. */
export const readRules = (csv: string): Rule[] =>
  rows(csv).map((row) => ({
    name: row['name'] ?? '',
    opening: row['opening'] ?? '',
    version: {
      from: Date.parse('2010-01-01T00:00:00Z'),
      until: Infinity,
      enabled: true,
      opensAt: row['opensAt'] === '' ? null : (row['opensAt'] ?? null),
      closesAt: row['closesAt'] === '' ? null : (row['closesAt'] ?? null),
      days: (row['days'] ?? '').split('|').filter((day) => day !== ''),
      timeZone: row['timeZone'] ?? '',
      maxOpenSeconds: row['maxOpenSeconds'] ? Number(row['maxOpenSeconds']) : null,
    },
  }));

/** @param zone in which the file gives wall-clock times */
export const readReadings = (csv: string, zone: string): OpeningReading[] =>
  rows(csv).flatMap((row, index) => {
    const opening = row['opening'] ?? '';
    const at = (column: string) => instantOf(zone, Date.parse(`${row[column] ?? ''}Z`));
    const opened = { opening, id: `${index}-open`, state: 'OPEN', at: at('opened_at') } as const;
    if (row['closed_at'] === '') return [opened];
    return [opened, { opening, id: `${index}-closed`, state: 'CLOSED', at: at('closed_at') }];
  });

/** Every alarm, none retracted, at an instant. */
export const tableOf = (rules: readonly Rule[], readings: readonly OpeningReading[], now: number): string =>
  writeTable(
    rules.flatMap(({ name, opening, version }) =>
      alarms(
        [version],
        readings.filter((reading) => reading.opening === opening),
        now,
      ).map((alarm) => ({ rule: name, ...alarm })),
    ),
  );

/** By rule, kind and time. */
export function writeTable(table: readonly Row[]): string {
  const lines = table.map(({ rule, kind, raisedAt, clearedAt }) =>
    [rule, kind, written(raisedAt), clearedAt === Infinity ? '' : written(clearedAt)].join(','),
  );
  return ['rule,kind,raised_at,cleared_at', ...lines.sort(), ''].join('\n');
}

const written = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');

const rows = (csv: string) => parse<Record<string, string>>(csv, { columns: true });
