import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGroupCommit, type Transact } from './group-commit.js';
import { openMonitoringDatabase, type OpenMonitoringDatabase } from './open.js';
import { log } from './schema.js';

let folder: ReturnType<typeof temporaryFolder>;
let database: OpenMonitoringDatabase;
let transact: Transact;
beforeEach(() => {
  folder = temporaryFolder();
  database = openMonitoringDatabase(folder.path);
  transact = createGroupCommit(database.db, 3);
});
afterEach(() => {
  database.close();
  folder.remove();
});

const insert = (id: string) => database.db.insert(log).values({ id }).run();
const has = (id: string) => database.db.select().from(log).where(eq(log.id, id)).get() !== undefined;

/**
 * The transactions that SQLite has written: each ends with a frame that says how large the database is after it.
 * https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
function commits(): number {
  const wal = readFileSync(join(folder.path, 'monitoring.sqlite-wal'));
  const frame = 24 + wal.readUInt32BE(8);
  let count = 0;
  for (let at = 32; at < wal.length; at += frame) if (wal.readUInt32BE(at + 4) > 0) count++;
  return count;
}

describe('group commit', () => {
  it('gives each its own outcome, in the order in which they came', async () => {
    const order: number[] = [];
    const outcomes = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map((n) => transact(() => (order.push(n), n * 10))),
    );
    expect(outcomes).toStrictEqual([10, 20, 30, 40, 50, 60, 70]);
    expect(order).toStrictEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('takes back what failed and no other', async () => {
    const failing = transact(() => {
      insert('half');
      throw new Error('refused');
    });
    const [before, failed, after] = await Promise.allSettled([
      transact(() => insert('a')),
      failing,
      transact(() => insert('b')),
    ]);
    expect([before.status, failed.status, after.status]).toStrictEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(['a', 'half', 'b'].map(has)).toStrictEqual([true, false, true]);
  });

  it('lets a later one see what an earlier one of the same group did', async () => {
    const [, seen] = await Promise.all([transact(() => insert('a')), transact(() => has('a'))]);
    expect(seen).toBe(true);
  });

  it('tells nobody that it is saved where the whole transaction is lost', async () => {
    const losing = transact(() => {
      database.db.$client.exec('ROLLBACK');
      throw new Error('the disk is full');
    });
    const outcomes = await Promise.allSettled([
      transact(() => insert('a')),
      losing,
      transact(() => insert('b')),
    ]);
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected', 'rejected']);
    expect(['a', 'b'].map(has)).toStrictEqual([false, false]);
    await transact(() => insert('c'));
    expect(has('c')).toBe(true);
  });

  it('lets small work go before large, and large work share as much as there is room', async () => {
    const order: string[] = [];
    const done = (name: string, size: number) => transact(() => void order.push(name), size);
    const before = commits();
    const insertLarge = (id: string) => transact(() => insert(id), 1_000);
    await Promise.all([
      insertLarge('large 1').then(() => order.push('large 1')),
      insertLarge('large 2').then(() => order.push('large 2')),
      ...['a', 'b', 'c', 'd'].map((id) => done(id, 1)),
    ]);
    expect(order).toStrictEqual(['a', 'b', 'c', 'large 1', 'd', 'large 2']);
    expect(commits() - before).toBe(2);
  });

  it('shares one commit among those that come together', async () => {
    const all = (ids: string[]) => Promise.all(ids.map((id) => transact(() => insert(id))));
    const before = commits();
    await all(['a', 'b', 'c']);
    expect(commits() - before).toBe(1);
    await all(['d', 'e', 'f', 'g']);
    expect(commits() - before).toBe(3);
  });
});
