import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { expect, test } from 'vitest';
import { createSqliteOpeningReader } from '../openings/sqlite-opening-repository.js';
import { createOldReadModel, MIGRATIONS_BEFORE_HEARD_INSTANTS } from '../testing/old-read-model.js';
import { isOfOtherVersion, openReportsDatabase } from './reports-database.js';

test('the migration of a read model without openings creates them from its rules', async () => {
  const folder = temporaryFolder();
  // The database as the first software version created it.
  const old = createOldReadModel(join(folder.path, 'reports.sqlite'), 1);
  const insert = old.prepare(
    `insert into rules (id, user_id, name, search_name, opening, days, time_zone, severity, enabled, effective_from,
       created_at, updated_at, deleted_at, version, created_position)
     values (?, ?, 'Rule', 'rule', ?, '[]', 'UTC', 'INFO', 1, '', '', '', null, 1, 1)`,
  );
  for (const [id, userId, opening] of [
    ['a', 'ana', 'Front'],
    ['b', 'ana', 'Front'],
    ['c', 'ana', 'Back'],
    ['d', 'luis', 'Front'],
  ]) {
    insert.run(id, userId, opening);
  }
  old.close();

  const database = openReportsDatabase(folder.path);
  const openingsByUser = await createSqliteOpeningReader(database.db).findByUserIds(['ana', 'luis'], 100);
  const opening = (userId: string, name: string) => ({
    userId,
    name,
    state: null,
    since: null,
    tampered: null,
    batteryLow: null,
    changedPosition: 0,
  });
  expect([...openingsByUser.values()]).toEqual([
    [opening('ana', 'Back'), opening('ana', 'Front')],
    [opening('luis', 'Front')],
  ]);
  database.close();
  folder.remove();
});

test('the migration of a read model whose rules have one window keeps its rows, and it must be built again', () => {
  const folder = temporaryFolder();
  const old = createOldReadModel(join(folder.path, 'reports.sqlite'), MIGRATIONS_BEFORE_HEARD_INSTANTS);
  const insert = old.prepare(
    `insert into rules (id, user_id, name, search_name, opening, opens_at, closes_at, days, time_zone, severity, enabled,
       effective_from, created_at, updated_at, deleted_at, version, created_position)
     values (?, 'ana', ?, 'rule', 'Front', ?, ?, ?, 'UTC', 'INFO', 1, '', '', '', null, 1, 1)`,
  );
  insert.run('a', 'Hours', '08:00', '18:00', '["MONDAY","FRIDAY"]');
  insert.run('b', 'Never', '08:00', '18:00', '[]');
  insert.run('c', 'Timer', null, null, '["MONDAY"]');
  old.exec(`insert into openings (id, user_id, name, state, since, changed_position) values (7, 'ana', 'Front', 'OPEN', 'x', 5);
    insert into intervals (opening_id, start_id, started_at, ended_at, changed_position)
    values (7, 'r1', 'a', 'b', 3), (7, 'r2', null, null, 4), (7, 'r3', 'c', null, 5)`);
  old.close();

  const database = openReportsDatabase(folder.path);
  const read = (text: string) => database.db.$client.prepare(text).raw().all();
  const window = (days: string[]) =>
    JSON.stringify([{ days, opensAt: '08:00', closesAt: '18:00', openBy: null }]);
  expect(
    read(
      `select id, windows, calendar_id, grace_seconds, active_windows, silent_after_seconds, on_tamper, on_battery_low
       from rules order by id`,
    ),
  ).toEqual([
    ['a', window(['MONDAY', 'FRIDAY']), null, 0, null, null, 0, 0],
    ['b', window([]), null, 0, null, null, 0, 0],
    ['c', null, null, 0, null, null, 0, 0],
  ]);
  expect(read('select * from intervals order by start_id')).toEqual([
    [7, 'OPEN', 'r1', 'a', 'b', 3],
    [7, 'OPEN', 'r2', null, null, 4],
    [7, 'OPEN', 'r3', 'c', null, 5],
  ]);
  expect(read('select state, since, tampered, battery_low from openings')).toEqual([
    ['OPEN', 'x', null, null],
  ]);
  expect(isOfOtherVersion(database)).toBe(true);
  database.close();
  folder.remove();
});
