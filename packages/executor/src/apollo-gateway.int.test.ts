import { setImmediate } from 'node:timers/promises';
import { ApolloServer, type ApolloServerOptions } from '@apollo/server';
import {
  ApolloGateway,
  IntrospectAndCompose,
  RemoteGraphQLDataSource,
  type GraphQLDataSource,
  type ServiceEndpointDefinition,
} from '@apollo/gateway';
import { GraphQLError, parse, type FormattedExecutionResult } from 'graphql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApolloGateway } from './apollo-gateway.js';
import type { SupergraphSdlHook, SupergraphSdlHookOptions } from './apollo/supergraph-manager.js';
import { startSubgraphServer, type SubgraphServer } from './testing/subgraph-server.js';
import { silentLogger } from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';

const fail = (message: string, extensions: Record<string, unknown>) => () => {
  throw new GraphQLError(message, { extensions });
};

let soldCount = 0;
const PRODUCTS = {
  typeDefs: `
    type Product @key(fields: "id") { id: ID! name: String! price: Int weight: Int @shareable failing: Int required: Int! }
    type Query { product(id: ID!): Product products(first: Int = 2): [Product!]! caller: String broken: Int }
    type Mutation { sell(input: SaleInput!): Product reset: Int }
    input SaleInput { id: ID! count: Int = 1 }
    type Subscription { sold: Product }
  `,
  resolvers: {
    Query: {
      product: (_: unknown, { id }: { id: string }) => (id === 'none' ? null : { id }),
      products: (_: unknown, { first }: { first: number }) =>
        Array.from({ length: first }, (__, index) => ({ id: String(index) })),
      caller: (_: unknown, __: unknown, context: unknown) => (context as Record<string, string>)['x-caller'],
      broken: fail('Broken.', { code: 'BROKEN', detail: { reason: 'old' } }),
    },
    Mutation: {
      sell: (_: unknown, { input }: { input: { id: string; count: number } }) => {
        soldCount += input.count;
        return { id: input.id };
      },
      reset: () => (soldCount = 0),
    },
    Product: {
      name: ({ id }: { id: string }) => `Product ${id}`,
      price: () => soldCount,
      weight: () => 3,
      failing: fail('No value.', {}),
      required: ({ id }: { id: string }) => (id === '1' ? null : 1),
    },
  },
};
const REVIEWS = {
  typeDefs: `
    type Product @key(fields: "id") {
      id: ID! weight: Int @external reviews: [Review!] rating: Float heavy: Boolean @requires(fields: "weight")
    }
    type Review { text: String author: String }
    type Query { reviewCount: Int }
  `,
  resolvers: {
    Product: {
      __resolveReference: (reference: object) => reference,
      reviews: ({ id }: { id: string }) =>
        id === '1' ? fail('No reviews.', { code: 'NO_REVIEWS' })() : [{ text: `About ${id}`, author: 'ana' }],
      rating: () => 4.5,
      heavy: ({ weight }: { weight: number }) => weight > 2,
    },
    Review: { author: () => 'ben' },
    Query: { reviewCount: () => 9 },
  },
};

let servers: SubgraphServer[];
let supergraphSdl: string;
beforeAll(async () => {
  servers = [await startSubgraphServer('products', PRODUCTS), await startSubgraphServer('reviews', REVIEWS)];
  supergraphSdl = servers.reduce(
    (sdl, { name, url }) => sdl.replace(`http://${name}.test/graphql`, url),
    createTestFederation({ products: PRODUCTS, reviews: REVIEWS }).supergraphSdl,
  );
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

const cleanUp: (() => Promise<void>)[] = [];
beforeEach(() => {
  soldCount = 0;
  for (const { requests } of servers) requests.length = 0;
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const ignore = () => undefined;
const APOLLO_LOGGER = { debug: ignore, info: ignore, warn: ignore, error: ignore };

interface CallerContext {
  readonly callerName: string;
}

type GatewayOption = NonNullable<ApolloServerOptions<CallerContext>['gateway']>;

async function startServer(gateway: GatewayOption): Promise<ApolloServer<CallerContext>> {
  const server = new ApolloServer<CallerContext>({
    gateway,
    includeStacktraceInErrorResponses: false,
    introspection: true,
    logger: APOLLO_LOGGER,
  });
  await server.start();
  cleanUp.push(() => server.stop());
  return server;
}

interface TestOperation {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
}

/** Executes an operation as an HTTP request does, and returns what the client receives. */
async function execute(server: ApolloServer<CallerContext>, operation: TestOperation, callerName = 'ana') {
  const { body, http } = await server.executeOperation(operation, { contextValue: { callerName } });
  if (body.kind !== 'single') throw new Error('The response is not a single result.');
  const result = JSON.parse(JSON.stringify(body.singleResult)) as FormattedExecutionResult;
  return { status: http.status ?? 200, result };
}

/** Sends the caller's name to the subgraph. */
const buildCallerService = ({ url = '' }: ServiceEndpointDefinition): GraphQLDataSource<CallerContext> =>
  new RemoteGraphQLDataSource<CallerContext>({
    url,
    willSendRequest: ({ request, context }) =>
      request.http?.headers.set('x-caller', String(context.callerName)),
  });

const OPERATIONS: Record<string, TestOperation> = {
  'a query of one subgraph': { query: '{ product(id: "5") { id name } }' },
  'entities of two subgraphs': {
    query: '{ products { name reviews { text author } rating heavy } reviewCount }',
  },
  'a null entity': { query: '{ product(id: "none") { name rating } }' },
  'aliases and fragments': {
    query: `query Named { one: product(id: "1") { ...Fields } two: product(id: "2") { ... on Product { title: name } } }
      fragment Fields on Product { name rating }`,
  },
  'one of several operations': {
    query: 'query A { reviewCount } query B { products { id } }',
    operationName: 'B',
  },
  variables: {
    query:
      'query ($id: ID!, $first: Int = 1) { product(id: $id) { name } products(first: $first) { id rating } }',
    variables: { id: '7' },
  },
  'a missing variable': { query: 'query ($id: ID!) { product(id: $id) { name } }' },
  'a variable of the wrong type': {
    query: 'query ($first: Int) { products(first: $first) { id } }',
    variables: { first: 'x' },
  },
  '@skip and @include that select': {
    query:
      'query ($yes: Boolean!, $no: Boolean!) { product(id: "1") { name @include(if: $yes) rating @skip(if: $no) } }',
    variables: { yes: true, no: false },
  },
  '@skip and @include that do not select': {
    query:
      'query ($yes: Boolean!, $no: Boolean!) { product(id: "1") { id name @skip(if: $yes) rating @include(if: $no) } reviewCount @skip(if: $yes) }',
    variables: { yes: true, no: false },
  },
  'a mutation with data of another subgraph': {
    query: 'mutation ($input: SaleInput!) { sell(input: $input) { price rating } }',
    variables: { input: { id: '3' } },
  },
  'mutations in order': {
    query:
      'mutation { a: sell(input: { id: "1", count: 5 }) { price } reset b: sell(input: { id: "1" }) { price } }',
  },
  introspection: { query: '{ __schema { queryType { name } types { name kind } } }' },
  '__type with a variable and data': {
    query: 'query ($name: String!) { __type(name: $name) { name fields { name } } reviewCount __typename }',
    variables: { name: 'Product' },
  },
  'an error with extensions': { query: '{ broken reviewCount }' },
  'an error in a list of entities': { query: '{ products(first: 3) { id reviews { text } } }' },
  'an error without a code': { query: '{ product(id: "1") { id failing } }' },
  'an unknown field': { query: '{ unknown }' },
  'a syntax error': { query: '{ product( }' },
  'the caller of the context': { query: '{ caller }' },
};

describe('an Apollo Server answers as with ApolloGateway', () => {
  test.each(Object.entries(OPERATIONS))('%s', async (_, operation) => {
    const options = { supergraphSdl, buildService: buildCallerService };
    const [ours, theirs] = [
      await startServer(createApolloGateway({ ...options, planWorkers: 0, logger: silentLogger })),
      await startServer(new ApolloGateway({ ...options, logger: APOLLO_LOGGER })),
    ];
    const expected = await execute(theirs, operation);
    soldCount = 0;
    expect(await execute(ours, operation)).toEqual(expected);
  });
});

describe('an Apollo Server with createApolloGateway', () => {
  const getProduct: TestOperation = { query: '{ product(id: "5") { name rating } }' };

  /** A hook that gives its `update` to the test. */
  function createControlledHook() {
    const cleanup = vi.fn(() => Promise.resolve());
    const control: Partial<SupergraphSdlHookOptions> = {};
    const hook: SupergraphSdlHook = (options) => {
      Object.assign(control, options);
      return Promise.resolve({ supergraphSdl, cleanup });
    };
    return { hook, cleanup, update: (sdl: string) => control.update?.(sdl) };
  }
  const renameField = (from: string, to: string) => supergraphSdl.replace(`  ${from}:`, `  ${to}:`);

  test('queries subgraphs over HTTP without buildService, and without headers of the client', async () => {
    const server = await startServer(createApolloGateway({ supergraphSdl, logger: silentLogger }));
    expect(await execute(server, getProduct)).toEqual({
      status: 200,
      result: { data: { product: { name: 'Product 5', rating: 4.5 } } },
    });
    expect((await execute(server, { query: '{ caller }' })).result).toEqual({ data: { caller: null } });
  });

  test('works with IntrospectAndCompose', async () => {
    const manager = new IntrospectAndCompose({ subgraphs: servers.map(({ name, url }) => ({ name, url })) });
    const server = await startServer(
      createApolloGateway({ supergraphSdl: manager, planWorkers: 0, logger: silentLogger }),
    );
    expect((await execute(server, getProduct)).result).toEqual({
      data: { product: { name: 'Product 5', rating: 4.5 } },
    });
  });

  test('calls buildService once per subgraph, also for the requests of a supergraph manager', async () => {
    const buildService = vi.fn(buildCallerService);
    const manager = new IntrospectAndCompose({ subgraphs: servers.map(({ name, url }) => ({ name, url })) });
    await startServer(
      createApolloGateway({ supergraphSdl: manager, buildService, planWorkers: 0, logger: silentLogger }),
    );
    expect(buildService.mock.calls.map(([{ name }]) => name)).toEqual(['products', 'reviews']);
  });

  test('serves an updated supergraph, and passes it to the listeners of the gateway', async () => {
    const { hook, update } = createControlledHook();
    const gateway = createApolloGateway({ supergraphSdl: hook, planWorkers: 0, logger: silentLogger });
    const received: string[] = [];
    const unsubscribe = gateway.onSchemaLoadOrUpdate(({ apiSchema, coreSupergraphSdl }) => {
      received.push(coreSupergraphSdl);
      expect(apiSchema.getType('Product')).toBeDefined();
    });
    gateway.onSchemaLoadOrUpdate(() => {
      throw new Error('The listener fails.');
    });
    const server = await startServer(gateway);
    const query = '{ total: reviewTotal }';
    expect((await execute(server, { query })).status).toBe(400);
    const updatedSdl = renameField('reviewCount', 'reviewTotal');
    servers[1]?.replaceSchema({
      typeDefs: REVIEWS.typeDefs.replace('reviewCount', 'reviewTotal'),
      resolvers: { ...REVIEWS.resolvers, Query: { reviewTotal: () => 10 } },
    });
    update(updatedSdl);
    await vi.waitFor(
      async () => expect((await execute(server, { query })).result).toEqual({ data: { total: 10 } }),
      { timeout: 10_000 },
    );
    servers[1]?.replaceSchema(REVIEWS);
    expect(received).toEqual([supergraphSdl, updatedSdl]);

    unsubscribe();
    expect(() => update('type Query { a: Int }')).toThrow('not a supergraph');
    update(supergraphSdl);
    await vi.waitFor(async () => expect((await execute(server, { query })).status).toBe(400), {
      timeout: 10_000,
    });
    expect(received).toHaveLength(2);
  });

  test('executes the document that a plugin has changed', async () => {
    const gateway = createApolloGateway({ supergraphSdl, planWorkers: 0, logger: silentLogger });
    const server = new ApolloServer({
      gateway,
      plugins: [
        {
          requestDidStart: () =>
            Promise.resolve({
              didResolveOperation(context) {
                Object.assign(context, { document: parse('{ reviewCount }') });
                return Promise.resolve();
              },
            }),
        },
      ],
    });
    await server.start();
    cleanUp.push(() => server.stop());
    const { body } = await server.executeOperation({ query: '{ products { id } }' });
    expect(body).toMatchObject({ singleResult: { data: { reviewCount: 9 } } });
  });

  test('rejects a subscription', async () => {
    const server = await startServer(
      createApolloGateway({ supergraphSdl, planWorkers: 0, logger: silentLogger }),
    );
    const { result } = await execute(server, { query: 'subscription { sold { id } }' });
    expect(result.errors).toMatchObject([{ extensions: { code: 'SUBSCRIPTION_NOT_SUPPORTED' } }]);
  });

  test('rejects an unknown operation with status 400; ApolloGateway with 500', async () => {
    const operation = { query: 'query A { reviewCount }', operationName: 'B' };
    const ours = await startServer(
      createApolloGateway({ supergraphSdl, planWorkers: 0, logger: silentLogger }),
    );
    expect(await execute(ours, operation)).toMatchObject({
      status: 400,
      result: { errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }] },
    });
    const theirs = await startServer(new ApolloGateway({ supergraphSdl, logger: APOLLO_LOGGER }));
    expect((await execute(theirs, operation)).status).toBe(500);
  });

  test('masks the reason why a subgraph is unreachable; ApolloGateway shows its URL', async () => {
    const unreachableSdl = supergraphSdl.replace(servers[1]!.url, 'http://127.0.0.1:1/graphql');
    const operation = { query: '{ reviewCount }' };
    const ours = await startServer(
      createApolloGateway({ supergraphSdl: unreachableSdl, planWorkers: 0, logger: silentLogger }),
    );
    expect((await execute(ours, operation)).result).toEqual({
      data: { reviewCount: null },
      errors: [
        {
          message: 'The subgraph "reviews" cannot be reached. Retry later.',
          path: ['reviewCount'],
          extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'reviews' },
        },
      ],
    });
    const theirs = await startServer(
      new ApolloGateway({ supergraphSdl: unreachableSdl, logger: APOLLO_LOGGER }),
    );
    expect((await execute(theirs, operation)).result.errors?.[0]?.message).toContain(
      'http://127.0.0.1:1/graphql',
    );
  });

  test('stops the supergraph manager once, and ignores its later updates', async () => {
    const { hook, cleanup, update } = createControlledHook();
    const gateway = createApolloGateway({ supergraphSdl: hook, planWorkers: 0, logger: silentLogger });
    const listener = vi.fn();
    gateway.onSchemaLoadOrUpdate(listener);
    const server = await startServer(gateway);
    await server.stop();
    cleanUp.length = 0;
    await gateway.stop();
    update(renameField('reviewCount', 'reviewTotal'));
    await setImmediate();
    expect(cleanup).toHaveBeenCalledOnce();
    expect(listener).toHaveBeenCalledOnce();
    await expect(gateway.load()).rejects.toThrow('The gateway was stopped.');
  });

  test('can be stopped while its supergraph manager initializes', async () => {
    const gateway = createApolloGateway({
      supergraphSdl: () => new Promise(() => undefined),
      planWorkers: 0,
      logger: silentLogger,
    });
    const loaded = expect(gateway.load()).rejects.toThrow(
      'The gateway was stopped before it was loaded. Create another one.',
    );
    await gateway.stop();
    await loaded;
  });

  test.each([[buildCallerService], [undefined]])(
    'limits the time of subgraph requests, with buildService %o',
    async (buildService) => {
      const hanging = await startSubgraphServer('reviews', REVIEWS);
      cleanUp.push(() => hanging.close());
      hanging.respond = () => undefined;
      const server = await startServer(
        createApolloGateway({
          supergraphSdl: supergraphSdl.replace(servers[1]!.url, hanging.url),
          subgraphTimeoutMs: 20,
          planWorkers: 0,
          logger: silentLogger,
          ...(buildService && { buildService }),
        }),
      );
      expect((await execute(server, { query: '{ reviewCount }' })).result.errors).toMatchObject([
        {
          message: 'The subgraph "reviews" did not respond in time. Retry later.',
          extensions: { code: 'SUBGRAPH_TIMEOUT', serviceName: 'reviews' },
        },
      ]);
    },
  );

  test('does not start with an invalid supergraph, and can be stopped then', async () => {
    const gateway = createApolloGateway({
      supergraphSdl: 'type Query { a: Int }',
      planWorkers: 0,
      logger: silentLogger,
    });
    await expect(gateway.load()).rejects.toThrow('not a supergraph');
    await expect(gateway.load()).rejects.toThrow('already loaded');
    await gateway.stop();
  });
});
