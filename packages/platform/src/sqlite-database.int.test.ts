import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
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

test('only the owner can read the database and the files beside it, also of an installation that others could read', () => {
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'migrations', 'meta'), { recursive: true });
  writeFileSync(join(folder, 'migrations', 'meta', '_journal.json'), JSON.stringify({ entries: [] }));
  writeFileSync(join(folder, 'test.sqlite'), '', { mode: 0o644 });
  const database = open();
  database.db.$client.exec('create table doors (name text)');
  const modes = readdirSync(folder)
    .filter((name) => name.startsWith('test.sqlite'))
    .map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
  database.close();
  expect(modes.sort()).toStrictEqual(['test.sqlite 600', 'test.sqlite-shm 600', 'test.sqlite-wal 600']);
});
