import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { createLogger } from './logger.js';
import { tryDatabaseWrite } from './sqlite-database.js';
import { StorageError } from './storage-errors.js';
import {
  BYTES_PER_MEGABYTE,
  startStorageWatch,
  type StorageWatch,
  type StorageWatchOptions,
} from './storage-watch.js';
import { canMountDisks, eventually, mountSmallDisk, temporaryFolder } from './testing/index.js';

const hasDisks = canMountDisks();

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

function openDatabase(folder: string) {
  const $client = new Database(`${folder}/test.sqlite`);
  $client.pragma('journal_mode = WAL');
  $client.exec('create table rows (content text)');
  closers.push(() => $client.close());
  return { $client };
}

function watch(folder: string, options: Partial<StorageWatchOptions> = {}): StorageWatch {
  const storageWatch = startStorageWatch({
    folder,
    minFreeBytes: 0,
    tryWrite: () => undefined,
    logger: createLogger('test', 'silent'),
    ...options,
    timing: { checkMs: 10, ...options.timing },
  });
  closers.push(() => storageWatch.stop());
  return storageWatch;
}

test.skipIf(!hasDisks)('a full disk is a problem until it has space again', async () => {
  const disk = mountSmallDisk(4_096)!;
  closers.push(() => disk.remove());
  const database = openDatabase(disk.path);
  const storageWatch = watch(disk.path, { tryWrite: () => tryDatabaseWrite(database) });
  const insert = () => database.$client.prepare('insert into rows values (?)').run('x'.repeat(100_000));
  disk.fill();
  expect(() => storageWatch.recordWrite(runAndCatch(insert))).not.toThrow();
  expect(storageWatch).toMatchObject({
    canWrite: false,
    problem: 'cannot store anything: the disk is full (SQLITE_FULL)',
    checks: { storage: 'STORAGE_FULL' },
  });
  // A transaction without changes needs no disk, so it proves nothing.
  storageWatch.recordWrite();
  await eventually(() => expect(storageWatch.checks).toMatchObject({ freeDiskMb: 0 }));
  expect(storageWatch.canWrite).toBe(false);
  disk.free();
  await eventually(() => expect(storageWatch.canWrite).toBe(true));
  expect(storageWatch.problem).toBeUndefined();
  insert();
});

test('a slow statement is no problem of the storage, but a slow trial write is', async () => {
  const slow = Object.assign(new Error('canceled'), { code: '57014', severity: 'ERROR' });
  const options = { folder: undefined, tryWrite: () => Promise.reject(slow) };
  const storageWatch = watch('', { ...options, timing: { idleMs: 60_000 } });
  storageWatch.recordWrite(slow);
  expect(storageWatch.canWrite).toBe(true);
  const idle = watch('', { ...options, timing: { idleMs: 0 } });
  await eventually(() =>
    expect(idle.problem).toBe('cannot store anything: a statement took too long (57014)'),
  );
});

const runAndCatch = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

test.skipIf(!hasDisks)('a disk that fills is a problem before it is full', async () => {
  const disk = mountSmallDisk(3_000)!;
  closers.push(() => disk.remove());
  const enough = watch(disk.path, { minFreeBytes: 2 * BYTES_PER_MEGABYTE });
  const tooLittle = watch(disk.path, { minFreeBytes: 4 * BYTES_PER_MEGABYTE });
  await eventually(() => expect(tooLittle.problem).toBe('less than 4 MB of free disk space'));
  expect(tooLittle.canWrite).toBe(true);
  expect(enough.problem).toBeUndefined();
});

test('a write is tried while nothing is written, so that a broken disk is noticed before the next command', async () => {
  const folder = temporaryFolder();
  closers.push(() => folder.remove());
  const database = openDatabase(folder.path);
  const storageWatch = watch(folder.path, {
    tryWrite: () => tryDatabaseWrite(database),
    timing: { idleMs: 20 },
  });
  database.$client.pragma('query_only = ON');
  await eventually(() =>
    expect(storageWatch.problem).toBe(
      'cannot store anything: the disk cannot be read or written (SQLITE_READONLY)',
    ),
  );
  database.$client.pragma('query_only = OFF');
  await eventually(() => expect(storageWatch.problem).toBeUndefined());
});

test('work that waits too long is a problem, and failures of other kinds are none', async () => {
  const folder = temporaryFolder();
  closers.push(() => folder.remove());
  const storageWatch = watch(folder.path, { timing: { maxWaitMs: 0 } });
  storageWatch.recordWaiting();
  await eventually(() =>
    expect(storageWatch.problem).toBe('commands have waited more than 0 s for the disk'),
  );
  await storageWatch.watchWrite(Promise.resolve());
  expect(storageWatch.problem).toBeUndefined();
  await expect(storageWatch.watchWrite(Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(storageWatch.problem).toBeUndefined();
});

test('a file that was deleted while it was open is a problem that no write ends', async () => {
  const folder = temporaryFolder();
  closers.push(() => folder.remove());
  const database = openDatabase(folder.path);
  const faults: string[] = [];
  const storageWatch = watch(folder.path, {
    file: `${folder.path}/test.sqlite`,
    tryWrite: () => tryDatabaseWrite(database),
    timing: { idleMs: 0 },
    onFileFault: (fault) => void faults.push(fault),
  });
  storageWatch.assertFileInPlace();
  rmSync(`${folder.path}/test.sqlite`);
  await eventually(() => expect(storageWatch.problem).toBe('cannot store anything: the file was deleted'));
  // SQLite still writes, without an error.
  database.$client.exec(`insert into rows values ('lost')`);
  storageWatch.recordWrite();
  expect(storageWatch.canWrite).toBe(false);
  expect(() => storageWatch.assertFileInPlace()).toThrow(StorageError);
  expect(faults).toEqual(['the file was deleted']);
});
