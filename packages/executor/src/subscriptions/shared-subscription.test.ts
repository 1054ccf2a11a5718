import type { FormattedExecutionResult } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import type { ExecutorContext } from '../executor.js';
import { createRecordingSubscriber, createTestExecutor, createTestSource } from '../testing/test-executor.js';
import { createThingsFederation } from '../testing/things-federation.js';
import type { SubscriptionSource } from './subscription-source.js';

const federation = createThingsFederation();
/** Beside the event one fetch is made for each execution. */
const FETCHES = 'subscription ($id: ID) { moved(id: $id) { id label } }';
const FETCHES_NOTHING = 'subscription ($id: ID) { moved(id: $id) { id name } }';

function setUp(options: Partial<SubscriptionSource<ExecutorContext>> = {}) {
  const source = createTestSource(options);
  const callers: unknown[] = [];
  const executor = createTestExecutor(
    federation,
    { moved: source },
    {
      // Says who asks, as a subgraph that answers each caller differently would.
      createDataSource: () => ({
        fetch(_request, { headers }) {
          const caller = headers?.['caller'];
          callers.push(caller);
          return Promise.resolve({
            data: { _entities: [{ __typename: 'Thing', label: `for ${caller ?? '?'}` }] },
          });
        },
      }),
    },
  );
  const subscribe = (
    caller: string | undefined,
    query = FETCHES,
    variables: Record<string, unknown> = {},
  ) => {
    const prepared = executor.prepare({ query, variables });
    if ('errors' in prepared) throw new Error(prepared.errors.join());
    const heard = createRecordingSubscriber();
    const context = {
      headers: () => (caller === undefined ? {} : { caller }) as Record<string, string>,
      authorisationKey: caller,
    };
    return { ...heard, ...executor.subscribe(prepared, context, heard.subscriber) };
  };
  return { source, executor, callers, subscribe };
}

const labels = (answers: readonly FormattedExecutionResult[]) =>
  answers.map(({ data }) => (data as { moved: { label: string } }).moved.label);
const event = { id: '1', name: 'a' };

describe('subscribers of one operation and authority', () => {
  test('share a source, an execution an event and its text', async () => {
    const { source, executor, callers, subscribe } = setUp();
    const heard = Array.from({ length: 100 }, () => subscribe('ana'));
    expect([executor.runningSubscriptions, source.openStreamCount]).toStrictEqual([100, 1]);
    source.push(event);
    source.push(event);
    await vi.waitFor(() => {
      for (const { results } of heard) expect(labels(results)).toStrictEqual(['for ana', 'for ana']);
    });
    expect(callers).toStrictEqual(['ana', 'ana']);
    expect(new Set(heard.flatMap(({ payloads }) => payloads)).size).toBe(2);
  });

  test('share them until the last has left, who takes over from the first', async () => {
    const { source, executor, subscribe } = setUp();
    const [first, second] = [subscribe('ana'), subscribe('ana')];
    first.unsubscribe();
    source.push(event);
    await vi.waitFor(() => expect(labels(second.results)).toStrictEqual(['for ana']));
    expect(first.results).toStrictEqual([]);
    second.unsubscribe();
    expect([executor.runningSubscriptions, source.openStreamCount]).toStrictEqual([0, 0]);
    subscribe('ana');
    expect([source.openStreamCount, source.receivedArguments.length]).toStrictEqual([1, 2]);
  });

  test.each([
    ['variables', FETCHES, { id: '2' }],
    ['a document', 'subscription Other($id: ID) { moved(id: $id) { label } }', {}],
  ])('do not share where %s differ', (_, query, variables) => {
    const { source, subscribe } = setUp();
    subscribe('ana');
    subscribe('ana', query, variables);
    expect(source.openStreamCount).toBe(2);
  });
});

describe('callers of another authority', () => {
  test('get what is theirs, and nothing of another, where something is fetched', async () => {
    const { source, callers, subscribe } = setUp({ dependsOnCaller: false });
    const heard = ['ana', 'ben', undefined, undefined].map((caller) => subscribe(caller));
    expect(source.openStreamCount).toBe(4);
    source.push(event);
    await vi.waitFor(() =>
      expect(heard.flatMap(({ results }) => labels(results))).toStrictEqual([
        'for ana',
        'for ben',
        'for ?',
        'for ?',
      ]),
    );
    expect(callers.sort()).toStrictEqual(['ana', 'ben', undefined, undefined]);
  });

  test('do not share a source that may look at them', () => {
    const { source, subscribe } = setUp();
    for (const caller of ['ana', 'ben', undefined, undefined]) subscribe(caller, FETCHES_NOTHING);
    expect(source.openStreamCount).toBe(4);
  });

  test('share where neither the source nor a fetch depends on them', async () => {
    const { source, subscribe, callers } = setUp({ dependsOnCaller: false });
    const heard = ['ana', 'ben', undefined].map((caller) => subscribe(caller, FETCHES_NOTHING));
    expect(source.openStreamCount).toBe(1);
    source.push(event);
    await vi.waitFor(() => {
      for (const { results } of heard) expect(results).toStrictEqual([{ data: { moved: event } }]);
    });
    expect(callers).toStrictEqual([]);
  });
});

test('the end of a source completes all, after what was told', async () => {
  const { source, subscribe, executor } = setUp();
  const heard = [subscribe('ana'), subscribe('ana')];
  source.push(event);
  source.end();
  expect(await Promise.all(heard.map(({ ended }) => ended))).toStrictEqual([{}, {}]);
  for (const { results } of heard) expect(results).toHaveLength(1);
  expect([executor.runningSubscriptions, source.openStreamCount]).toStrictEqual([0, 0]);
});

test('a source that fails ends all, and its fault is not told', async () => {
  const { subscribe, executor } = setUp();
  const failing = createTestExecutor(federation, {
    moved: {
      subscribe() {
        throw new Error('the password is wrong');
      },
    },
  });
  const prepared = failing.prepare({ query: FETCHES });
  if ('errors' in prepared) throw new Error();
  const heard = createRecordingSubscriber();
  failing.subscribe(prepared, {}, heard.subscriber);
  expect(await heard.ended).toMatchObject({
    errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  });
  expect(subscribe('ana').results).toStrictEqual([]);
  expect(executor.runningSubscriptions).toBe(1);
});

test('a source that never listens to its signal keeps nobody', async () => {
  const { executor } = setUp();
  const never = createTestExecutor(federation, {
    moved: {
      async *subscribe() {
        yield event;
        await new Promise(() => undefined);
      },
    },
  });
  const prepared = never.prepare({ query: FETCHES_NOTHING });
  if ('errors' in prepared) throw new Error();
  const heard = createRecordingSubscriber();
  const running = never.subscribe(prepared, {}, heard.subscriber);
  await vi.waitFor(() => expect(heard.results).toHaveLength(1));
  running.unsubscribe();
  expect([never.runningSubscriptions, executor.runningSubscriptions]).toStrictEqual([0, 0]);
});
