import { ApolloClient, gql as apolloGql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { loadFromURL } from '@gql.tada/internal';
import { UrlLoader } from '@graphql-tools/url-loader';
import { gql, GraphQLClient } from 'graphql-request';
import { createClient as createSseClient } from 'graphql-sse';
import relay from 'relay-runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFederation, type Federation } from './start-federation.js';

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.close());

const QUERY = 'query Order($id: ID!) { order(id: $id) { number buyer { name } } }';
const ORDER = { order: { number: 7, buyer: { name: "ana's name" } } };

test('graphql-request executes a query, over POST and over GET, and reports errors', async () => {
  const document = gql`
    ${QUERY}
  `;
  expect(await new GraphQLClient(federation.url).request(document, { id: '1' })).toStrictEqual(ORDER);
  const getClient = new GraphQLClient(federation.url, { method: 'GET', jsonSerializer: JSON });
  expect(await getClient.request(document, { id: '1' })).toStrictEqual(ORDER);
  const invalid = new GraphQLClient(federation.url).request('{ nope }');
  await expect(invalid).rejects.toMatchObject({
    response: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
  });
});

test('Relay executes a query over HTTP', async () => {
  const network = relay.Network.create(async ({ text }, variables) => {
    const response = await fetch(federation.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    });
    return (await response.json()) as relay.GraphQLResponse;
  });
  const operation = {
    id: null,
    cacheID: QUERY,
    metadata: {},
    name: 'Order',
    operationKind: 'query',
    text: QUERY,
  } as const;
  expect(await network.execute(operation, { id: '1' }, {}).toPromise()).toStrictEqual({ data: ORDER });
});

test('the loader of gql.tada reads the schema', async () => {
  const loader = loadFromURL({ url: federation.url, headers: {} });
  const schema = await loader.loadSchema();
  expect(schema?.getQueryType()?.getFields()).toHaveProperty('order');
});

test('the loader of graphql-codegen reads the schema', async () => {
  const [source] = await new UrlLoader().load(federation.url, {});
  expect(source?.schema?.getQueryType()?.getFields()).toHaveProperty('order');
});

const DEFERRED_QUERY = `query Order {
  order(id: "1") { number status ... @defer(label: "buyer") { buyer { name } } ...Stock @defer(label: "stock") }
}
fragment Stock on Order { broken shelves }`;

test.each([
  ['Defer20220824Handler', new Defer20220824Handler(), 'deferSpec=20220824'],
  ['GraphQL17Alpha9Handler', new GraphQL17Alpha9Handler(), 'incrementalSpec=v0.2'],
])('Apollo Client with %s receives deferred fragments in parts', async (_, incrementalHandler, format) => {
  const types: (string | null)[] = [];
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    // With exactOptionalPropertyTypes, the types of one handler do not fit those of the client.
    incrementalHandler: incrementalHandler as unknown as ApolloClient.Options['incrementalHandler'] & object,
    link: new HttpLink({
      uri: federation.url,
      async fetch(input, init) {
        const response = await fetch(input, init);
        types.push(response.headers.get('content-type'));
        return response;
      },
    }),
  });
  const results: { readonly data?: unknown; readonly dataState: string }[] = [];
  const errors: unknown[] = [];
  await new Promise<void>((resolve) => {
    client
      .watchQuery({ query: apolloGql(DEFERRED_QUERY), errorPolicy: 'all' })
      .subscribe(({ data, dataState, error, loading }) => {
        if (data) results.push({ data, dataState });
        if (error) errors.push(error);
        if (!loading) resolve();
      });
  });
  expect(types).toStrictEqual([`multipart/mixed;boundary="graphql";${format}`]);
  expect(results[0]).toMatchObject({ dataState: 'streaming', data: { order: { number: 7 } } });
  expect(results.at(-1)).toMatchObject({
    dataState: 'complete',
    data: {
      order: {
        number: 7,
        buyer: { name: "ana's name" },
        broken: null,
        shelves: expect.any(Array) as unknown,
      },
    },
  });
  expect(errors.at(-1)).toMatchObject({ errors: [{ path: ['order', 'broken'] }] });
  client.stop();
});

test('a client of JSON receives deferred fragments at once', async () => {
  const response = await new GraphQLClient(federation.url, { errorPolicy: 'all' }).rawRequest(DEFERRED_QUERY);
  expect(response.data).toMatchObject({ order: { number: 7, buyer: { name: "ana's name" }, broken: null } });
  expect(response.errors).toMatchObject([{ path: ['order', 'broken'] }]);
});

test('graphql-sse receives deferred fragments in parts', async () => {
  const client = createSseClient({ url: federation.url });
  const parts: unknown[] = [];
  for await (const part of client.iterate({ query: DEFERRED_QUERY })) parts.push(part);
  expect(parts[0]).toMatchObject({ data: { order: { number: 7 } }, hasNext: true });
  expect(parts.at(-1)).toMatchObject({ incremental: expect.any(Array) as unknown, hasNext: false });
  expect(JSON.stringify(parts)).toContain(
    `"data":{"buyer":{"name":"ana's name"}},"path":["order"],"label":"buyer"`,
  );
  client.dispose();
});
