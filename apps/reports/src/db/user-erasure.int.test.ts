import { createUserPseudonym } from '@seguridad-abc/platform';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

const SALT = 'salt';
const createErasure = (userId: string, position: number) => ({
  position,
  pseudonym: createUserPseudonym(SALT, userId),
  salt: SALT,
});

/** Erases until nothing is left. @returns the number of transactions */
async function erase(userId: string, position: number): Promise<number> {
  let transactions = 1;
  while (await model.store.eraseSome(createErasure(userId, position))) transactions += 1;
  return transactions;
}

const createOpening = (userId: string) => ({
  userId,
  name: 'Door',
  state: null,
  since: null,
  changedPosition: 1,
});
const countRules = (userId: string) => model.createQueries().rules.list({ filter: { userId } });

test('an erasure removes the records of its user and of no other', async () => {
  await model.write({ openings: ['ana', 'bea'].map(createOpening) });
  await model.addRule({ userId: 'ana' });
  await model.addRule({ userId: 'bea', name: 'Other' });
  await erase('ana', 1_000);
  expect(await countRules('ana').totalCount()).toBe(0);
  expect(await countRules('bea').totalCount()).toBe(1);
  // Repeated after a restart, it changes nothing.
  await erase('ana', 1_000);
  expect(await countRules('bea').totalCount()).toBe(1);
});

test('one transaction searches a limited number of users', async () => {
  const userIds = Array.from({ length: 4_500 }, (_, index) => `user ${String(index).padStart(5, '0')}`);
  await model.write({ openings: [...userIds, 'zoe'].map(createOpening) });
  await model.addRule({ userId: 'zoe' });
  expect(await erase('zoe', 1_000)).toBe(3);
  expect(await countRules('zoe').totalCount()).toBe(0);
  expect(await erase('nobody', 1_000)).toBe(3);
});
