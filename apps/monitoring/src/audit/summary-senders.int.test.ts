import { auditQuerySchema, type AuditSummary } from '@seguridad-abc/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';

const AT = '2026-01-31T08:00:00.000Z';
const SENDER = '5a3c1cb8-2f0c-4a2c-9a52-8a3c0d9d7a10';
const OTHER_SENDER = '0b9a7f7e-6c11-4c0e-a1a5-3f8f6f1f6a11';

let now = AT;
let storage: TestStorage;
beforeEach(async () => {
  now = AT;
  storage = await openTestStorage({ now: () => now });
});
afterEach(() => storage.close());

const createSummary = (actor: string): AuditSummary => ({
  action: 'viewer',
  outcome: 'FORBIDDEN',
  role: 'customer',
  actor,
  address: '192.0.2.1',
  userId: null,
  subject: null,
  count: 1,
  firstAt: AT,
  lastAt: AT,
});
const send = (actor: string, batch: number | undefined, sender = SENDER) =>
  storage.storage.appendSummaries(
    [createSummary(actor)],
    batch === undefined ? undefined : { sender, batch },
  );
const readActors = async () => {
  const query = auditQuerySchema.parse({ order: 'ascending' });
  const { entries } = await storage.storage.auditTrail.readPage(query);
  return entries.map(({ actor }) => actor?.id);
};

test('a batch that is repeated, also after later ones or at the same time, is stored once', async () => {
  await Promise.all([send('ana', 1), send('ana', 1)]);
  await send('bea', 2);
  await send('ana', 1);
  await send('carla', 1, OTHER_SENDER);
  await send('bea', 2);
  expect(await readActors()).toStrictEqual(['ana', 'bea', 'carla']);
  await storage.reopen();
  await send('bea', 2);
  await send('dora', 3);
  expect(await readActors()).toStrictEqual(['ana', 'bea', 'carla', 'dora']);
});

test('batches without an id are all stored', async () => {
  await send('ana', undefined);
  await send('ana', undefined);
  expect(await readActors()).toStrictEqual(['ana', 'ana']);
});

test('senders are forgotten after a time', async () => {
  await send('ana', 1);
  now = '2026-02-09T08:00:00.000Z';
  await send('bea', 1, OTHER_SENDER);
  await storage.storage.deleteKeysBefore('2026-02-08T08:00:00.000Z');
  expect(await storage.reader.select().from(storage.tables.summarySenders)).toStrictEqual([
    { id: OTHER_SENDER, lastBatch: 1, at: now },
  ]);
});
