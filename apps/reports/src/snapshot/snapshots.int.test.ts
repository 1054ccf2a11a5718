import { readdirSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { recordLogs, temporaryFolder } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSnapshots, SnapshotSpaceError, type Snapshot, type Snapshots } from './snapshots.js';

/** Larger than some steps of a copy. */
const ROWS = 30_000;

let folder: ReturnType<typeof temporaryFolder>;
let database: Database.Database;
let snapshots: Snapshots;
const getFile = (name: string) => join(folder.path, name);
const create = (minFreeBytes = 0) =>
  createSnapshots({
    readModelFile: getFile('reports.sqlite'),
    snapshotFile: getFile('reports.snapshot.sqlite'),
    minFreeBytes,
    logger: recordLogs().logger,
  });

beforeEach(() => {
  folder = temporaryFolder();
  database = new Database(getFile('reports.sqlite'));
  database.pragma('journal_mode = WAL');
  database.exec(`create table checkpoint (log_id text, position integer); insert into checkpoint values ('log-1', 0);
    create table doors (name text); create table windows (name text);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
      insert into doors select printf('%01000d', i) from n`);
  snapshots = create();
});
afterEach(async () => {
  await snapshots.discard();
  database.close();
  folder.remove();
});

/** Commits one more position with each write. */
const write = () =>
  void database.exec(
    'begin; update checkpoint set position = position + 1; insert into windows values (1); commit',
  );

async function takeSnapshot(meanwhile: () => void = () => undefined): Promise<Snapshot> {
  for (;;) {
    const request = { isAnswered: false };
    const answer = snapshots.request().finally(() => (request.isAnswered = true));
    while (!request.isAnswered) {
      meanwhile();
      await setImmediate();
    }
    const snapshot = await answer;
    if (snapshot) return snapshot;
  }
}

test('a copy is one state of a read model that is written all the time', async () => {
  const { file, bytes, hash, position, logId } = await takeSnapshot(write);
  expect(position).toBeGreaterThan(0);
  expect(database.prepare('select position from checkpoint').pluck().get()).toBeGreaterThan(position);
  const content = readFileSync(file);
  expect({ logId, bytes, hash }).toEqual({
    logId: 'log-1',
    bytes: content.length,
    hash: createHash('sha256').update(content).digest('hex'),
  });
  const copy = new Database(file, { readonly: true });
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(copy.prepare('select position from checkpoint').pluck().get()).toBe(position);
  expect(copy.prepare('select count(*) from windows').pluck().get()).toBe(position);
  copy.close();
});

test('a copy that is being made is discarded at once, and does not keep the write-ahead log', async () => {
  const request = snapshots.request();
  write();
  await snapshots.discard();
  await request;
  expect(readdirSync(folder.path).filter((name) => name.includes('snapshot'))).toEqual([]);
  expect(database.pragma('wal_checkpoint(TRUNCATE)')).toEqual([{ busy: 0, log: 0, checkpointed: 0 }]);
  expect((await takeSnapshot()).position).toBe(1);
});

test('a copy that leaves too little space, or of a read model without a log, is not made', async () => {
  snapshots = create(Number.MAX_SAFE_INTEGER);
  await expect(snapshots.request()).rejects.toThrow(SnapshotSpaceError);
  snapshots = create();
  database.exec('update checkpoint set log_id = null');
  await expect(takeSnapshotOrFail()).rejects.toThrow('has read no log yet');
});

async function takeSnapshotOrFail(): Promise<void> {
  while (!(await snapshots.request())) await setImmediate();
}
