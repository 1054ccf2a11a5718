import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RuleState } from '@seguridad-abc/contracts';
import { createRuleState } from '@seguridad-abc/contracts/testing';
import { openSqliteDatabase } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, expect, it } from 'vitest';
import { createRuleTableAccess } from '../rules/sqlite-rule-repository.js';
import { openMonitoringDatabase } from './monitoring-database.js';
import * as schema from './schema.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

/** The migrations before the one that adds openings and alarms. */
function copyEarlierMigrations(): URL {
  const copy = join(folder.path, 'drizzle');
  cpSync(fileURLToPath(new URL('../../drizzle', import.meta.url)), copy, { recursive: true });
  const file = join(copy, 'meta/_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: unknown[] };
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 3) }));
  return new URL(`file://${copy}`);
}

const rule = (overrides: Partial<RuleState>): RuleState =>
  createRuleState({
    id: 'a',
    name: 'x',
    opensAt: '08:00',
    closesAt: '18:00',
    days: ['MONDAY'],
    timeZone: 'UTC',
    maxOpenSeconds: null,
    effectiveFrom: '2020-01-01T00:00:00.250Z',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  });

it('the migration derives the rule versions of existing rules from their events', () => {
  const migrations = copyEarlierMigrations();
  const earlier = openSqliteDatabase({
    folder: folder.path,
    name: 'monitoring',
    schema,
    migrations,
    synchronous: 'FULL',
  });
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
    const { days, enabled, ...latest } = history.at(-1)!;
    insertRule.run({ ...latest, days: JSON.stringify(days), enabled: Number(enabled) });
  }
  earlier.close();

  const database = openMonitoringDatabase(folder.path);
  const { db } = database;
  const { versions } = createRuleTableAccess(db, () => undefined);
  const ms = Date.parse;
  const spans = (id: string) =>
    versions.findByRule(id, -Infinity, null).map(({ from, until }) => [from, until]);
  expect(spans('a')).toEqual([
    [ms('2020-01-01T00:00:00.250Z'), ms('2026-02-01T00:00:00.500Z')],
    [ms('2026-02-01T00:00:00.500Z'), ms('2026-03-01T00:00:00.000Z')],
    [ms('2026-04-01T00:00:00.000Z'), null],
  ]);
  expect(versions.findByRule('a', -Infinity, null)[1]).toEqual({
    from: ms('2026-02-01T00:00:00.500Z'),
    until: ms('2026-03-01T00:00:00.000Z'),
    enabled: true,
    opensAt: '08:00',
    closesAt: '18:00',
    days: ['MONDAY'],
    timeZone: 'UTC',
    maxOpenSeconds: 60,
  });
  expect(spans('b')).toEqual([[ms('2026-06-01T00:00:00.000Z'), null]]);
  expect(spans('c')).toEqual([[ms('2020-01-01T00:00:00.250Z'), ms('2026-02-01T00:00:00.000Z')]]);
  expect(db.select().from(schema.openings).all()).toMatchObject([
    { userId: 'ana', name: 'Shop' },
    { userId: 'ana', name: 'Door' },
    { userId: 'ben', name: 'Shop' },
  ]);
  database.close();
});

it.each([
  ['is no database', (file: string) => writeFileSync(file, 'x'.repeat(20_000))],
  ['is cut', (file: string) => truncateSync(file, 12_288)],
])('a file that %s is refused with the remedy, and stays as it is', (_, damage) => {
  const damagedFolder = temporaryFolder();
  openMonitoringDatabase(damagedFolder.path).close();
  const file = join(damagedFolder.path, 'monitoring.sqlite');
  damage(file);
  const content = readFileSync(file);
  expect(() => openMonitoringDatabase(damagedFolder.path)).toThrow(
    /monitoring\.sqlite is damaged: .+\. It holds the event log, .* restore the last backup\.$/,
  );
  expect(readFileSync(file)).toEqual(content);
  damagedFolder.remove();
});
