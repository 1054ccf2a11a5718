import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WEEKDAYS, type RuleState, type Weekday } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { openSqliteDatabase } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, expect, it } from 'vitest';
import { createRuleTableAccess } from '../rules/rule-repository.js';
import { openMonitoringDatabase } from './monitoring-database.js';
import * as schema from './sqlite-schema.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

/** Copies the first migrations: those of an earlier version. */
function copyEarlierMigrations(count: number): URL {
  const copy = join(folder.path, `drizzle-${count}`);
  cpSync(fileURLToPath(new URL('../../drizzle', import.meta.url)), copy, { recursive: true });
  const file = join(copy, 'meta/_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: unknown[] };
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  return new URL(`file://${copy}`);
}

/** Opens a database as the version with these migrations made it. */
const openEarlierDatabase = (path: string, migrationCount: number) =>
  openSqliteDatabase({
    folder: path,
    name: 'monitoring',
    schema,
    migrations: copyEarlierMigrations(migrationCount),
    synchronous: 'FULL',
  });

/** A rule of schema version 1. */
type EarlierRule = Omit<RuleState, 'windows'> & {
  readonly windows: undefined;
  readonly opensAt: string | null;
  readonly closesAt: string | null;
  readonly days: readonly Weekday[];
};

const rule = (overrides: Partial<EarlierRule>): EarlierRule => {
  const shared = createRuleState({
    id: 'a',
    name: 'x',
    timeZone: 'UTC',
    maxOpenSeconds: null,
    effectiveFrom: '2020-01-01T00:00:00.250Z',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  });
  return {
    ...shared,
    windows: undefined,
    opensAt: '08:00',
    closesAt: '18:00',
    days: ['MONDAY'],
    ...overrides,
  };
};

const toEarlierRow = ({ days, enabled, ...row }: EarlierRule) => ({
  ...row,
  days: JSON.stringify(days),
  enabled: Number(enabled),
});

it('the migration derives the rule versions of existing rules from their events', async () => {
  // The migration after these adds openings and alarms.
  const earlier = openEarlierDatabase(folder.path, 3);
  const histories = [
    [
      rule({}),
      rule({ version: 2, updatedAt: '2026-02-01T00:00:00.500Z', maxOpenSeconds: 60 }),
      rule({ version: 3, updatedAt: '2026-03-01T00:00:00.000Z', enabled: false }),
      rule({ version: 4, updatedAt: '2026-04-01T00:00:00.000Z' }),
    ],
    [
      rule({ id: 'b', opening: 'Door', effectiveFrom: '2026-06-01T00:00:00.000Z' }),
      rule({
        id: 'b',
        opening: 'Door',
        effectiveFrom: '2026-06-01T00:00:00.000Z',
        version: 2,
        updatedAt: '2026-02-01T00:00:00.000Z',
        days: [],
      }),
    ],
    [
      rule({ id: 'c', userId: 'ben' }),
      rule({
        id: 'c',
        userId: 'ben',
        version: 2,
        updatedAt: '2026-02-01T00:00:00.000Z',
        deletedAt: '2026-02-01T00:00:00.000Z',
      }),
    ],
  ];
  // Plain SQL: the tables of this version lack the columns of later migrations.
  const insertEvent = earlier.db.$client.prepare(
    'insert into events (type, version, at, rule_id, data) values (?, 1, ?, ?, ?)',
  );
  const insertRule = earlier.db.$client.prepare(
    `insert into rules (id, user_id, name, opening, opens_at, closes_at, days, time_zone, max_open_seconds, severity,
       enabled, effective_from, created_at, updated_at, deleted_at, version)
     values (@id, @userId, @name, @opening, @opensAt, @closesAt, @days, @timeZone, @maxOpenSeconds, @severity,
       @enabled, @effectiveFrom, @createdAt, @updatedAt, @deletedAt, @version)`,
  );
  for (const history of histories) {
    for (const state of history) {
      const type = state.deletedAt ? 'RuleDeleted' : state.version === 1 ? 'RuleCreated' : 'RuleUpdated';
      insertEvent.run(type, state.updatedAt, state.id, JSON.stringify({ rule: state }));
    }
    insertRule.run(toEarlierRow(history.at(-1)!));
  }
  earlier.close();

  const database = openMonitoringDatabase(folder.path);
  const { db } = database;
  const { versions } = createRuleTableAccess(db, () => undefined);
  const ms = Date.parse;
  const spans = async (id: string) =>
    (await versions.findByRule(id, -Infinity, null)).map(({ from, until }) => [from, until]);
  expect(await spans('a')).toEqual([
    [ms('2020-01-01T00:00:00.250Z'), ms('2026-02-01T00:00:00.500Z')],
    [ms('2026-02-01T00:00:00.500Z'), ms('2026-03-01T00:00:00.000Z')],
    [ms('2026-04-01T00:00:00.000Z'), null],
  ]);
  expect((await versions.findByRule('a', -Infinity, null))[1]).toEqual({
    from: ms('2026-02-01T00:00:00.500Z'),
    until: ms('2026-03-01T00:00:00.000Z'),
    enabled: true,
    windows: [{ days: ['MONDAY'], opensAt: '08:00', closesAt: '18:00', openBy: null }],
    calendar: null,
    timeZone: 'UTC',
    graceSeconds: 0,
    maxOpenSeconds: 60,
    activeWindows: null,
    silentAfterSeconds: null,
    onTamper: false,
    onBatteryLow: false,
  });
  expect(await spans('b')).toEqual([[ms('2026-06-01T00:00:00.000Z'), null]]);
  expect(await spans('c')).toEqual([[ms('2020-01-01T00:00:00.250Z'), ms('2026-02-01T00:00:00.000Z')]]);
  expect(await db.select().from(schema.openings)).toMatchObject([
    { userId: 'ana', name: 'Shop' },
    { userId: 'ana', name: 'Door' },
    { userId: 'ben', name: 'Shop' },
  ]);
  await database.close();
});

it('the migration turns the hours of rules and rule versions into windows', async () => {
  const earlierFolder = temporaryFolder();
  // The migration after these adds windows, calendars and exceptions.
  const earlier = openEarlierDatabase(earlierFolder.path, 11);
  const states = [
    rule({ id: 'a', maxOpenSeconds: 60 }),
    rule({ id: 'b', name: 'y', opensAt: null, closesAt: null, days: [...WEEKDAYS], maxOpenSeconds: 60 }),
    rule({ id: 'c', name: 'z', opensAt: '22:00', closesAt: '06:00:30', days: [] }),
  ];
  const insertRule = earlier.db.$client.prepare(
    `insert into rules (id, user_id, name, opening, opens_at, closes_at, days, time_zone, max_open_seconds, severity,
       enabled, effective_from, created_at, updated_at, deleted_at, version)
     values (@id, @userId, @name, @opening, @opensAt, @closesAt, @days, @timeZone, @maxOpenSeconds, @severity,
       @enabled, @effectiveFrom, @createdAt, @updatedAt, @deletedAt, @version)`,
  );
  const insertVersion = earlier.db.$client.prepare(
    `insert into rule_versions (rule_id, opening_id, valid_from, valid_until, opens_at, closes_at, days, time_zone,
       max_open_seconds)
     values (@id, 1, 1000, 8640000000000000, @opensAt, @closesAt, @days, @timeZone, @maxOpenSeconds)`,
  );
  for (const state of states) {
    insertRule.run(toEarlierRow(state));
    insertVersion.run(toEarlierRow(state));
  }
  earlier.close();

  const database = openMonitoringDatabase(earlierFolder.path);
  const { rules, versions } = createRuleTableAccess(database.db, () => undefined);
  for (const { opensAt, closesAt, days, ...shared } of states) {
    const windows = opensAt === null ? null : [{ days, opensAt, closesAt, openBy: null }];
    // The same text of JSON as that of a rule that is checked: rules are compared as JSON.
    const { id, ...state } = { ...shared, windows };
    const stored = await rules.findById(id);
    expect(stored).toStrictEqual({ id, ...state });
    expect(JSON.stringify(stored?.windows)).toBe(JSON.stringify(windows));
    expect(await versions.findByRule(id, -Infinity, null)).toMatchObject([
      { from: 1_000, until: null, windows, calendar: null, maxOpenSeconds: shared.maxOpenSeconds },
    ]);
  }
  await database.close();
  earlierFolder.remove();
});

it.each([
  ['is no database', (file: string) => writeFileSync(file, 'x'.repeat(20_000))],
  ['is cut', (file: string) => truncateSync(file, 12_288)],
])('a file that %s is refused with the remedy, and stays as it is', async (_, damage) => {
  const damagedFolder = temporaryFolder();
  await openMonitoringDatabase(damagedFolder.path).close();
  const file = join(damagedFolder.path, 'monitoring.sqlite');
  damage(file);
  const content = readFileSync(file);
  expect(() => openMonitoringDatabase(damagedFolder.path)).toThrow(
    /monitoring\.sqlite is damaged: .+\. It holds the event log, .* restore the last backup\.$/,
  );
  expect(readFileSync(file)).toEqual(content);
  damagedFolder.remove();
});
