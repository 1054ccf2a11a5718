import { parseLogEvent, type Actor } from '@seguridad-abc/contracts';
import { createOpeningExceptionState } from '@seguridad-abc/contracts/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getQuotas, readMonitoringConfig } from '../config.js';
import { createRuleInput } from '../testing/fixtures.js';
import { createTestClock, type TestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { createExceptionTable } from './exception-repository.js';

const ANA: Actor = { id: 'ana', role: 'customer' };

let test: TestStorage;
let clock: TestClock;
beforeEach(async () => {
  clock = createTestClock('2026-01-31T08:00:00.000Z');
  test = await openTestStorage({ now: clock.now });
});
afterEach(() => test.close());

const input = {
  userId: 'ana',
  openings: ['Shop'] as readonly string[] | null,
  effect: 'SUSPEND' as const,
  from: '2026-01-31T08:00:00.000Z',
  until: '2026-01-31T20:00:00.000Z',
  reason: 'The installer is testing.',
};

describe('the SQLite exception repository', () => {
  it('saves the state and the event together, and keeps both after a restart', async () => {
    const created = await test.commands.createException(input);
    clock.advance(60);
    const cancelled = await test.commands.cancelException({ id: created.id });
    clock.advance(60);
    expect(await test.commands.cancelException({ id: created.id })).toStrictEqual(cancelled);
    await test.reopen();
    const { entries } = await test.eventLog.read(0, 10);
    expect(entries.map(({ type }) => type)).toStrictEqual(['ExceptionCreated', 'ExceptionCancelled']);
    const states = entries
      .map(parseLogEvent)
      .map((read) => read.ok && 'exception' in read.event.data && read.event.data.exception);
    expect(states).toStrictEqual([created, cancelled]);
    expect(await test.storage.exceptions.findByIds([created.id, 'none'])).toStrictEqual([
      cancelled,
      undefined,
    ]);
  });

  it('returns the first result for a known clientMutationId', async () => {
    const first = await test.commands.createException({ ...input, clientMutationId: 'k' });
    clock.advance(60);
    expect(await test.commands.createException({ ...input, clientMutationId: 'k' })).toStrictEqual(first);
    expect(await test.reader.select().from(test.tables.openingExceptions)).toHaveLength(1);
  });

  it('bounds the exceptions of a customer that have not ended', async () => {
    await test.reopen({ quotas: { ...getQuotas(readMonitoringConfig({})), exceptionsPerUser: 2 } });
    const ana = test.commandsOf(ANA);
    const first = await ana.createException(input);
    await ana.createException({ ...input, until: '2026-01-31T08:00:10Z' });
    await expect(ana.createException(input)).rejects.toMatchObject({
      extensions: { code: 'QUOTA_EXCEEDED', limit: 2 },
    });
    await test.commands.createException({ ...input, until: '2026-01-31T08:00:10Z' });
    await test.commandsOf({ id: 'ben', role: 'customer' }).createException({ ...input, userId: null });
    // Two have ended.
    clock.advance(10);
    await ana.createException(input);
    await ana.cancelException({ id: first.id });
    await ana.createException(input);
  });
});

describe('findOfOpening', () => {
  it('finds the exceptions of an opening that end after an instant', async () => {
    const table = createExceptionTable(test.db);
    const exceptions = [
      createOpeningExceptionState({ id: 'late', openings: ['Door', 'Shop'] }),
      createOpeningExceptionState({ id: 'all', openings: null, until: '2026-01-31T22:00:00.000Z' }),
      createOpeningExceptionState({ id: 'cancelled', cancelledAt: '2026-01-31T21:00:00.000Z' }),
      createOpeningExceptionState({ id: 'other opening', openings: ['Door', 'shop'] }),
      createOpeningExceptionState({ id: 'other user', userId: 'ben', openings: null }),
    ];
    for (const exception of exceptions) await table.upsert(exception);
    const find = (from: string) => table.findOfOpening('ana', 'Shop', Date.parse(from));
    const [late, all, cancelled] = exceptions;
    expect(await find('2026-01-31T20:59:59.999Z')).toStrictEqual([cancelled, all, late]);
    expect(await find('2026-01-31T21:00:00.000Z')).toStrictEqual([all, late]);
    expect(await find('2026-01-31T23:00:00.000Z')).toStrictEqual([]);
    expect(await table.findOfOpening('ana', 'Window', 0)).toStrictEqual([all]);
  });
});

describe('a cancellation', () => {
  const listPending = async () => {
    const { ruleId, due } = test.tables.pendingAlarms;
    return test.reader.select({ ruleId, due }).from(test.tables.pendingAlarms).orderBy(ruleId);
  };

  it.each([
    { openings: ['Shop', 'Unknown'], expected: ['Shop'] },
    { openings: null, expected: ['Shop', 'Door'] },
  ])('lets the scheduler evaluate the rules of the openings $openings', async ({ openings, expected }) => {
    const rules = [];
    for (const rule of [{ opening: 'Shop' }, { opening: 'Door' }, { opening: 'Shop', userId: 'ben' }])
      rules.push(await test.commands.createRule(createRuleInput(rule)));
    const disabled = await test.commands.createRule(createRuleInput({ name: 'Disabled', enabled: false }));
    await test.commands.deleteRule({ id: disabled.id });
    const { id } = await test.commands.createException({ ...input, openings });
    await test.db.delete(test.tables.pendingAlarms);
    await test.commands.cancelException({ id });
    const concerned = rules.filter(({ userId, opening }) => userId === 'ana' && expected.includes(opening));
    expect(await listPending()).toStrictEqual(concerned.map((rule) => ({ ruleId: rule.id, due: 0 })));
  });

  it('is the only change for which rules are evaluated', async () => {
    await test.commands.createRule(createRuleInput());
    await test.db.delete(test.tables.pendingAlarms);
    const { id } = await test.commands.createException(input);
    clock.advance(100_000);
    await test.commands.cancelException({ id });
    expect(await listPending()).toStrictEqual([]);
  });
});
