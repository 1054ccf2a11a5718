import { auditQuerySchema } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuleInput } from '../testing/fixtures.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

let test: TestStorage;
beforeEach(async () => void (test = await openTestStorage()));
afterEach(async () => {
  await test.storage.erasures.stop();
  await test.close();
});

const rewrite = () => Promise.resolve();
const startErasures = () =>
  test.storage.erasures.start({ waitUntilRelayed: () => Promise.resolve(true), rewrite });
/** Redis is away: the copy of the log never has the events. */
const startErasuresWithoutRedis = () =>
  test.storage.erasures.start({
    waitUntilRelayed: () => new Promise((resolve) => setTimeout(() => resolve(false), 5)),
    rewrite,
  });

/** Gives a user two rules of an opening and two calendars, one of each is deleted, an exception and a device. */
async function createUserData(userId: string) {
  const { id } = await test.commands.createRule(createRuleInput({ userId, name: 'Old' }));
  await test.commands.deleteRule({ id });
  await test.commands.createRule(createRuleInput({ userId, name: 'New' }));
  await test.commands.registerDevice({ userId, name: 'Sensor', openings: null });
  const calendar = await test.commands.createCalendar({ userId, name: 'Old', dates: [] });
  await test.commands.deleteCalendar({ id: calendar.id });
  await test.commands.createCalendar({ userId, name: 'New', dates: [] });
  const until = new Date(Date.now() + 60_000).toISOString();
  const from = '2020-01-01T00:00:00Z';
  await test.commands.createException({ userId, effect: 'ALLOW', from, until, reason: 'Stock-taking' });
}

const readTrail = async () => {
  await test.storage.appendAuditEntries([]);
  const query = auditQuerySchema.parse({ order: 'ascending', limit: 1_000 });
  return (await test.storage.auditTrail.readPage(query)).entries;
};
const readEventTypes = async () => (await test.eventLog.read(0, 1_000)).entries.map(({ type }) => type);

const ALL_OF_USER = { erased: true, rules: 2, calendars: 2, exceptions: 1, openings: 1, devices: 1 };

describe('eraseUserData', () => {
  it('says what it erases, when the log has the event that reports waits for', async () => {
    await createUserData('ana');
    startErasures();
    const outcome = await test.commands.eraseUserData({ userId: 'ana' });
    expect(outcome).toEqual({ ...ALL_OF_USER, pseudonym: expect.any(String) as string, complete: true });
    expect((await readEventTypes()).at(-1)).toBe('UserErased');
    const actions = (await readTrail()).map(({ action, subject }) => [action, subject?.id]);
    expect(actions.slice(-2)).toEqual([
      ['eraseUserData', outcome.pseudonym],
      ['completeErasure', outcome.pseudonym],
    ]);
  });

  it.each([
    { id: 'ana', role: 'customer' as const },
    { id: 'ana', role: 'device' as const },
  ])('is forbidden for a $role, even for the data of the caller', async (caller) => {
    await createUserData('ana');
    await expect(test.commandsOf(caller).eraseUserData({ userId: 'ana' })).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN', faults: [{ path: ['input'] }] },
    });
    expect(await readEventTypes()).not.toContain('UserErased');
    expect((await readTrail()).at(-1)).toMatchObject({
      action: 'eraseUserData',
      outcome: 'FORBIDDEN',
      actor: { id: 'ana' },
      subject: { userId: 'ana' },
    });
  });

  it('returns erased: false if nothing is stored of the user', async () => {
    startErasures();
    const outcome = await test.commands.eraseUserData({ userId: 'nobody' });
    const nothing = { rules: 0, calendars: 0, exceptions: 0, openings: 0, devices: 0 };
    expect(outcome).toEqual({ erased: false, pseudonym: null, ...nothing, complete: true });
    expect(await readEventTypes()).toEqual([]);
    const entries = await readTrail();
    expect(entries).toMatchObject([{ action: 'eraseUserData', outcome: 'UNCHANGED', actor: { id: 'olga' } }]);
    expect(JSON.stringify(entries)).not.toContain('nobody');
    expect(await test.commands.eraseUserData({ userId: 'nobody' })).toMatchObject({ erased: false });
  });

  it('erases the entries of the audit trail if nothing else is stored of the user', async () => {
    startErasures();
    await expect(
      test.commandsOf({ id: 'eve', role: 'customer' }).deleteRule({ id: 'none' }),
    ).rejects.toThrow();
    await test.storage.appendAuditEntries([]);
    expect(await test.commands.eraseUserData({ userId: 'eve' })).toMatchObject({ erased: true, rules: 0 });
    expect(JSON.stringify(await readTrail())).not.toContain('eve"');
  });

  it('does not wait for Redis, also if another erasure does', async () => {
    await createUserData('ana');
    await createUserData('bob');
    startErasuresWithoutRedis();
    for (const userId of ['ana', 'bob'])
      expect(await test.commands.eraseUserData({ userId })).toMatchObject({
        ...ALL_OF_USER,
        complete: false,
      });
    expect((await readEventTypes()).filter((type) => type === 'UserErased')).toHaveLength(2);
  });

  it('returns the first result for a known clientMutationId, and erases no later data', async () => {
    await createUserData('ana');
    startErasures();
    const input = { userId: 'ana', clientMutationId: 'erase ana' };
    const first = await test.commands.eraseUserData(input);
    await test.commands.createRule(createRuleInput({ userId: 'ana', name: 'New life' }));
    expect(await test.commands.eraseUserData(input)).toEqual(first);
    expect(await readEventTypes()).toEqual(expect.arrayContaining(['RuleCreated']));
    expect((await readEventTypes()).filter((type) => type === 'UserErased')).toHaveLength(1);
    await expect(test.commands.eraseUserData({ ...input, userId: 'bob' })).rejects.toMatchObject({
      extensions: { code: 'CONFLICT' },
    });
  });

  it('rejects an id that no user can have, and a bad clientMutationId', async () => {
    await expect(
      test.commands.eraseUserData({ userId: '', clientMutationId: 'x'.repeat(201) }),
    ).rejects.toMatchObject({
      extensions: {
        code: 'BAD_USER_INPUT',
        faults: [{ path: ['input', 'userId'] }, { path: ['input', 'clientMutationId'] }],
      },
    });
  });
});
