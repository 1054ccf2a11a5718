import type { ServerResponse } from 'node:http';
import { ApolloServer, type ApolloServerOptions } from '@apollo/server';
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, parse, visit, type DocumentNode, type FormattedExecutionResult } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ApolloDataSource } from './apollo/apollo-data-source.js';
import { createApolloGateway } from './apollo-gateway.js';
import { startSubgraphServer, type SubgraphServer } from './testing/subgraph-server.js';
import { silentLogger } from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';

const BOOKS = {
  typeDefs: `
    type Query { book: Book books: [Book!] count(first: Int!): Int secret: String }
    type Book @key(fields: "id") { id: ID! title: String }
  `,
  resolvers: {
    Query: {
      book: () => ({ id: '1' }),
      books: () => [{ id: '1' }, { id: '2' }],
      secret: () => {
        throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN' } });
      },
    },
  },
};
const REVIEWS = {
  typeDefs:
    'type Query { rating: Int review: Review } type Review { text: String } type Book @key(fields: "id") { id: ID! stars: Int }',
  resolvers: { Book: { __resolveReference: (reference: object) => reference } },
};

let books: SubgraphServer;
let reviews: SubgraphServer;
let supergraphSdl: string;
beforeAll(async () => {
  books = await startSubgraphServer('books', BOOKS);
  reviews = await startSubgraphServer('reviews', REVIEWS);
  supergraphSdl = createTestFederation({ books: BOOKS, reviews: REVIEWS })
    .supergraphSdl.replace('http://books.test/graphql', books.url)
    .replace('http://reviews.test/graphql', reviews.url);
});
afterAll(async () => {
  await books.close();
  await reviews.close();
});
const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  reviews.respond = undefined;
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const ignore = () => undefined;
const SILENT_APOLLO_LOGGER = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const respondWith =
  (body: unknown, status = 200) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

type GatewayOption = NonNullable<ApolloServerOptions<object>['gateway']>;

/** Executes an operation in an Apollo Server with a plugin and `formatError`. */
async function execute(
  gateway: GatewayOption,
  query: string,
  {
    variables = {},
    changeDocument,
  }: { variables?: Record<string, unknown>; changeDocument?: (document: DocumentNode) => DocumentNode } = {},
) {
  const encountered: GraphQLError[] = [];
  const formatted: unknown[] = [];
  const server = new ApolloServer({
    gateway,
    includeStacktraceInErrorResponses: false,
    logger: SILENT_APOLLO_LOGGER,
    formatError: (error, thrown) => {
      formatted.push(thrown);
      return error;
    },
    plugins: [
      {
        requestDidStart: () =>
          Promise.resolve({
            didResolveOperation(context) {
              if (changeDocument) Object.assign(context, { document: changeDocument(context.document) });
              return Promise.resolve();
            },
            didEncounterErrors: ({ errors }) => Promise.resolve(void encountered.push(...errors)),
          }),
      },
    ],
  });
  await server.start();
  cleanUp.push(() => server.stop());
  const { body, http } = await server.executeOperation({ query, variables });
  if (body.kind !== 'single') throw new Error('The response is not a single result.');
  const result = JSON.parse(JSON.stringify(body.singleResult)) as FormattedExecutionResult;
  return { status: http.status ?? 200, result, encountered, formatted };
}

const createOurs = (
  buildService?: (subgraph: { readonly name: string; readonly url?: string }) => ApolloDataSource,
) =>
  createApolloGateway({
    supergraphSdl,
    planWorkers: 0,
    logger: silentLogger,
    ...(buildService && { buildService }),
  });
const createRemote = ({ url = '' }) => new RemoteGraphQLDataSource({ url });

describe('plugins and formatError receive', () => {
  test.each([
    ['a GraphQLError', new GraphQLError('Too many requests.', { extensions: { code: 'RATE_LIMITED' } })],
    ['another error', new TypeError('no tenant')],
  ])('%s that a data source throws', async (_, thrown) => {
    const createFailing = ({ name, url = '' }: { readonly name: string; readonly url?: string }) =>
      new RemoteGraphQLDataSource({
        url,
        willSendRequest() {
          if (name === 'reviews') throw thrown;
        },
      });
    const ours = await execute(createOurs(createFailing), '{ rating }');
    expect(ours.encountered[0]?.originalError).toBe(thrown);
    expect(ours.formatted[0]).toBe(ours.encountered[0]);
    const theirs = await execute(
      new ApolloGateway({ supergraphSdl, logger: SILENT_APOLLO_LOGGER, buildService: createFailing }),
      '{ rating }',
    );
    expect(theirs.encountered[0]).toBe(thrown);
  });

  test('the response of an HTTP error, which clients do not see', async () => {
    reviews.respond = respondWith({ reason: 'internal' }, 401);
    const { encountered, result } = await execute(createOurs(createRemote), '{ rating }');
    expect(encountered[0]?.originalError).toMatchObject({
      extensions: { response: { url: reviews.url, body: { reason: 'internal' } } },
    });
    expect(JSON.stringify(result)).not.toContain('internal');
  });

  test.each([
    [401, 'UNAUTHENTICATED', 'SUBGRAPH_BAD_RESPONSE'],
    [403, 'FORBIDDEN', 'SUBGRAPH_BAD_RESPONSE'],
    [500, 'DOWNSTREAM_SERVICE_ERROR', 'SUBGRAPH_BAD_RESPONSE'],
    [503, 'DOWNSTREAM_SERVICE_ERROR', 'SUBGRAPH_UNAVAILABLE'],
  ])('the codes of the HTTP status %i', async (status, codeWithBuildService, code) => {
    reviews.respond = respondWith({}, status);
    const withBuildService = await execute(createOurs(createRemote), '{ rating }');
    const without = await execute(createOurs(), '{ rating }');
    expect([withBuildService, without].map(({ encountered }) => encountered[0]?.extensions['code'])).toEqual([
      codeWithBuildService,
      code,
    ]);
  });

  test('why a subgraph is unreachable, also without buildService', async () => {
    const unreachableSdl = supergraphSdl.replace(reviews.url, 'http://127.0.0.1:1/');
    const { encountered } = await execute(
      createApolloGateway({ supergraphSdl: unreachableSdl, planWorkers: 0, logger: silentLogger }),
      '{ rating }',
    );
    expect(encountered[0]?.originalError?.message).toContain('ECONNREFUSED');
  });

  test('the error as the subgraph sent it, as with ApolloGateway', async () => {
    const ours = await execute(createOurs(), '{ mine: secret }');
    const theirs = await execute(
      new ApolloGateway({ supergraphSdl, logger: SILENT_APOLLO_LOGGER }),
      '{ mine: secret }',
    );
    expect(ours.encountered[0]?.originalError).toEqual(theirs.encountered[0]?.originalError);
    expect(ours.encountered[0]?.originalError).toMatchObject({ path: ['mine'] });
  });

  test('the error of a resolver of a LocalGraphQLDataSource', async () => {
    const schema = buildSubgraphSchema({ typeDefs: parse(BOOKS.typeDefs), resolvers: BOOKS.resolvers });
    const { encountered } = await execute(
      createOurs(() => new LocalGraphQLDataSource(schema)),
      '{ secret }',
    );
    expect(encountered[0]?.originalError).toBeInstanceOf(GraphQLError);
  });
});

describe('locations of errors in variables', () => {
  const query = `
    # The first lines
    query   ($first: Int!)   { count(first: $first) }`;

  test('are those of the document that the client sent, as with ApolloGateway', async () => {
    const options = { variables: { first: 'x' } };
    const ours = await execute(createOurs(), query, options);
    const theirs = await execute(
      new ApolloGateway({ supergraphSdl, logger: SILENT_APOLLO_LOGGER }),
      query,
      options,
    );
    expect(ours.result.errors?.[0]?.locations).toEqual([{ line: 3, column: 14 }]);
    expect(ours.result).toEqual(theirs.result);
  });

  test('a document that a plugin has changed is executed as changed', async () => {
    const renameField = (document: DocumentNode): DocumentNode =>
      visit(document, {
        Name: (name) => (name.value === 'secret' ? { ...name, value: '__typename' } : name),
      });
    const { result } = await execute(createOurs(), '{ secret }', { changeDocument: renameField });
    expect(result).toEqual({ data: { __typename: 'Query' } });
  });
});

describe('extensions.http', () => {
  test('of a subgraph neither sets the HTTP status nor reaches the client; ApolloGateway sets the status', async () => {
    const http = { status: 418 };
    reviews.respond = respondWith({
      data: { rating: null },
      errors: [{ message: 'No.', path: ['rating'], extensions: { code: 'X', http } }],
    });
    for (const gateway of [createOurs(), createOurs(createRemote)]) {
      expect(await execute(gateway, '{ rating }')).toMatchObject({
        status: 200,
        result: { errors: [{ message: 'No.', extensions: { code: 'X', serviceName: 'reviews' } }] },
      });
    }
    const theirs = await execute(
      new ApolloGateway({ supergraphSdl, logger: SILENT_APOLLO_LOGGER }),
      '{ rating }',
    );
    expect(theirs.status).toBe(418);
  });

  test('with headers is not shown to the client; ApolloGateway shows it', async () => {
    const http = { status: 418, headers: { 'set-cookie': 'a=b' } };
    reviews.respond = respondWith({
      data: { rating: null },
      errors: [{ message: 'No.', path: ['rating'], extensions: { http } }],
    });
    expect(JSON.stringify((await execute(createOurs(), '{ rating }')).result)).not.toContain('http');
    const theirs = await execute(
      new ApolloGateway({ supergraphSdl, logger: SILENT_APOLLO_LOGGER }),
      '{ rating }',
    );
    expect(theirs.result.errors?.[0]?.extensions).toMatchObject({ http });
  });

  test('of an error that a data source throws sets the HTTP status, as with ApolloGateway', async () => {
    const buildService = ({ url = '' }) =>
      new RemoteGraphQLDataSource({
        url,
        willSendRequest() {
          throw new GraphQLError('No token.', {
            extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
          });
        },
      });
    const ours = await execute(createOurs(buildService), '{ rating }');
    const theirs = await execute(
      new ApolloGateway({ supergraphSdl, logger: SILENT_APOLLO_LOGGER, buildService }),
      '{ rating }',
    );
    expect([ours.status, theirs.status]).toEqual([401, 401]);
    expect(ours.result.errors).toEqual([
      {
        message: 'No token.',
        path: ['rating'],
        extensions: { code: 'UNAUTHENTICATED', serviceName: 'reviews' },
      },
    ]);
  });
});

describe('the data of a response whose subgraph returns', () => {
  const QUERY = '{ rating review { text } book { title stars } books { stars } }';

  test.each([
    ['no data and no errors', respondWith({})],
    ['data that is null', respondWith({ data: null })],
    ['empty data', respondWith({ data: {} })],
    ['only errors', respondWith({ errors: [{ message: 'Failed.' }] })],
    [
      'data that is null, and an error',
      respondWith({ data: null, errors: [{ message: 'Failed.', path: ['rating'] }] }),
    ],
    ['null entities', respondWith({ data: { rating: null, review: null, _entities: [null, null] } })],
    [
      'null entities, and an error',
      respondWith({ data: { _entities: null }, errors: [{ message: 'Failed.' }] }),
    ],
    ['errors that are null', respondWith({ data: { rating: null, _entities: [null, null] }, errors: null })],
    ['an HTTP error', respondWith({}, 500)],
    ['no JSON', (response: ServerResponse) => void response.end('<html>')],
  ])('%s is the same as with ApolloGateway', async (_, respond) => {
    reviews.respond = respond;
    const theirs = await execute(
      new ApolloGateway({ supergraphSdl, logger: SILENT_APOLLO_LOGGER, buildService: createRemote }),
      QUERY,
    );
    expect(theirs.result.data).toMatchObject({ rating: null, review: null, book: { stars: null } });
    for (const gateway of [createOurs(), createOurs(createRemote)]) {
      const ours = await execute(gateway, QUERY);
      expect([ours.status, ours.result.data]).toEqual([theirs.status, theirs.result.data]);
    }
  });
});

test.each([
  ['errors that are null', { data: { rating: 5 }, errors: null }],
  [
    'an error without a text',
    { data: { rating: 5 }, errors: [{ message: null, extensions: { code: 'NM' } }] },
  ],
  ['an error whose path is a text', { data: { rating: 5 }, errors: [{ message: 'No.', path: '/rating' }] }],
  ['an unknown path', { data: { rating: 5 }, errors: [{ message: 'No.', path: ['query', 'rating'] }] }],
])('%s in a response leave data, messages and codes as with ApolloGateway', async (_, body) => {
  reviews.respond = respondWith(body);
  const summarize = ({ result: { data, errors } }: Awaited<ReturnType<typeof execute>>) => ({
    data,
    errors: errors?.map(({ message, extensions }) => [message, extensions?.['code']]),
  });
  const theirs = await execute(
    new ApolloGateway({ supergraphSdl, logger: SILENT_APOLLO_LOGGER, buildService: createRemote }),
    '{ rating }',
  );
  expect(theirs.result.data).toEqual({ rating: 5 });
  for (const gateway of [createOurs(), createOurs(createRemote)]) {
    expect(summarize(await execute(gateway, '{ rating }'))).toEqual(summarize(theirs));
  }
});

test('a subscription is rejected with the status 400', async () => {
  const { supergraphSdl: withSubscription } = createTestFederation({
    books: { typeDefs: 'type Query { book: Int } type Subscription { sold: Int }' },
  });
  const gateway = createApolloGateway({
    supergraphSdl: withSubscription,
    planWorkers: 0,
    logger: silentLogger,
  });
  expect(await execute(gateway, 'subscription { sold }')).toMatchObject({
    status: 400,
    result: { errors: [{ extensions: { code: 'SUBSCRIPTION_NOT_SUPPORTED' } }] },
  });
});
