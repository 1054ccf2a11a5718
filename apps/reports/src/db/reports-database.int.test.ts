import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createSqliteOpeningReader } from '../openings/sqlite-opening-repository.js';
import { openReportsDatabase } from './reports-database.js';

const FOLDER = new URL('../../drizzle/', import.meta.url);
const { entries } = JSON.parse(readFileSync(new URL('meta/_journal.json', FOLDER), 'utf8')) as {
  entries: { tag: string; when: number }[];
};

test('the migration of a read model without openings creates them from its rules', async () => {
  const folder = temporaryFolder();
  // The database as the first software version created it.
  const old = new Database(join(folder.path, 'reports.sqlite'));
  old.exec(readFileSync(new URL(`${entries[0]!.tag}.sql`, FOLDER), 'utf8'));
  old.exec(
    'create table __drizzle_migrations (id integer primary key, hash text not null, created_at numeric)',
  );
  old.prepare(`insert into __drizzle_migrations (hash, created_at) values ('', ?)`).run(entries[0]!.when);
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
    changedPosition: 0,
  });
  expect([...openingsByUser.values()]).toEqual([
    [opening('ana', 'Back'), opening('ana', 'Front')],
    [opening('luis', 'Front')],
  ]);
  database.close();
  folder.remove();
});
