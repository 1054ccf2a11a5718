import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { StartError } from './errors.js';
import { getSqlConnection } from './sql-connection.js';
import { openSqliteDatabase } from './sqlite-database.js';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-database-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () =>
  openSqliteDatabase({
    folder,
    name: 'test',
    schema: {},
    migrations: pathToFileURL(join(folder, 'migrations')),
    synchronous: 'FULL',
  });

/** Writes migrations of the given times, each of which creates a table. */
function writeMigrations(times: readonly number[]) {
  mkdirSync(join(folder, 'migrations', 'meta'), { recursive: true });
  const entries = times.map((when, idx) => ({ idx, when, tag: `m${idx}`, breakpoints: true }));
  writeFileSync(join(folder, 'migrations', 'meta', '_journal.json'), JSON.stringify({ entries }));
  for (const { tag } of entries)
    writeFileSync(join(folder, 'migrations', `${tag}.sql`), `create table ${tag} (name text)`);
}

test('only the owner can read the database and the files beside it, also of an installation that others could read', () => {
  writeMigrations([]);
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'test.sqlite'), '', { mode: 0o644 });
  const database = open();
  database.db.$client.exec('create table doors (name text)');
  const modes = readdirSync(folder)
    .filter((name) => name.startsWith('test.sqlite'))
    .map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
  database.close();
  expect(modes.sort()).toStrictEqual(['test.sqlite 600', 'test.sqlite-shm 600', 'test.sqlite-wal 600']);
});

const JANUARY = Date.parse('2027-01-01T00:00:00Z');
const MARCH = Date.parse('2027-03-01T12:30:00Z');

test('a database that newer software has written is refused, and nothing in it changes', () => {
  writeMigrations([JANUARY, MARCH]);
  open().close();
  const read = () => readFileSync(join(folder, 'test.sqlite'));
  const before = read();
  writeMigrations([JANUARY]);
  const refusal =
    /test\.sqlite was written by newer software: its schema is of 2027-03-01 12:30, .* until 2027-01-01 00:00\./;
  expect(open).toThrow(StartError);
  expect(open).toThrow(refusal);
  expect(read().equals(before)).toBe(true);
  // The refusal leaves no lock.
  writeMigrations([JANUARY, MARCH]);
  open().close();
});

test('a database of older software gets the new migrations', () => {
  writeMigrations([JANUARY]);
  open().close();
  writeMigrations([JANUARY, MARCH]);
  const database = open();
  expect(
    database.db.$client.prepare("select name from sqlite_master where name like 'm%'").pluck().all(),
  ).toStrictEqual(['m0', 'm1']);
  database.close();
});

test('after an error that ends the transaction, no statement runs until the rollback', async () => {
  writeMigrations([]);
  const database = open();
  const { db } = database;
  db.$client.exec('create table doors (name text); pragma max_page_count = 20');
  const connection = getSqlConnection(db);
  const insert = connection.prepare('insert into doors values (?)');
  await connection.control('begin');
  await insert.run(['first']);
  // SQLite rolls back the whole transaction if the file may not grow.
  expect(() => insert.run(['x'.repeat(1_000_000)])).toThrow('full');
  expect(connection.isInTransaction).toBe(false);
  expect(() => insert.run(['second'])).toThrow('The transaction has ended');
  await connection.control('rollback');
  await insert.run(['third']);
  expect(await connection.prepare('select name from doors').all([])).toStrictEqual([['third']]);
  database.close();
});
