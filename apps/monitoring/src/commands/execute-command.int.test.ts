import { createLogger } from '@seguridad-abc/platform';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { createRuleInput } from '../testing/fixtures.js';
import { startIdempotencyKeyExpiry } from '../db/idempotency-keys.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

let test: TestStorage;
beforeEach(async () => void (test = await openTestStorage()));
afterEach(() => test.close());

const head = async () => (await test.eventLog.read(0, 1)).head;
const conflict = { extensions: { code: 'CONFLICT', faults: [{ path: ['input', 'clientMutationId'] }] } };

describe('executeCommand with a clientMutationId', () => {
  it('returns the first result for a repeated command, also after a restart', async () => {
    const input = { ...createRuleInput(), clientMutationId: 'key-1' };
    const first = await test.commands.createRule(input);
    await test.commands.updateRule({ id: first.id, name: 'Changed since' });
    expect(await test.commands.createRule({ ...input })).toStrictEqual(first);
    await test.reopen();
    expect(await test.commands.createRule({ clientMutationId: 'key-1', ...createRuleInput() })).toStrictEqual(
      first,
    );
    expect(await head()).toBe(2);
  });

  it('executes a command once that is sent twice at the same time', async () => {
    const send = () => test.commands.createRule({ ...createRuleInput(), clientMutationId: 'key-1' });
    const [one, two] = await Promise.all([send(), send()]);
    expect(one).toStrictEqual(two);
    expect(await head()).toBe(1);
  });

  it('rejects a known key with another input or command', async () => {
    const { id } = await test.commands.createRule({ ...createRuleInput(), clientMutationId: 'key-1' });
    const other = { ...createRuleInput({ name: 'Other' }), clientMutationId: 'key-1' };
    await expect(test.commands.createRule(other)).rejects.toMatchObject(conflict);
    await expect(test.commands.deleteRule({ id, clientMutationId: 'key-1' })).rejects.toMatchObject(conflict);
    expect(await head()).toBe(1);
  });

  it('repeats the result of a deletion, and of a change that changes nothing', async () => {
    const { id, version } = await test.commands.createRule(createRuleInput());
    const same = await test.commands.updateRule({ id, name: 'Shop door', clientMutationId: 'same' });
    expect(same.version).toBe(version);
    const remove = () => test.commands.deleteRule({ id, clientMutationId: 'remove' });
    expect(await remove()).toStrictEqual(await remove());
    expect(
      (await test.commands.updateRule({ id, name: 'Shop door', clientMutationId: 'same' })).version,
    ).toBe(version);
  });

  it('does not store the key of a rejected command', async () => {
    const input = { ...createRuleInput({ name: '' }), clientMutationId: 'key-1' };
    await expect(test.commands.createRule(input)).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
    await test.commands.createRule({ ...createRuleInput(), clientMutationId: 'key-1' });
  });

  it('reports an invalid key together with the other faults of the input', async () => {
    const wrong = { ...createRuleInput({ name: '' }), clientMutationId: 'x'.repeat(201) };
    await expect(test.commands.createRule(wrong)).rejects.toMatchObject({
      extensions: {
        faults: [{ path: ['input', 'clientMutationId'], code: 'TOO_LONG' }, { path: ['input', 'name'] }],
      },
    });
  });

  it('stores a key for 7 days', async () => {
    const input = { ...createRuleInput(), clientMutationId: 'key-1' };
    const { id, createdAt } = await test.commands.createRule(input);
    const expireAt = async (ms: number) => {
      const now = new Date(Date.parse(createdAt) + ms).toISOString();
      const stop = await startIdempotencyKeyExpiry(
        (instant) => test.storage.deleteKeysBefore(instant),
        () => now,
        createLogger('test', 'silent'),
      );
      stop();
    };
    await expireAt(7 * DAY_MS - 1_000);
    expect((await test.commands.createRule(input)).id).toBe(id);
    await expireAt(7 * DAY_MS + 1_000);
    await expect(test.commands.createRule(input)).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } });
  });

  it('deletes more keys than fit in one transaction', async () => {
    const inputs = Array.from({ length: 2_001 }, (_, index) => ({
      ...createRuleInput({ name: `Rule ${index}` }),
      clientMutationId: `key-${index}`,
    }));
    await Promise.all(inputs.map((input) => test.commands.createRule(input)));
    await test.storage.deleteKeysBefore('9999-01-01T00:00:00.000Z');
    const again = await Promise.allSettled(inputs.map((input) => test.commands.createRule(input)));
    expect(new Set(again.map(({ status }) => status))).toStrictEqual(new Set(['rejected']));
  });
});

describe('executeCommand', () => {
  it('rejects an id that is too long before it looks for it', async () => {
    const id = 'x'.repeat(1_000_000);
    for (const command of [test.commands.deleteRule({ id }), test.commands.acknowledgeAlarm({ id })]) {
      await expect(command).rejects.toMatchObject({
        extensions: { code: 'BAD_USER_INPUT', faults: [{ path: ['input', 'id'], code: 'TOO_LONG' }] },
      });
    }
  });
});
