import { statSync } from 'node:fs';
import { join } from 'node:path';
import { toStorageError } from '@seguridad-abc/platform';
import {
  canMountDisks,
  canMountFailingDisks,
  eventually,
  mountFailingDisk,
  mountSmallDisk,
  type SmallDisk,
} from '@seguridad-abc/platform/testing';
import { count } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuleInput } from '../testing/fixtures.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { events, rules } from './sqlite-schema.js';

const hasDisks = canMountDisks();

/** Room for the database, and for some commands. */
const DISK_KB = 4_096;
/** Commands until the write-ahead log needs more space than there is. */
const MAX_COMMANDS = 2_000;

describe.skipIf(!hasDisks)('on a disk that is full', () => {
  let disk: SmallDisk;
  let test: TestStorage;
  beforeEach(async () => {
    disk = mountSmallDisk(DISK_KB)!;
    test = await openTestStorage({ folder: { path: disk.path, remove: () => undefined } });
  });
  afterEach(async () => {
    disk.free();
    await test.close();
    disk.remove();
  });

  const createRule = (n: number) =>
    test.commands.createRule({ ...createRuleInput({ name: `Rule ${n}` }), clientMutationId: `rule ${n}` });
  const countRows = async () => ({
    rules: (await test.reader.select({ count: count() }).from(rules))[0]?.count,
    events: (await test.reader.select({ count: count() }).from(events))[0]?.count,
  });

  it('commands are refused with a code, nothing of them is stored, and all go on when there is space', async () => {
    await createRule(0);
    disk.fill();
    let saved = 1;
    let refusal: unknown;
    while (!refusal && saved < MAX_COMMANDS) {
      await createRule(saved).then(
        () => (saved += 1),
        (error: unknown) => (refusal = error),
      );
    }
    expect(toStorageError(refusal)?.code).toBe('STORAGE_FULL');
    expect(await countRows()).toStrictEqual({ rules: saved, events: saved });
    // Commands of one group fail together.
    const group = await Promise.allSettled([saved, saved + 1, saved + 2].map(createRule));
    expect(group.map((result) => result.status)).toStrictEqual(['rejected', 'rejected', 'rejected']);
    expect(await countRows()).toStrictEqual({ rules: saved, events: saved });

    disk.free();
    for (const n of [saved, saved + 1, saved + 2]) await createRule(n);
    // A command that is sent again, although it was saved, changes nothing.
    await createRule(saved);
    expect(await countRows()).toStrictEqual({ rules: saved + 3, events: saved + 3 });
    const { entries } = await test.eventLog.read(saved - 1, 10);
    expect(entries.map(({ position }) => position)).toStrictEqual([saved, saved + 1, saved + 2, saved + 3]);
    await test.reopen();
    expect(test.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(await countRows()).toStrictEqual({ rules: saved + 3, events: saved + 3 });
  });

  it('the service starts, and what earlier erasures left beside the database is removed when there is space', async () => {
    for (let n = 0; n < 20; n++) await createRule(n);
    const getLogSize = () => statSync(join(disk.path, 'monitoring.sqlite-wal')).size;
    expect(getLogSize()).toBeGreaterThan(0);
    disk.fill();
    test.storage.erasures.start({
      waitUntilRelayed: () => Promise.resolve(true),
      rewrite: () => Promise.resolve(),
    });
    expect(getLogSize()).toBeGreaterThan(0);
    disk.free();
    await eventually(() => expect(getLogSize()).toBe(0));
    await test.storage.erasures.stop();
  });

  it('the readings of a large command that are stored are duplicates when it is sent again', async () => {
    await createRule(0);
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const readings = Array.from({ length: 1_000 }, (_, n) => ({
      ...{ id: `reading ${n}`, opening: `Door ${n}`, at },
      state: 'OPEN' as const,
    }));
    const send = () => test.commands.recordReadings({ userId: 'ana', readings });
    disk.fill(600);
    const refusal = await send().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(toStorageError(refusal)?.code).toBe('STORAGE_FULL');
    disk.free();
    const { accepted, duplicates, refused } = await send();
    expect([accepted + duplicates, refused]).toStrictEqual([1_000, []]);
    expect(duplicates).toBeGreaterThan(0);
    expect(await send()).toMatchObject({ accepted: 0, duplicates: 1_000 });
  });
});

describe.skipIf(!canMountFailingDisks())('on a disk that fails', () => {
  it('commands are refused with a code, and all that was confirmed is there when it is mounted again', async () => {
    const disk = mountFailingDisk()!;
    const folder = { path: disk.path, remove: () => undefined };
    const create = (test: TestStorage, name: string) =>
      test.commands.createRule({ ...createRuleInput({ name }), clientMutationId: name });
    const listNames = async (test: TestStorage) =>
      (await test.reader.select({ name: rules.name }).from(rules)).map(({ name }) => name);
    try {
      const before = await openTestStorage({ folder });
      await create(before, 'confirmed');
      disk.fail();
      const refusal = await create(before, 'refused').catch((error: unknown) => error);
      expect(toStorageError(refusal)?.code).toBe('STORAGE_UNAVAILABLE');
      // What is stored can be read.
      expect(await listNames(before)).toStrictEqual(['confirmed']);
      await before.close().catch(() => undefined);

      disk.mountAgain();
      const after = await openTestStorage({ folder });
      expect(await listNames(after)).toStrictEqual(['confirmed']);
      await create(after, 'refused');
      expect(await listNames(after)).toStrictEqual(['confirmed', 'refused']);
      expect(after.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
      await after.close();
    } finally {
      disk.remove();
    }
  });
});

describe('storage that cannot be written', () => {
  it('is recognized although SQLite is read-only', async () => {
    const test = await openTestStorage();
    test.sqlite.pragma('query_only = ON');
    const refusal = await test.commands.createRule(createRuleInput()).catch((error: unknown) => error);
    expect(toStorageError(refusal)?.code).toBe('STORAGE_UNAVAILABLE');
    test.sqlite.pragma('query_only = OFF');
    await test.commands.createRule(createRuleInput());
    await test.close();
  });
});
