import { auditQuerySchema, type AuditQuery } from '@seguridad-abc/contracts';
import { createAuditVerifier } from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nameUserOfDevice } from './audit-routes.js';
import { runSql } from '../db/prepared-statement.js';
import { dropAuditTrigger } from '../testing/drop-audit-trigger.js';
import { createRuleInput, OPERATOR } from '../testing/fixtures.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

const ana = { id: 'ana', role: 'customer', address: '192.0.2.1' } as const;

let test: TestStorage;
beforeEach(async () => void (test = await openTestStorage()));
afterEach(() => test.close());

const read = (query: Partial<AuditQuery> = {}) =>
  test.storage.auditTrail.readPage(auditQuerySchema.parse({ order: 'ascending', ...query }));
const readAll = async () => (await read({ limit: 1_000 })).entries;

/** Waits until the refusals that were emitted so far are stored. */
const waitForRefusals = () => test.storage.appendAuditEntries([]);

describe('the audit trail', () => {
  it('records what a command changes, with caller, address and both states', async () => {
    const commands = test.commandsOf(ana);
    const { id } = await commands.createRule(createRuleInput({ userId: null }));
    await commands.updateRule({ id, name: 'Back door', maxOpenSeconds: 90 });
    await commands.deleteRule({ id });
    const [created, updated, deleted] = await readAll();
    expect(created).toMatchObject({
      sequence: 1,
      action: 'createRule',
      outcome: 'ACCEPTED',
      role: 'customer',
      actor: { id: 'ana', address: '192.0.2.1' },
      subject: { userId: 'ana', id, before: null, after: { name: 'Shop door', version: 1 } },
    });
    expect(updated?.subject).toMatchObject({
      before: { name: 'Shop door', version: 1 },
      after: { name: 'Back door', maxOpenSeconds: 90, version: 2 },
    });
    expect(updated?.subject?.after).not.toHaveProperty('opening');
    expect(deleted?.subject).toMatchObject({ before: { deletedAt: null }, after: { version: 3 } });
  });

  it('records the new readings of a command, and the address nowhere else', async () => {
    const at = new Date().toISOString();
    const reading = { id: 'r1', opening: 'Shop', state: 'OPEN' as const, at };
    await test
      .commandsOf(ana)
      .recordReadings({ readings: [reading, { ...reading, id: 'r2', opening: 'Back' }] });
    expect(await readAll()).toMatchObject([
      {
        action: 'recordReadings',
        subject: { userId: 'ana', after: { acceptedReadings: { Back: 1, Shop: 1 } } },
      },
    ]);
    const { entries } = await test.eventLog.read(0, 10);
    expect(entries.map(({ actor }) => actor)).toEqual([
      { id: 'ana', role: 'customer' },
      { id: 'ana', role: 'customer' },
    ]);
  });

  it('names the device that sent a command, also one that is refused', async () => {
    const { device } = await test.commands.registerDevice({ userId: 'ana', name: 'Sensor', openings: null });
    const commands = test.commandsOf({ id: 'ana', role: 'device', device: device.id, address: '192.0.2.1' });
    const at = new Date().toISOString();
    await commands.recordReadings({ readings: [{ id: 'r1', opening: 'Shop', state: 'OPEN', at }] });
    await expect(commands.deleteRule({ id: 'r' })).rejects.toThrow();
    await waitForRefusals();
    const entries = await readAll();
    const actor = { id: 'ana', device: device.id, address: '192.0.2.1' };
    expect(entries.slice(1)).toMatchObject([
      { action: 'recordReadings', role: 'device', actor },
      { action: 'deleteRule', outcome: 'FORBIDDEN', actor },
    ]);
    expect(entries[0]?.actor).not.toHaveProperty('device');
    const verifier = createAuditVerifier();
    expect(entries.flatMap((entry) => verifier.verify(entry))).toEqual([]);
    const other = { ...entries[1]!, actor: { ...entries[1]!.actor!, device: 'another' } };
    const second = createAuditVerifier({ sequence: 1, hash: entries[0]!.hash });
    expect(second.verify(other)).toEqual([{ sequence: 2, problem: 'The caller was changed.' }]);
  });

  it('records the refusals of a device, which the gateway sends, as those of its user', async () => {
    const { device } = await test.commands.registerDevice({ userId: 'ana', name: 'Sensor', openings: null });
    const at = new Date().toISOString();
    const refusal = { action: 'rules', outcome: 'FORBIDDEN', role: 'device', subject: null } as const;
    const times = { count: 1, firstAt: at, lastAt: at, address: null };
    const summary = { ...refusal, ...times, actor: device.id, userId: device.id, device: device.id };
    const named = await nameUserOfDevice(summary, test.storage.findDevice);
    expect(named).toStrictEqual({ ...summary, actor: 'ana', userId: 'ana' });
    expect(await nameUserOfDevice(summary, () => Promise.resolve(undefined))).toStrictEqual(summary);
    const ofToken = { ...summary, actor: 'bob', userId: 'bob' };
    expect(await nameUserOfDevice(ofToken, test.storage.findDevice)).toStrictEqual(ofToken);
  });

  it('summarizes refused commands, and accepted ones that change nothing', async () => {
    const commands = test.commandsOf(ana);
    const { id } = await test.commands.createRule(createRuleInput({ userId: 'bob' }));
    for (let i = 0; i < 5; i++)
      await expect(commands.deleteRule({ id })).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } });
    await expect(commands.createRule(createRuleInput({ userId: 'bob' }))).rejects.toThrow();
    await test.commands.updateRule({ id, name: 'Shop door' });
    test.storage.auditSummaries.flush();
    await waitForRefusals();
    expect((await readAll()).slice(1)).toMatchObject([
      { action: 'deleteRule', outcome: 'NOT_FOUND', count: 1, actor: { id: 'ana' }, subject: { id } },
      { action: 'createRule', outcome: 'FORBIDDEN', count: 1, subject: { userId: 'bob' } },
      { action: 'updateRule', outcome: 'UNCHANGED', count: 1, actor: { id: OPERATOR.id } },
      { action: 'deleteRule', outcome: 'NOT_FOUND', count: 4 },
    ]);
  });

  it('loses nothing and keeps the chain when a command is rolled back', async () => {
    await Promise.all([
      test.createRules(3),
      test.commands.createRule(createRuleInput({ name: 'Same' })),
      test.commands.createRule(createRuleInput({ name: 'Same' })).catch(() => undefined),
      test.createRules(3),
    ]);
    await test.reopen();
    const entries = await readAll();
    expect(entries.filter(({ outcome }) => outcome === 'ACCEPTED')).toHaveLength(7);
    const verifier = createAuditVerifier();
    expect(entries.flatMap((entry) => verifier.verify(entry))).toEqual([]);
    expect(await test.storage.auditTrail.verifyEnds()).toEqual([]);
  });

  it('reads pages in both directions, with filters and periods', async () => {
    await test.createRules(5);
    await test.commandsOf(ana).createRule(createRuleInput({ userId: null, name: 'Own' }));
    const page = await read({ order: 'descending', limit: 2 });
    expect(page).toMatchObject({ head: 6, hasMore: true, entries: [{ sequence: 6 }, { sequence: 5 }] });
    const next = await read({ order: 'descending', limit: 10, after: 5 });
    expect(next.hasMore).toBe(false);
    expect(next.entries.map(({ sequence }) => sequence)).toEqual([4, 3, 2, 1]);
    expect((await read({ after: 4 })).entries.map(({ sequence }) => sequence)).toEqual([5, 6]);
    expect((await read({ actor: 'ana' })).entries.map(({ sequence }) => sequence)).toEqual([6]);
    expect((await read({ action: 'createRule', user: 'ana', limit: 2 })).hasMore).toBe(true);
    expect((await read({ outcome: 'FORBIDDEN' })).entries).toEqual([]);
    const from = page.entries[1]?.at ?? '';
    const all = await readAll();
    expect((await read({ from })).entries).toEqual(all.filter(({ at }) => at >= from));
    expect((await read({ until: from })).entries).toEqual(all.filter(({ at }) => at < from));
  });

  it.each([
    'delete from audit_entries',
    `update audit_entries set action = 'x'`,
    `update audit_entries set actor = 'x'`,
    `update audit_entries set device = 'x'`,
  ])('refuses: %s', async (statement) => {
    await test.createRules(1);
    await expect(runSql(test.db, sql.raw(statement))).rejects.toThrow(/audit trail cannot be/);
  });

  it('notices at the start that the last entries were changed or removed', async () => {
    await test.createRules(3);
    await dropAuditTrigger(test, 'audit_entries_are_kept');
    await dropAuditTrigger(test, 'audit_entries_are_constant');
    await runSql(test.db, sql`update audit_entries set role = 'customer' where sequence = 2`);
    await runSql(test.db, sql`delete from audit_entries where sequence = 3`);
    expect(await test.storage.auditTrail.verifyEnds()).toEqual([
      { sequence: 2, problem: 'The entry was changed.' },
      { sequence: 3, problem: 'The entries 3 to 3 are missing.' },
    ]);
  });
});
