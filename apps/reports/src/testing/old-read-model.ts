import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const FOLDER = new URL('../../drizzle/', import.meta.url);

/** The number of migrations of the last version whose rules have one window, and whose read model has no heard instants. */
export const MIGRATIONS_BEFORE_HEARD_INSTANTS = 8;

/** Creates a database as an older software version has created it: with its first migrations only. */
export function createOldReadModel(file: string, migrations: number): Database.Database {
  const { entries } = JSON.parse(readFileSync(new URL('meta/_journal.json', FOLDER), 'utf8')) as {
    entries: { tag: string; when: number }[];
  };
  const database = new Database(file);
  database.exec(
    'create table __drizzle_migrations (id integer primary key, hash text not null, created_at numeric)',
  );
  for (const { tag, when } of entries.slice(0, migrations)) {
    database.exec(readFileSync(new URL(`${tag}.sql`, FOLDER), 'utf8'));
    database.prepare(`insert into __drizzle_migrations (hash, created_at) values ('', ?)`).run(when);
  }
  return database;
}
