import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findDatabaseDamage, findDatabaseDamageInThread, isDatabaseDamage } from './sqlite-damage.js';
import { watchSqliteFile } from './sqlite-file-watch.js';
import { temporaryFolder } from './testing/test-helpers.js';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let database: Database.Database;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'test.sqlite');
  database = new Database(file);
  database.exec(`create table doors (name text); create index doors_by_name on doors (name);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)
    insert into doors select 'door ' || i from n`);
});
afterEach(() => {
  database.close();
  folder.remove();
});

/** Overwrites the start of each page after the first. */
function flipBytes() {
  const content = readFileSync(file);
  for (let offset = 4_096; offset < content.length; offset += 4_096) content.fill(0xa5, offset, offset + 64);
  writeFileSync(file, content);
}

it('damage is found in a thread while the file is open, and nothing in an intact file', async () => {
  const { signal } = new AbortController();
  expect(await findDatabaseDamageInThread(file, signal)).toBeUndefined();
  flipBytes();
  expect(await findDatabaseDamageInThread(file, signal)).toMatch(/malformed|invalid|Tree/i);
  rmSync(file);
  expect(await findDatabaseDamageInThread(file, signal)).toBeUndefined();
});

it('an index that lacks an entry is damage', () => {
  expect(findDatabaseDamage(database)).toBeUndefined();
  database.unsafeMode();
  database.pragma('writable_schema = ON');
  database.exec(
    `update sqlite_master set sql = 'create index doors_by_name on doors (name desc)' where type = 'index'`,
  );
  database.close();
  database = new Database(file);
  expect(findDatabaseDamage(database)).toMatch(/doors_by_name/);
});

it('only errors about the content of the file are damage', () => {
  const read = () => database.prepare('select count(*) from doors').get();
  const getError = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return error;
    }
    throw new Error('There was no error.');
  };
  expect(isDatabaseDamage(getError(() => database.prepare('select * from windows')))).toBe(false);
  database.close();
  expect(isDatabaseDamage(getError(read))).toBe(false);
  writeFileSync(file, 'x'.repeat(5_000));
  database = new Database(file);
  const error = getError(() => database.pragma('journal_mode'));
  expect(isDatabaseDamage(error)).toBe(true);
  expect(isDatabaseDamage(new Error('query failed', { cause: error }))).toBe(true);
  expect(isDatabaseDamage(undefined)).toBe(false);
});

it('the watch notices once that a file was deleted, replaced or cut, and a growing file is no fault', () => {
  const faults: string[] = [];
  const watch = watchSqliteFile({ file, intervalMs: 60_000, onFault: (fault) => void faults.push(fault) });
  const check = () => {
    watch.check();
    watch.check();
    watch.restart();
    return faults.splice(0);
  };
  database.exec(`insert into doors select name || 'b' from doors`);
  expect(check()).toEqual([]);
  const { length } = readFileSync(file);
  truncateSync(file, 4_096);
  expect(check()).toEqual([`the file was cut from ${length} to 4096 bytes`]);
  renameSync(file, `${file}.old`);
  writeFileSync(file, 'x'.repeat(10_000));
  expect(check()).toEqual(['the file was replaced by another one']);
  rmSync(file);
  watch.check();
  expect(faults).toEqual(['the file was deleted']);
  watch.stop();
});

it('the watch suspects a file that was cut and has grown again between two looks', () => {
  const faults: string[] = [];
  let suspicions = 0;
  const watch = watchSqliteFile({
    file,
    intervalMs: 60_000,
    onFault: (fault) => void faults.push(fault),
    onSuspicion: () => void (suspicions += 1),
  });
  watch.check();
  expect(suspicions).toBe(0);
  const { length } = readFileSync(file);
  truncateSync(file, 4_096);
  // As a checkpoint does, which writes a page at its place.
  truncateSync(file, length);
  watch.check();
  watch.check();
  expect([faults, suspicions]).toEqual([[], 1]);
  watch.stop();
});
