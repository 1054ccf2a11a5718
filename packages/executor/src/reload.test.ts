import { describe, expect, test, vi } from 'vitest';
import type { SubscriptionSource } from './subscriptions/subscription-source.js';
import type { ExecutorContext } from './executor.js';
import { createTestFederation } from './testing/test-federation.js';
import { createRecordingSubscriber, createTestExecutor, createTestSource } from './testing/test-executor.js';

/** Things of which `price` is the one subgraph's or the other's, and that may have a field more. */
const version = ({ price = 'things', note = '' } = {}) =>
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

function setUp(options: Partial<SubscriptionSource<ExecutorContext>> = {}, first = version()) {
  const moved = createTestSource(options);
  const made: string[] = [];
  const executor = createTestExecutor(
    first,
    { moved },
    {
      createDataSource: (subgraph) => (
        made.push(subgraph.name),
        version({ price: 'prices' }).dataSource(subgraph)
      ),
    },
  );
  const subscribe = (query: string, authorisationKey?: string) => {
    const prepared = executor.prepare({ query });
    if ('errors' in prepared) throw new Error(prepared.errors.join());
    const heard = createRecordingSubscriber();
    return { ...heard, ...executor.subscribe(prepared, { authorisationKey }, heard.subscriber) };
  };
  return { executor, moved, made, subscribe };
}

const event = { id: '1', name: 'a', price: 1 };

describe('another supergraph', () => {
  test('is served from then on; subscriptions that fit it go on, by its plan', async () => {
    const { executor, moved, subscribe } = setUp();
    const heard = subscribe('subscription { moved { name price } }', 'ana');
    expect(executor.prepare({ query: '{ thing { note } }' })).toHaveProperty('errors');
    await executor.reload(version({ price: 'prices', note: 'note: Int' }).supergraphSdl);
    expect(executor.prepare({ query: '{ thing { note } }' })).not.toHaveProperty('errors');
    expect(executor.schema.getSubscriptionType()?.getFields()).toHaveProperty('noted');
    moved.push(event);
    await vi.waitFor(() =>
      expect(heard.results).toStrictEqual([{ data: { moved: { name: 'a', price: 5 } } }]),
    );
    // One stream, from beginning to end.
    expect([moved.receivedArguments.length, moved.openStreamCount]).toStrictEqual([1, 1]);
  });

  test('ends those that do not fit it, with a code, and leaves nothing of them', async () => {
    const { executor, moved, subscribe } = setUp({}, version({ note: 'note: Int' }));
    const [stays, goes] = [
      subscribe('subscription { moved { name } }'),
      subscribe('subscription { moved { note } }'),
    ];
    await executor.reload(version().supergraphSdl);
    expect(await goes.ended).toMatchObject({
      errors: [{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }],
    });
    expect([executor.runningSubscriptions, moved.openStreamCount]).toStrictEqual([1, 1]);
    moved.push(event);
    await vi.waitFor(() => expect(stays.results).toHaveLength(1));
  });

  test('never lets callers share what they may not share any more', async () => {
    const { executor, subscribe } = setUp({ dependsOnCaller: false });
    const query = 'subscription { moved { price } }';
    const shared = [subscribe(query, 'ana'), subscribe(query, 'ben')];
    await executor.reload(version({ price: 'prices' }).supergraphSdl);
    for (const { ended } of shared) {
      expect(await ended).toMatchObject({ errors: [{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }] });
    }
  });

  test('keeps the data sources of subgraphs that have not moved, and makes those of the others', async () => {
    const { executor, made } = setUp();
    const before = { ...executor.dataSources };
    await executor.reload(version().supergraphSdl.replaceAll('http://prices.test', 'http://elsewhere.test'));
    expect(executor.dataSources['things']).toBe(before['things']);
    expect(executor.dataSources['prices']).not.toBe(before['prices']);
    expect(made).toStrictEqual(['prices', 'things', 'prices']);
  });

  test('finds the operations used last prepared', async () => {
    const { executor } = setUp();
    const query = '{ thing { id } }';
    const prepared = () => {
      const request = executor.prepare({ query });
      return 'errors' in request ? undefined : request.operation;
    };
    const first = prepared();
    await executor.reload(version({ note: 'note: Int' }).supergraphSdl);
    const second = prepared();
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
    expect(prepared()).toBe(second);
  });

  test.each([['nonsense'], ['type Query { a: Int }'], ['']])('that is none is refused: %j', async (sdl) => {
    const { executor, moved, subscribe } = setUp();
    const heard = subscribe('subscription { moved { name } }');
    const { schema } = executor;
    await expect(executor.reload(sdl)).rejects.toThrow();
    expect(executor.schema).toBe(schema);
    moved.push(event);
    await vi.waitFor(() => expect(heard.results).toHaveLength(1));
  });

  test('replaces one that is still being taken up: the last is served', async () => {
    const { executor } = setUp();
    await Promise.all(
      ['a', 'b', 'c'].map((name) => executor.reload(version({ note: `${name}: Int` }).supergraphSdl)),
    );
    expect(executor.prepare({ query: '{ thing { c } }' })).not.toHaveProperty('errors');
  });

  test('a request that was prepared before it is prepared again', async () => {
    const { executor, moved } = setUp();
    const prepared = executor.prepare({ query: 'subscription { moved { price } }' });
    if ('errors' in prepared) throw new Error();
    await executor.reload(version({ price: 'prices' }).supergraphSdl);
    const heard = createRecordingSubscriber();
    executor.subscribe(prepared, {}, heard.subscriber);
    moved.push(event);
    await vi.waitFor(() => expect(heard.results).toStrictEqual([{ data: { moved: { price: 5 } } }]));
  });
});
