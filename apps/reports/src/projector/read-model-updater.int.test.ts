import { Redis } from 'ioredis';
import { DEFAULT_REDIS_NAMES } from '@seguridad-abc/contracts';
import { recordLogs, recordSpans } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProjectionStore } from '../db/projection-store.js';
import { buildLog, buildRuleCreated } from '../testing/log-entries.js';
import { openTestReadModel, type TestReadModel } from '../testing/test-read-model.js';
import { createChangePublisher, createReadModelUpdater, type PublishChanges } from './read-model-updater.js';

let model: TestReadModel;
beforeEach(() => void (model = openTestReadModel()));
afterEach(() => model.close());

async function createUpdater(
  store: ProjectionStore = model.store,
  setAsideLimits = { entries: 2, bytes: 1_000 },
  publish: PublishChanges = () => Promise.resolve(),
) {
  const updater = createReadModelUpdater({
    store,
    onCommitted: () => undefined,
    publish,
    logger: recordLogs().logger,
    retryDelaysMs: [],
    setAsideLimits,
  });
  await updater.load();
  return updater;
}

const song = { type: 'RuleSung', version: 1, data: {} };
const end = (position: number) => ({ logId: 'log-1', position });

test('the projection waits if too many entries are set aside, and goes on when some are dropped', async () => {
  const updater = await createUpdater();
  const log = buildLog([song, buildRuleCreated({ id: 'a' }), song, song, buildRuleCreated({ id: 'b' })]);
  await updater.apply(log.slice(0, 3), end(3));
  await expect(updater.apply(log.slice(3), end(5))).rejects.toMatchObject({
    kind: 'waiting',
    message: expect.stringMatching(
      /^2 log entries are set aside, and no more are; npm run dead-letters/,
    ) as string,
  });
  expect(updater.checkpoint.position).toBe(3);
  await updater.dropSetAside([1]);
  await updater.apply(log.slice(3), end(5));
  expect(updater.setAside).toMatchObject({ count: 2, first: 3 });
  expect((await model.repositories.rules.findByIds(['a', 'b'])).size).toBe(2);
});

test('entries are not set aside beyond the size limit', async () => {
  const updater = await createUpdater(model.store, { entries: 100, bytes: 500 });
  const large = { ...song, data: { verse: 'la'.repeat(300) } };
  const log = buildLog([large, large]);
  await updater.apply(log.slice(0, 1), end(1));
  await expect(updater.apply(log.slice(1), end(2))).rejects.toThrow('no more are');
});

test('a full disk sets no entry aside: the projection fails, and goes on later', async () => {
  let isFull = true;
  const updater = await createUpdater({
    ...model.store,
    commit: (changes) =>
      isFull
        ? Promise.reject(Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' }))
        : model.store.commit(changes),
  });
  const log = buildLog([buildRuleCreated({ id: 'a' }), buildRuleCreated({ id: 'b' })]);
  await expect(updater.apply(log, end(2))).rejects.toThrow('disk is full');
  isFull = false;
  await updater.apply(log, end(2));
  expect(updater.setAside.count).toBe(0);
  expect((await model.repositories.rules.findByIds(['a', 'b'])).size).toBe(2);
});

test('the entries of a commit have one span, which leads to the messages of their changes', async () => {
  const { tracing, spans } = recordSpans();
  const published: unknown[] = [];
  const pubsub = {
    publish: (_channel: string, message: unknown) => Promise.resolve(void published.push(message)),
    publisher: new Redis({ lazyConnect: true }),
    names: DEFAULT_REDIS_NAMES,
  };
  const updater = createReadModelUpdater({
    store: model.store,
    onCommitted: () => undefined,
    publish: createChangePublisher(pubsub, { tracing }).publish,
    tracing,
    logger: recordLogs().logger,
  });
  await updater.load();
  const [first, second, third] = buildLog(['a', 'b', 'c'].map((id) => buildRuleCreated({ id })));
  if (!first || !second || !third) throw new Error('The log is too short.');
  const entries = [{ ...first, traceparent: 'commit' }, { ...second, traceparent: 'commit' }, third];
  await updater.apply(entries, end(3));
  const [projection, ...publications] = spans;
  expect(projection).toMatchObject({
    name: 'process seguridad:log',
    kind: 'consumer',
    parent: { traceparent: 'commit' },
    attributes: { 'messaging.batch.message_count': 2, 'seguridad.log.position': 1 },
    hasEnded: true,
  });
  const parent = { traceparent: projection?.span.headers['traceparent'] };
  const name = 'publish seguridad:rule-changes';
  expect(publications).toMatchObject([
    { name, parent, hasEnded: true },
    { name, parent, hasEnded: true },
  ]);
  expect(published).toMatchObject([
    { position: 1, traceparent: publications[0]?.span.headers['traceparent'] },
    { position: 2, traceparent: publications[1]?.span.headers['traceparent'] },
    { position: 3, rule: { id: 'c' } },
  ]);
  expect(published[2]).not.toHaveProperty('traceparent');
});

test('changes that are committed are published although the work after the commit fails', async () => {
  const published: number[] = [];
  let isBroken = false;
  const summarizeSetAside = () =>
    isBroken ? Promise.reject(new Error('broken')) : model.store.summarizeSetAside();
  const updater = await createUpdater({ ...model.store, summarizeSetAside }, undefined, ({ rules }) => {
    published.push(...rules.map(({ position }) => position));
    return Promise.resolve();
  });
  isBroken = true;
  const log = buildLog([buildRuleCreated({ id: 'a' }), song]);
  await expect(updater.apply(log, end(2))).rejects.toThrow('broken');
  expect(updater.checkpoint.position).toBe(2);
  expect(published).toEqual([1]);
});
