import { expect, test } from 'vitest';
import type { Executor, ExecutorContext } from './executor.js';
import type { ClientAccess } from './shared/client-access.js';
import {
  createRecordingSubscriber,
  createTestExecutor,
  createTestSource,
  prepareNow,
} from './testing/test-executor.js';
import { createVaultFederation } from './testing/vault-federation.js';
import { waitUntil } from './testing/wait-until.js';

const federation = createVaultFederation();
const EVENT = { id: '1', name: 'Ada', email: 'ada@vault.test', card: '11' };
const SNAPSHOT = '{ id name email card }';

function setUp() {
  // Neither source depends on its caller: what subscribers may access alone decides whether they share.
  const changed = createTestSource({ dependsOnCaller: false, snapshot: SNAPSHOT });
  const secretChanged = createTestSource({ dependsOnCaller: false, snapshot: SNAPSHOT });
  const executor = createTestExecutor(
    federation,
    { changed, secretChanged },
    { authorization: { logErrors: false } },
  );
  return { executor, changed, secretChanged };
}

function subscribe(executor: Executor<ExecutorContext>, query: string, access?: ClientAccess) {
  const recording = createRecordingSubscriber();
  const prepared = prepareNow(executor, { query }, { access });
  if ('errors' in prepared) return { ...recording, rejected: prepared.errors };
  executor.subscribe(prepared, {}, recording.subscriber);
  return { ...recording, rejected: undefined };
}

const reader: ClientAccess = { isAuthenticated: true, scopes: new Set(['read:email']) };

test('a subscription field that the client may not access is rejected before its source is opened', () => {
  const { executor, secretChanged } = setUp();
  const query = 'subscription { s: secretChanged { name } }';
  expect(subscribe(executor, query).rejected).toMatchObject([
    { path: ['s'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } },
  ]);
  expect(secretChanged.receivedArguments).toHaveLength(0);
  expect(subscribe(executor, query, reader).rejected).toBeUndefined();
  expect(secretChanged.receivedArguments).toHaveLength(1);
});

test('each event is null where the subscriber may not access a field, though the source provides it', async () => {
  const { executor, changed } = setUp();
  const { results } = subscribe(executor, 'subscription { changed { name email } }');
  changed.push(EVENT);
  await waitUntil(() => results.length === 1);
  expect(results).toMatchObject([
    {
      data: { changed: { name: 'Ada', email: null } },
      errors: [{ path: ['changed', 'email'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }],
    },
  ]);
});

test('subscribers share a subscription only if they meet the same requirements', async () => {
  const { executor, changed } = setUp();
  const query = 'subscription { changed { name email } }';
  const subscriptions = [
    undefined,
    reader,
    { isAuthenticated: true },
    { ...reader, scopes: new Set(['read:email', 'other']) },
  ].map((access) => subscribe(executor, query, access));
  expect(changed.openStreamCount).toBe(2);
  changed.push(EVENT);
  await waitUntil(() => subscriptions.every(({ results }) => results.length === 1));
  expect(subscriptions.map(({ results }) => results[0]?.data)).toMatchObject(
    [null, 'ada@vault.test', null, 'ada@vault.test'].map((email) => ({ changed: { email } })),
  );
});

test('a reload ends subscriptions whose requirements change, because their subscribers may differ in them', async () => {
  const { executor, changed } = setUp();
  const named = subscribe(executor, 'subscription { changed { name } }');
  const mailed = subscribe(executor, 'subscription { changed { email } }', reader);
  await executor.reload(federation.supergraphSdl.replace(/(\n {2}name: String)\b(?!!)/, '$1 @authenticated'));
  expect((await named.ended).errors).toMatchObject([{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }]);
  changed.push(EVENT);
  await waitUntil(() => mailed.results.length === 1);
  expect(mailed.results).toMatchObject([{ data: { changed: { email: 'ada@vault.test' } } }]);
});

test('a subscription that a reload overtakes is judged by the new supergraph and its own client', async () => {
  const { executor, changed } = setUp();
  const prepared = [undefined, reader].map((access) =>
    prepareNow(executor, { query: 'subscription { changed { name } }' }, { access }),
  );
  await executor.reload(federation.supergraphSdl.replace(/(\n {2}name: String)\b(?!!)/, '$1 @authenticated'));
  const recordings = prepared.map((request) => {
    const recording = createRecordingSubscriber();
    if ('errors' in request) throw new Error('rejected');
    executor.subscribe(request, {}, recording.subscriber);
    return recording;
  });
  changed.push(EVENT);
  await waitUntil(() => recordings.every(({ results }) => results.length === 1));
  expect(recordings.map(({ results }) => results[0]?.data)).toStrictEqual([
    { changed: { name: null } },
    { changed: { name: 'Ada' } },
  ]);
});
