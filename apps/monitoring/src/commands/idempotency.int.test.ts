import { createLogger } from '@seguridad-abc/platform';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestLog, type TestLog } from '../testing/log.js';
import { validRule } from '../testing/rules.js';
import { forgetKeysRegularly } from './forget-keys.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

let test: TestLog;
beforeEach(() => void (test = openTestLog()));
afterEach(() => test.close());

const head = async () => (await test.log.read(0, 1)).head;
const conflict = { extensions: { code: 'CONFLICT', faults: [{ path: ['input', 'clientMutationId'] }] } };

describe('a command with a clientMutationId', () => {
  it('sent again gives the first answer again and does nothing, also after a restart', async () => {
    const input = { ...validRule(), clientMutationId: 'key-1' };
    const first = await test.commands.createRule(input);
    await test.commands.updateRule({ id: first.id, name: 'Changed since' });
    expect(await test.commands.createRule({ ...input })).toStrictEqual(first);
    await test.reopen();
    expect(await test.commands.createRule({ clientMutationId: 'key-1', ...validRule() })).toStrictEqual(
      first,
    );
    expect(await head()).toBe(2);
  });

  it('sent twice at once is done once', async () => {
    const send = () => test.commands.createRule({ ...validRule(), clientMutationId: 'key-1' });
    const [one, two] = await Promise.all([send(), send()]);
    expect(one).toStrictEqual(two);
    expect(await head()).toBe(1);
  });

  it('with another input or as another command is a conflict', async () => {
    const { id } = await test.commands.createRule({ ...validRule(), clientMutationId: 'key-1' });
    const other = { ...validRule({ name: 'Other' }), clientMutationId: 'key-1' };
    await expect(test.commands.createRule(other)).rejects.toMatchObject(conflict);
    await expect(test.commands.deleteRule({ id, clientMutationId: 'key-1' })).rejects.toMatchObject(conflict);
    expect(await head()).toBe(1);
  });

  it('also answers a second deletion, and a change that changed nothing', async () => {
    const { id, version } = await test.commands.createRule(validRule());
    const same = await test.commands.updateRule({ id, name: 'Shop door', clientMutationId: 'same' });
    expect(same.version).toBe(version);
    const remove = () => test.commands.deleteRule({ id, clientMutationId: 'remove' });
    expect(await remove()).toStrictEqual(await remove());
    expect(
      (await test.commands.updateRule({ id, name: 'Shop door', clientMutationId: 'same' })).version,
    ).toBe(version);
  });

  it('that was refused is judged anew', async () => {
    const input = { ...validRule({ name: '' }), clientMutationId: 'key-1' };
    await expect(test.commands.createRule(input)).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
    await test.commands.createRule({ ...validRule(), clientMutationId: 'key-1' });
  });

  it('is refused, with every other fault, where the key is none', async () => {
    const wrong = { ...validRule({ name: '' }), clientMutationId: 'x'.repeat(201) };
    await expect(test.commands.createRule(wrong)).rejects.toMatchObject({
      extensions: {
        faults: [{ path: ['input', 'clientMutationId'], code: 'TOO_LONG' }, { path: ['input', 'name'] }],
      },
    });
  });

  it('is known for 7 days, and forgotten then', async () => {
    const input = { ...validRule(), clientMutationId: 'key-1' };
    const { id, createdAt } = await test.commands.createRule(input);
    const forgetAt = async (ms: number) => {
      const now = new Date(Date.parse(createdAt) + ms).toISOString();
      const end = await forgetKeysRegularly(test.stores, () => now, createLogger('test', 'silent'));
      end();
    };
    await forgetAt(7 * DAY_MS - 1_000);
    expect((await test.commands.createRule(input)).id).toBe(id);
    await forgetAt(7 * DAY_MS + 1_000);
    await expect(test.commands.createRule(input)).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } });
  });

  it('is forgotten however many there are', async () => {
    const inputs = Array.from({ length: 2_001 }, (_, index) => ({
      ...validRule({ name: `Rule ${index}` }),
      clientMutationId: `key-${index}`,
    }));
    await Promise.all(inputs.map((input) => test.commands.createRule(input)));
    await test.stores.forgetKeys('9999-01-01T00:00:00.000Z');
    const again = await Promise.allSettled(inputs.map((input) => test.commands.createRule(input)));
    expect(new Set(again.map(({ status }) => status))).toStrictEqual(new Set(['rejected']));
  });
});
