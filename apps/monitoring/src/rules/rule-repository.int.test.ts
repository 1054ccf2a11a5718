import { parseLogEvent } from '@seguridad-abc/contracts';
import { lockDataFolder } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMonitoringDatabase } from '../db/monitoring-database.js';
import { accept } from '../domain/decision.js';
import { openTestStorage, usesPostgres, type TestStorage } from '../testing/test-storage.js';
import { OPERATOR, createRuleInput } from '../testing/fixtures.js';

let test: TestStorage;
beforeEach(async () => void (test = await openTestStorage()));
afterEach(() => test.close());

const code = (value: string) => ({ extensions: { code: value } });

describe('the rule repository', () => {
  it('saves the state and the outbox together, and keeps both after a restart', async () => {
    const created = await test.commands.createRule(createRuleInput());
    const updated = await test.commands.updateRule({ id: created.id, name: 'Back door' });
    const deleted = await test.commands.deleteRule({ id: created.id, expectedVersion: 2 });
    const before = await test.eventLog.read(0, 10);
    await test.reopen();
    const { logId, head, entries } = await test.eventLog.read(0, 10);
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
    expect(await test.storage.rules.findByIds([created.id, 'nobody'])).toStrictEqual([deleted, undefined]);
  });

  it('changes nothing and uses no log position for a rejected command', async () => {
    await test.commands.createRule(createRuleInput());
    await expect(test.commands.createRule(createRuleInput({ name: '' }))).rejects.toMatchObject(
      code('BAD_USER_INPUT'),
    );
    await expect(test.commands.createRule(createRuleInput())).rejects.toMatchObject(code('CONFLICT'));
    await test.commands.createRule(createRuleInput({ name: 'Other' }));
    const { head, entries } = await test.eventLog.read(0, 10);
    expect(head).toBe(2);
    expect(entries.map(({ position }) => position)).toStrictEqual([1, 2]);
  });

  it('rolls back state and outbox if one of them cannot be written', async () => {
    const rule = await test.commands.createRule(createRuleInput());
    const notSerializable = { ...rule, data: 1n };
    const withoutName = { ...rule, name: null as unknown as string };
    for (const broken of [notSerializable, withoutName]) {
      await expect(
        test.storage.rules.execute({
          name: 'updateRule',
          id: rule.id,
          caller: OPERATOR,
          decide: () => accept({ type: 'RuleUpdated', version: 1, data: { rule: broken } }),
        }),
      ).rejects.toThrow();
    }
    expect(await test.storage.rules.findByIds([rule.id])).toStrictEqual([rule]);
    expect(await test.eventLog.read(0, 10)).toMatchObject({ head: 1 });
  });

  it('rejects a name that another rule of the same user and opening has', async () => {
    const shop = await test.commands.createRule(createRuleInput());
    const other = await test.commands.createRule(createRuleInput({ name: 'Other' }));
    await expect(test.commands.updateRule({ id: other.id, name: shop.name })).rejects.toMatchObject({
      extensions: { code: 'CONFLICT', faults: [{ path: ['input', 'name'] }] },
    });
    await test.commands.createRule(createRuleInput({ userId: 'ben' }));
    await test.commands.createRule(createRuleInput({ opening: 'Garage' }));
    await test.commands.deleteRule({ id: shop.id });
    await test.commands.createRule(createRuleInput());
  });

  it('accepts one of two rules that are created with the same name at the same time', async () => {
    const outcomes = await Promise.allSettled([1, 2].map(() => test.commands.createRule(createRuleInput())));
    expect(outcomes.map(({ status }) => status).sort()).toStrictEqual(['fulfilled', 'rejected']);
  });

  it('creates ids that sort by time', async () => {
    const ids = (await test.createRules(50)).map(({ id }) => id);
    expect([...ids].sort()).toStrictEqual(ids);
  });

  it('waits for the disk at every commit', async () => {
    const folder = temporaryFolder();
    const database = openMonitoringDatabase(folder.path);
    const { client } = database;
    expect(client.pragma('journal_mode', { simple: true })).toBe('wal');
    // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
    expect(client.pragma('synchronous', { simple: true })).toBe(2);
    await database.close();
    folder.remove();
  });

  it.skipIf(usesPostgres)('refuses a second process on the same data folder', () => {
    expect(() => lockDataFolder(test.folder, 'monitoring')).toThrow(/already works/);
  });
});
