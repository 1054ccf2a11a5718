import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { composeSharedSupergraph, sharedSupergraphDocuments } from '../tests/hostile/hostile-documents.mjs';
import type { Executor, ExecutorContext } from './executor.js';
import type { GraphQLRequest, PreparedRequest, RejectedRequest } from './operations/request-preparer.js';
import {
  collectSubscriptionResults,
  createFiniteSource,
  createTestExecutor,
  silentLogger,
} from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';
import { createVaultFederation } from './testing/vault-federation.js';

const federation = createThingsFederation();
const sharedFederation = { ...federation, supergraphSdl: composeSharedSupergraph() };
const [hostile, otherHostile] = sharedSupergraphDocuments.slice(1);
/** Takes many times as long to plan as {@link hostile}: a time limit below it leaves other operations enough time. */
const mostHostile = repeatRootField(hostile!.query, 240);

/** The first aliased field of a query, many times. */
function repeatRootField(query: string, count: number): string {
  const [, field = ''] = /t0: (.*?) t1:/.exec(query) ?? [];
  return `{ ${Array.from({ length: count }, (_, index) => `t${String(index)}: ${field}`).join(' ')} }`;
}

/** The worker threads that this test has started, and their first messages: they are ready. */
const workers: Worker[] = [];
const readiness: Promise<unknown>[] = [];
function recordWorker(message: unknown): void {
  const { worker } = message as { worker: Worker };
  workers.push(worker);
  readiness.push(once(worker, 'message').catch(() => undefined));
}
beforeAll(() => subscribe('worker_threads', recordWorker));
afterAll(() => unsubscribe('worker_threads', recordWorker));

const executors: Executor<ExecutorContext>[] = [];
/** Creates an executor with one planning worker and its spare. */
function createPlanningExecutor(
  options: Parameters<typeof createTestExecutor>[2] = {},
  testFederation = federation,
): Executor<ExecutorContext> {
  const source = createFiniteSource({ id: '1', name: 'a' });
  const executor = createTestExecutor(
    testFederation,
    { moved: { ...source, snapshot: '{ id name }' } },
    { planWorkers: 1, planTimeoutMs: 60_000, ...options },
  );
  executors.push(executor);
  return executor;
}
afterEach(async () => {
  await Promise.all(executors.splice(0).map((executor) => executor.close()));
  // A worker that has ended has no thread.
  readiness.length = 0;
  expect(
    workers
      .splice(0)
      .map(({ threadId }) => threadId)
      .filter((id) => id !== -1),
  ).toEqual([]);
});

/** Resolves when the executor has its spare worker too. */
async function waitForSpare(): Promise<void> {
  await vi.waitFor(() => expect(workers).toHaveLength(2), 60_000);
  await Promise.all(readiness);
}
const getCode = (prepared: PreparedRequest | RejectedRequest) =>
  'errors' in prepared ? prepared.errors[0]?.extensions['code'] : 'prepared';

test('a worker plans the same fetches as the calling thread', { timeout: 120_000 }, async () => {
  const executor = createPlanningExecutor();
  const local = createTestExecutor(federation, {
    moved: { ...createFiniteSource(), snapshot: '{ id name }' },
  });
  const requests: GraphQLRequest[] = [
    { query: '{ thing { id representations: name } }' },
    { query: 'query ($a: Boolean!) { thing { id name @include(if: $a) } }', variables: { a: false } },
    { query: 'subscription { moved { id name } }' },
    { query: 'query A { thing { id } } query B { thing { name } }', operationName: 'B' },
  ];
  for (const request of requests) {
    const [planned, expected] = [await executor.prepare(request), await local.prepare(request)];
    if ('errors' in planned || 'errors' in expected) throw new Error(JSON.stringify([planned, expected]));
    expect(JSON.stringify(planned.compiledOperation.stages)).toBe(
      JSON.stringify(expected.compiledOperation.stages),
    );
    expect(planned.subscriptionPlan?.sourceEvent?.document).toEqual(
      expected.subscriptionPlan?.sourceEvent?.document,
    );
  }
});

test.runIf(process.platform === 'linux')('a worker has a lower priority than the main thread', async () => {
  const executor = createPlanningExecutor();
  await executor.ready;
  const nicenesses = readdirSync('/proc/self/task').map((id) => getPriority(Number(id)));
  expect(nicenesses).toContain(Math.min(getPriority() + 5, constants.priority.PRIORITY_LOW));
});

test(
  'a known operation is prepared at once, and equal new ones are planned once',
  { timeout: 120_000 },
  async () => {
    const executor = createPlanningExecutor({ maxQueuedPlans: 1 });
    const request = { query: '{ thing { id } }' };
    // Only one operation may wait: the second one must share its plan.
    const [first, second] = [executor.prepare(request), executor.prepare(request)];
    expect([first, second].map((prepared) => prepared instanceof Promise)).toEqual([true, true]);
    expect(getCode(await first)).toBe('prepared');
    expect(getCode(await second)).toBe('prepared');
    expect(executor.prepare(request)).not.toBeInstanceOf(Promise);
    const subscription = 'subscription { moved { id } }';
    await executor.prepare({ query: subscription });
    expect(await collectSubscriptionResults(executor, subscription)).toEqual([
      { data: { moved: { id: '1' } } },
    ]);
  },
);

test(
  'planning that takes too long is stopped and remembered; the spare worker goes on',
  { timeout: 120_000 },
  async () => {
    const warn = vi.fn();
    const executor = createPlanningExecutor(
      // Less than the large operation takes, and enough for the small one while another worker loads.
      { planTimeoutMs: 500, logger: { ...silentLogger, warn } },
      sharedFederation,
    );
    await waitForSpare();
    expect(getCode(await executor.prepare({ query: mostHostile }))).toBe('OPERATION_TOO_COMPLEX');
    expect(getCode(await executor.prepare({ query: mostHostile }))).toBe('OPERATION_TOO_COMPLEX');
    expect(warn).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(workers[0]!.threadId).toBe(-1), 60_000);
    // The spare plans it: the worker that replaces the stopped one is not loaded yet.
    expect(getCode(await executor.prepare({ query: '{ thing { id } }' }))).toBe('prepared');
  },
);

test('a slow plan of one caller does not delay another caller', { timeout: 120_000 }, async () => {
  const executor = createPlanningExecutor({ maxQueuedPlansPerCaller: 1 }, sharedFederation);
  await waitForSpare();
  const slow = executor.prepare({ query: hostile!.query }, { fairnessKey: 'a' });
  const waiting = executor.prepare({ query: otherHostile!.query }, { fairnessKey: 'a' });
  expect(getCode(await executor.prepare({ query: '{ thing { a } }' }, { fairnessKey: 'a' }))).toBe(
    'OVERLOADED',
  );
  const order: string[] = [];
  const record = (name: string, prepared: ReturnType<typeof executor.prepare>) =>
    Promise.resolve(prepared).then(() => order.push(name));
  await Promise.all([
    record('slow', slow),
    record('waiting', waiting),
    record('other', executor.prepare({ query: '{ thing { b } }' }, { fairnessKey: 'b' })),
  ]);
  expect(order[0]).toBe('other');
});

test('a reload has its own workers, and ends the old ones', { timeout: 120_000 }, async () => {
  const executor = createPlanningExecutor();
  await waitForSpare();
  const old = [...workers];
  const ended = old.map((worker) => once(worker, 'exit'));
  await executor.reload(`${federation.supergraphSdl}\n# changed`);
  await Promise.all(ended);
  expect(getCode(await executor.prepare({ query: '{ thing { id } }' }))).toBe('prepared');
});

test('operations that wait when the executor closes are rejected', { timeout: 120_000 }, async () => {
  const executor = createPlanningExecutor();
  const waiting = executor.prepare({ query: '{ thing { id } }' });
  await executor.close();
  expect(getCode(await waiting)).toBe('SERVER_SHUTTING_DOWN');
  await expect(executor.ready).rejects.toThrow('shutting down');
});

test('a worker that cannot start makes the executor fail with the reason', { timeout: 120_000 }, async () => {
  const executor = createPlanningExecutor({ maxEvaluatedPlans: -1 });
  const waiting = executor.prepare({ query: '{ thing { id } }' });
  await expect(executor.ready).rejects.toThrow(/planning worker cannot be started: .*maxEvaluatedPlans/);
  expect(getCode(await waiting)).toBe('INTERNAL_SERVER_ERROR');
});

test('a worker plans nothing that the client may not access, and equal plans are shared', async () => {
  const vault = createVaultFederation();
  const executor = createPlanningExecutor({ authorization: { logErrors: false } }, vault);
  const query = '{ open inside me { name email balance debt } }';
  const clients = [undefined, undefined, { isAuthenticated: true, scopes: new Set(['read:email']) }];
  const results = await Promise.all(
    clients.map(async (access) => {
      const prepared = await executor.prepare({ query }, { access });
      if ('errors' in prepared) throw new AggregateError(prepared.errors);
      return { plan: prepared.queryPlan, data: (await executor.execute(prepared, {})).data };
    }),
  );
  const [anonymous, another, reader] = results;
  expect(anonymous?.data).toStrictEqual({
    open: 'o',
    inside: null,
    me: { name: 'Ada', email: null, balance: 10, debt: null },
  });
  expect(reader?.data).toStrictEqual({
    open: 'o',
    inside: 'i',
    me: { name: 'Ada', email: 'ada@vault.test', balance: 10, debt: 3 },
  });
  expect(another?.plan).toBe(anonymous?.plan);
  expect(JSON.stringify(anonymous?.plan)).not.toMatch(/inside|email|debt/);
});
