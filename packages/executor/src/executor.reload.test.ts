import { Supergraph } from '@apollo/federation-internals';
import { describe, expect, test, vi } from 'vitest';
import type { SubgraphResponse } from './data-sources/data-source.js';
import type { SubscriptionSource } from './subscriptions/subscription-source.js';
import type { ExecutorContext } from './executor.js';
import { createTestFederation } from './testing/test-federation.js';
import {
  createRecordingSubscriber,
  createTestExecutor,
  createTestSource,
  silentLogger,
  prepareNow,
} from './testing/test-executor.js';
import { waitForAssertion } from './testing/wait-for-assertion.js';

/** Creates a version of a federation: `price` belongs to one of the two subgraphs, and `note` is an additional field. */
const createVersion = ({ price = 'things', note = '' } = {}) =>
  createTestFederation({
    things: {
      typeDefs: `
        type Thing @key(fields: "id") { id: ID! name: String ${price === 'things' ? 'price: Int' : ''} ${note} }
        type Query { thing: Thing }
        type Subscription { moved(id: ID): Thing ${note && 'noted: Int'} }
      `,
    },
    prices: {
      typeDefs: `
        type Thing @key(fields: "id") { id: ID! stock: Int ${price === 'prices' ? 'price: Int' : ''} }
        type Query { prices: Int }
      `,
      resolvers: { Thing: { price: () => 5, stock: () => 7 } },
    },
  });

function setUp(options: Partial<SubscriptionSource<ExecutorContext>> = {}, first = createVersion()) {
  const moved = createTestSource(options);
  const createdDataSources: string[] = [];
  const executor = createTestExecutor(
    first,
    { moved },
    {
      createDataSource: (subgraph) => (
        createdDataSources.push(subgraph.name),
        createVersion({ price: 'prices' }).dataSource(subgraph)
      ),
    },
  );
  const subscribe = (query: string, authorizationKey?: string) => {
    const prepared = prepareNow(executor, { query });
    if ('errors' in prepared) throw new Error(prepared.errors.join());
    const recording = createRecordingSubscriber();
    return { ...recording, ...executor.subscribe(prepared, { authorizationKey }, recording.subscriber) };
  };
  return { executor, moved, createdDataSources, subscribe };
}

const event = { id: '1', name: 'a', price: 1 };

describe('reload', () => {
  test('serves the new supergraph and continues subscriptions with new plans', async () => {
    const { executor, moved, subscribe } = setUp();
    const recording = subscribe('subscription { moved { name price } }', 'ana');
    expect(executor.prepare({ query: '{ thing { note } }' })).toHaveProperty('errors');
    await executor.reload(createVersion({ price: 'prices', note: 'note: Int' }).supergraphSdl);
    expect(executor.prepare({ query: '{ thing { note } }' })).not.toHaveProperty('errors');
    expect(executor.schema.getSubscriptionType()?.getFields()).toHaveProperty('noted');
    moved.push(event);
    await waitForAssertion(() =>
      expect(recording.results).toStrictEqual([{ data: { moved: { name: 'a', price: 5 } } }]),
    );
    // The stream was not opened again.
    expect([moved.receivedArguments.length, moved.openStreamCount]).toStrictEqual([1, 1]);
  });

  test('ends subscriptions that do not fit the new supergraph', async () => {
    const { executor, moved, subscribe } = setUp({}, createVersion({ note: 'note: Int' }));
    const [fitting, unfitting] = [
      subscribe('subscription { moved { name } }'),
      subscribe('subscription { moved { note } }'),
    ];
    await executor.reload(createVersion().supergraphSdl);
    expect(await unfitting.ended).toMatchObject({
      errors: [{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }],
    });
    expect([executor.runningSubscriptionCount, moved.openStreamCount]).toStrictEqual([1, 1]);
    moved.push(event);
    await waitForAssertion(() => expect(fitting.results).toHaveLength(1));
  });

  test('ends shared subscriptions that depend on the caller in the new supergraph', async () => {
    const { executor, subscribe } = setUp({ dependsOnCaller: false });
    const query = 'subscription { moved { price } }';
    const shared = [subscribe(query, 'ana'), subscribe(query, 'ben')];
    await executor.reload(createVersion({ price: 'prices' }).supergraphSdl);
    for (const { ended } of shared) {
      expect(await ended).toMatchObject({ errors: [{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }] });
    }
  });

  test('keeps the data sources of subgraphs with unchanged URLs', async () => {
    const { executor, createdDataSources } = setUp();
    const before = { ...executor.dataSources };
    await executor.reload(
      createVersion().supergraphSdl.replaceAll('http://prices.test', 'http://elsewhere.test'),
    );
    expect(executor.dataSources['things']).toBe(before['things']);
    expect(executor.dataSources['prices']).not.toBe(before['prices']);
    expect(createdDataSources).toStrictEqual(['prices', 'things', 'prices']);
  });

  test('logs each served supergraph, with its subgraphs and how long it took', async () => {
    const info = vi.fn();
    const executor = createTestExecutor(createVersion(), {}, { logger: { ...silentLogger, info } });
    await executor.reload(createVersion({ note: 'note: Int' }).supergraphSdl);
    const details = { subgraphs: ['prices', 'things'], durationMs: expect.any(Number) as number };
    expect(info.mock.calls).toEqual([
      [details, 'the supergraph is served'],
      [details, 'a new supergraph is served'],
    ]);
    await executor.close();
  });

  test('plans recently used operations before it serves the new supergraph', async () => {
    const { executor } = setUp();
    const query = '{ thing { id } }';
    const prepared = () => {
      const request = prepareNow(executor, { query });
      return 'errors' in request ? undefined : request.operation;
    };
    const first = prepared();
    await executor.reload(createVersion({ note: 'note: Int' }).supergraphSdl);
    const second = prepared();
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
    expect(prepared()).toBe(second);
  });

  test.each([['nonsense'], ['type Query { a: Int }'], ['']])(
    'rejects an invalid supergraph and keeps the present one: %j',
    async (sdl) => {
      const { executor, moved, subscribe } = setUp();
      const recording = subscribe('subscription { moved { name } }');
      const { schema } = executor;
      await expect(executor.reload(sdl)).rejects.toThrow();
      expect(executor.schema).toBe(schema);
      moved.push(event);
      await waitForAssertion(() => expect(recording.results).toHaveLength(1));
    },
  );

  test('serves the supergraph of the last call', async () => {
    const { executor } = setUp();
    await Promise.all(
      ['a', 'b', 'c'].map((name) => executor.reload(createVersion({ note: `${name}: Int` }).supergraphSdl)),
    );
    expect(executor.prepare({ query: '{ thing { c } }' })).not.toHaveProperty('errors');
  });

  test('prepares a request again that was prepared before it', async () => {
    const { executor, moved } = setUp();
    const prepared = prepareNow(executor, { query: 'subscription { moved { price } }' });
    if ('errors' in prepared) throw new Error();
    await executor.reload(createVersion({ price: 'prices' }).supergraphSdl);
    const recording = createRecordingSubscriber();
    executor.subscribe(prepared, {}, recording.subscriber);
    moved.push(event);
    await waitForAssertion(() =>
      expect(recording.results).toStrictEqual([{ data: { moved: { price: 5 } } }]),
    );
  });

  test('builds the supergraph once', async () => {
    const federation = createVersion();
    const nextSdl = createVersion({ note: 'note: Int' }).supergraphSdl;
    const build = vi.spyOn(Supergraph, 'build');
    const executor = createTestExecutor(federation, { moved: createTestSource() });
    expect(build).toHaveBeenCalledTimes(1);
    await executor.reload(nextSdl);
    expect(build).toHaveBeenCalledTimes(2);
    build.mockRestore();
  });
});

describe('a reload that fails', () => {
  const createAttempt = (note: string) =>
    createVersion({ note: `${note}: Int` }).supergraphSdl.replaceAll(
      'http://prices.test',
      `http://${note}.test`,
    );

  /** The first attempt to plan recent operations fails. */
  function setUpFailingWarmUp() {
    const closed: string[] = [];
    const loggedMessages: unknown[] = [];
    let failureCount = 1;
    const maxWarmedOperations = {
      valueOf() {
        if (failureCount-- > 0) throw new Error('No operations.');
        return 100;
      },
    };
    const executor = createTestExecutor(
      createVersion(),
      {},
      {
        maxWarmedOperations: maxWarmedOperations as unknown as number,
        logger: { ...silentLogger, error: (...args: unknown[]) => void loggedMessages.push(args[1]) },
        createDataSource: ({ url }) => ({
          fetch: () => Promise.resolve({ data: null }),
          close: () => Promise.resolve(void closed.push(new URL(url).hostname)),
        }),
      },
    );
    return { executor, closed, loggedMessages };
  }

  test('before the supergraph is served closes its data sources, and can be repeated', async () => {
    const { executor, closed, loggedMessages } = setUpFailingWarmUp();
    const attempt = createAttempt('a');
    await expect(executor.reload(attempt)).rejects.toThrow('No operations.');
    expect(loggedMessages).toEqual(['the reload failed; the previous supergraph is still served']);
    expect(executor.prepare({ query: '{ thing { a } }' })).toHaveProperty('errors');
    expect(closed).toEqual(['a.test']);
    await executor.reload(attempt);
    expect(executor.prepare({ query: '{ thing { a } }' })).not.toHaveProperty('errors');
    expect(closed).toEqual(['a.test', 'prices.test']);
    await executor.close();
    expect(closed.toSorted()).toEqual(['a.test', 'a.test', 'prices.test', 'things.test']);
  });

  test('closes no data source that the next reload uses', async () => {
    const { executor, closed } = setUpFailingWarmUp();
    const failing = executor.reload(createAttempt('a'));
    const next = executor.reload(createAttempt('a').replaceAll('a: Int', 'b: Int'));
    await expect(failing).rejects.toThrow('No operations.');
    await next;
    expect(executor.prepare({ query: '{ thing { b } }' })).not.toHaveProperty('errors');
    expect(closed).toEqual(['prices.test']);
  });

  test('because subscriptions cannot be moved closes the replaced data sources', async () => {
    const closed: string[] = [];
    const moved = createTestSource();
    const executor = createTestExecutor(
      createVersion({ note: 'note: Int' }),
      { moved },
      {
        formatError: () => {
          throw new Error('No format.');
        },
        createDataSource: ({ url }) => ({
          fetch: () => Promise.resolve({ data: null }),
          close: () => Promise.resolve(void closed.push(new URL(url).hostname)),
        }),
      },
    );
    const prepared = prepareNow(executor, { query: 'subscription { moved { note } }' });
    if ('errors' in prepared) throw new Error(prepared.errors.join());
    const subscription = executor.subscribe(prepared, {}, createRecordingSubscriber().subscriber);
    const movedSdl = createVersion().supergraphSdl.replaceAll('http://prices.test', 'http://new.test');
    await expect(executor.reload(movedSdl)).rejects.toThrow('No format.');
    expect(executor.supergraphSdl).toBe(movedSdl);
    expect(closed).toEqual(['prices.test']);
    subscription.unsubscribe();
  });
});

describe('a data source that a reload replaces', () => {
  const movePrices = (path: string) =>
    createVersion().supergraphSdl.replaceAll('http://prices.test', `http://prices.test/${path}`);

  /** The data sources respond when the test lets them, and record that they are closed. */
  function setUpSlowPrices() {
    const closed: string[] = [];
    const respond: (() => void)[] = [];
    const response: SubgraphResponse = { data: { prices: 1 } };
    const executor = createTestExecutor(
      createVersion(),
      {},
      {
        createDataSource: ({ url }) => ({
          fetch: () => new Promise((resolve) => respond.push(() => resolve(structuredClone(response)))),
          close: () => {
            closed.push(new URL(url).pathname);
            return Promise.resolve();
          },
        }),
      },
    );
    const prepare = () => {
      const prepared = prepareNow(executor, { query: '{ prices }' });
      if ('errors' in prepared) throw new Error(prepared.errors.join());
      return prepared;
    };
    return { executor, prepare, closed, respond };
  }

  test('is closed at once if no operation uses it', async () => {
    const { executor, closed } = setUpSlowPrices();
    await executor.reload(movePrices('second'));
    expect(closed).toStrictEqual(['/graphql']);
    await executor.close();
    expect(closed.toSorted()).toStrictEqual(['/graphql', '/graphql', '/second/graphql']);
  });

  test('is closed after the last operation of its supergraph', async () => {
    const { executor, prepare, closed, respond } = setUpSlowPrices();
    const running = executor.execute(prepare(), {});
    await waitForAssertion(() => expect(respond).toHaveLength(1));
    await executor.reload(movePrices('second'));
    await executor.reload(movePrices('third'));
    // The second version was never used. Operations of the first one may still use all their data sources.
    expect(closed).toStrictEqual(['/second/graphql']);
    respond[0]?.();
    expect(await running).toStrictEqual({ data: { prices: 1 } });
    await waitForAssertion(() => expect(closed).toStrictEqual(['/second/graphql', '/graphql']));
  });

  test('is not used by a request that was prepared before', async () => {
    const { executor, prepare, respond } = setUpSlowPrices();
    const prepared = prepare();
    const { prices } = executor.dataSources;
    await executor.reload(movePrices('second'));
    const fetchFromClosed = vi.spyOn(prices!, 'fetch');
    const running = executor.execute(prepared, {});
    await waitForAssertion(() => expect(respond).toHaveLength(1));
    respond[0]?.();
    expect(await running).toStrictEqual({ data: { prices: 1 } });
    expect(fetchFromClosed).not.toHaveBeenCalled();
  });
});
