import { parseLogEvent } from '@seguridad-abc/contracts';
import { lockDataFolder } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { happened } from '../domain/decision.js';
import { openMonitoringDatabase } from './open.js';
import { openTestLog, type TestLog } from '../testing/log.js';
import { OPERATOR, validRule } from '../testing/rules.js';

let test: TestLog;
beforeEach(() => void (test = openTestLog()));
afterEach(() => test.close());

const code = (value: string) => ({ extensions: { code: value } });

describe('commands over SQLite', () => {
  it('save state and log together, and both are there after a restart', async () => {
    const created = await test.commands.createRule(validRule());
    const updated = await test.commands.updateRule({ id: created.id, name: 'Back door' });
    const deleted = await test.commands.deleteRule({ id: created.id, expectedVersion: 2 });
    const before = await test.log.read(0, 10);
    await test.reopen();
    const { logId, head, entries } = await test.log.read(0, 10);
    expect({ logId, head }).toStrictEqual({ logId: before.logId, head: 3 });
    expect(entries.map(({ position, type }) => [position, type])).toStrictEqual([
      [1, 'RuleCreated'],
      [2, 'RuleUpdated'],
      [3, 'RuleDeleted'],
    ]);
    const events = entries
      .map(parseLogEvent)
      .map((read) => read.ok && 'rule' in read.event.data && read.event.data.rule);
    expect(events).toStrictEqual([created, updated, deleted]);
    expect(await test.stores.rules.byIds([created.id, 'nobody'])).toStrictEqual([deleted, undefined]);
  });

  it('change nothing where they are refused, and use up no position', async () => {
    await test.commands.createRule(validRule());
    await expect(test.commands.createRule(validRule({ name: '' }))).rejects.toMatchObject(
      code('BAD_USER_INPUT'),
    );
    await expect(test.commands.createRule(validRule())).rejects.toMatchObject(code('CONFLICT'));
    await test.commands.createRule(validRule({ name: 'Other' }));
    const { head, entries } = await test.log.read(0, 10);
    expect(head).toBe(2);
    expect(entries.map(({ position }) => position)).toStrictEqual([1, 2]);
  });

  it('take back both where either cannot be written', async () => {
    const rule = await test.commands.createRule(validRule());
    const unloggable = { ...rule, data: 1n };
    const unstorable = { ...rule, name: null as unknown as string };
    for (const broken of [unloggable, unstorable]) {
      await expect(
        test.stores.rules.commit(OPERATOR, rule.id, () => happened('RuleUpdated', broken)),
      ).rejects.toThrow();
    }
    expect(await test.stores.rules.byIds([rule.id])).toStrictEqual([rule]);
    expect(await test.log.read(0, 10)).toMatchObject({ head: 1 });
  });

  it('refuse a name that is taken: by creation and by renaming, for the same user and opening only', async () => {
    const shop = await test.commands.createRule(validRule());
    const other = await test.commands.createRule(validRule({ name: 'Other' }));
    await expect(test.commands.updateRule({ id: other.id, name: shop.name })).rejects.toMatchObject({
      extensions: { code: 'CONFLICT', faults: [{ path: ['input', 'name'] }] },
    });
    await test.commands.createRule(validRule({ userId: 'ben' }));
    await test.commands.createRule(validRule({ opening: 'Garage' }));
    await test.commands.deleteRule({ id: shop.id });
    await test.commands.createRule(validRule());
  });

  it('let one of two at once have the name', async () => {
    const outcomes = await Promise.allSettled([1, 2].map(() => test.commands.createRule(validRule())));
    expect(outcomes.map(({ status }) => status).sort()).toStrictEqual(['fulfilled', 'rejected']);
  });

  it('give ids that sort by time', async () => {
    const ids = (await test.fill(50)).map(({ id }) => id);
    expect([...ids].sort()).toStrictEqual(ids);
  });

  it('wait for the disk at every commit', () => {
    const folder = temporaryFolder();
    const database = openMonitoringDatabase(folder.path);
    const { db } = database;
    expect(db.get(sql`pragma journal_mode`)).toStrictEqual({ journal_mode: 'wal' });
    // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
    expect(db.get(sql`pragma synchronous`)).toStrictEqual({ synchronous: 2 });
    database.close();
    folder.remove();
  });

  it('refuse a second process on the same folder', () => {
    expect(() => lockDataFolder(test.folder, 'monitoring')).toThrow(/already works/);
  });
});
