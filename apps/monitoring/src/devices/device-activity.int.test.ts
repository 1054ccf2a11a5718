import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../testing/test-clock.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

const START = '2026-01-31T08:00:00.000Z';
const LATER = '2026-01-31T08:00:59.999Z';

let clock: TestClock;
let test: TestStorage;
let id: string;
const statements: string[] = [];
beforeEach(async () => {
  clock = createTestClock(START);
  test = await openTestStorage({
    now: clock.now,
    onStatement: (statement) => void statements.push(statement),
  });
  id = (await test.commands.registerDevice({ userId: 'ana', name: 'Sensor' })).device.id;
  statements.length = 0;
});
afterEach(() => test.close());

const device = () => ({ id, userId: 'ana' });
const find = async () => (await test.storage.deviceActivity.find([id])).get(id);
const request = (signedAt: number) => ({ deviceId: id, signedAt, bodyHash: 'hash' });
/** Resolves when the transaction that is pending has been committed. */
const commit = () => test.commands.registerDevice({ userId: 'ben', name: 'Other' });
const countWrites = () => statements.filter((text) => /^update "devices"/i.test(text)).length;

it('a device that was never seen has no activity', async () => {
  expect(await find()).toStrictEqual({ lastSeenAt: null, repeatedRequests: 0 });
  expect((await test.storage.deviceActivity.find(['unknown'])).size).toBe(0);
});

it('the last request is known at once, and written once a minute', async () => {
  const { deviceActivity } = test.storage;
  deviceActivity.recordRequest(device());
  clock.set(LATER);
  deviceActivity.recordRequest(device());
  expect((await find())?.lastSeenAt).toBe(LATER);
  await commit();
  expect(countWrites()).toBe(1);
  clock.advance(1);
  deviceActivity.recordRequest(device());
  await commit();
  expect(countWrites()).toBe(2);
});

it('the activity of at most a minute is lost if the process is killed', async () => {
  test.storage.deviceActivity.recordRequest(device());
  clock.set(LATER);
  test.storage.deviceActivity.recordRequest(device());
  await commit();
  await test.reopen();
  expect((await find())?.lastSeenAt).toBe(START);
});

it('a regular stop writes everything', async () => {
  test.storage.deviceActivity.recordSignedRequest(request(1), 'ana');
  clock.set(LATER);
  test.storage.deviceActivity.recordSignedRequest(request(1), 'ana');
  await test.storage.deviceActivity.flush();
  await test.storage.deviceActivity.flush();
  await test.reopen();
  expect(await find()).toStrictEqual({ lastSeenAt: LATER, repeatedRequests: 1 });
});

it('counts the repetitions of each signed request', async () => {
  const { deviceActivity } = test.storage;
  for (const signedAt of [1, 1, 2, 1]) deviceActivity.recordSignedRequest(request(signedAt), 'ana');
  deviceActivity.recordSignedRequest({ ...request(1), bodyHash: 'other' }, 'ana');
  deviceActivity.recordSignedRequest({ ...request(1), deviceId: 'other' }, 'ana');
  expect((await find())?.repeatedRequests).toBe(2);
});

it('a revocation keeps the activity', async () => {
  test.storage.deviceActivity.recordRequest(device());
  await commit();
  await test.commands.revokeDevice({ id });
  await test.reopen();
  expect((await find())?.lastSeenAt).toBe(START);
});
