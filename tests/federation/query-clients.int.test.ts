import { loadFromURL } from '@gql.tada/internal';
import { UrlLoader } from '@graphql-tools/url-loader';
import { gql, GraphQLClient } from 'graphql-request';
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
