import type { GatewayConfig } from '@apollo/gateway';
import { afterEach, expect, test, vi } from 'vitest';
import { createApolloGateway, createDefaultLogger, type ApolloGatewayOptions } from './apollo-gateway.js';
import { createExecutor } from './executor.js';
import { silentLogger } from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';

const { supergraphSdl } = createTestFederation({ books: { typeDefs: 'type Query { book: String }' } });
afterEach(() => {
  vi.restoreAllMocks();
});

test('options of ApolloGateway without effect are accepted, and one warning lists those that are set', () => {
  const warn = vi.fn();
  // Its type is that of ApolloGateway, so that the compiler checks that their users can pass it.
  const apolloOptions = {
    supergraphSdl,
    debug: true,
    serviceHealthCheck: true,
    validateSupergraph: false,
    __exposeQueryPlanExperimental: true,
    experimental_didUpdateSupergraph: () => undefined,
    queryPlannerConfig: {
      exposeDocumentNodeInFetchNode: true,
      reuseQueryFragments: true,
      generateQueryFragments: true,
      debug: { maxEvaluatedPlans: 100, pathsLimit: 5 },
    },
  } satisfies GatewayConfig;
  createApolloGateway({ ...apolloOptions, logger: { ...silentLogger, warn } });
  expect(warn.mock.calls).toEqual([
    [
      {
        options: [
          'serviceHealthCheck',
          '__exposeQueryPlanExperimental',
          'experimental_didUpdateSupergraph',
          'queryPlannerConfig.reuseQueryFragments',
          'queryPlannerConfig.generateQueryFragments',
        ],
      },
      'options of ApolloGateway have no effect; remove them',
    ],
  ]);
});

test('queryPlannerConfig.debug.maxEvaluatedPlans limits the planner', async () => {
  const gateway = createApolloGateway({
    supergraphSdl,
    queryPlannerConfig: { debug: { maxEvaluatedPlans: -1 } },
    planWorkers: 0,
    logger: silentLogger,
  });
  // The planner rejects the value, so it has received it.
  await expect(gateway.load()).rejects.toThrow('maxEvaluatedPlans');
});

test.each([
  [true, 1],
  [false, 0],
])('debug: %s lets the default logger print debug messages', (debug, count) => {
  const debugMessages = vi.spyOn(console, 'debug').mockImplementation(() => undefined);
  const logger = createDefaultLogger(debug);
  logger.debug('a message');
  expect(debugMessages).toHaveBeenCalledTimes(count);
});

test.each([
  ['serviceList', 'Use supergraphSdl: new IntrospectAndCompose({ subgraphs }) instead.'],
  ['localServiceList', 'Use supergraphSdl: new LocalCompose({ localServiceList }) instead.'],
  ['pollIntervalInMs', 'Use pollIntervalInMs of IntrospectAndCompose instead.'],
])('%s is rejected with what to use instead', (name, remedy) => {
  const options = { [name]: [1] } as unknown as ApolloGatewayOptions;
  expect(() => createApolloGateway(options)).toThrow(
    `createApolloGateway does not have the option ${name}. ${remedy}`,
  );
});

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [{ subgraphs: [] }, 'of type object'],
  [[], 'a list'],
])('a missing supergraphSdl is rejected with the remedy: %j', (value, description) => {
  const supergraphSdl = value as unknown as string;
  const createDataSource = () => ({ fetch: () => Promise.resolve({ data: null }) });
  expect(() => createApolloGateway({ supergraphSdl, logger: silentLogger })).toThrow(
    `createApolloGateway needs the option supergraphSdl, but it is ${description}. Pass the composed SDL`,
  );
  expect(() => createExecutor({ supergraphSdl, createDataSource, logger: silentLogger })).toThrow(
    `createExecutor needs the option supergraphSdl, but it is ${description}.`,
  );
});

test.each([[undefined], [null], [{}]])('missing options are rejected with the remedy: %j', (options) => {
  const message = 'needs the option supergraphSdl, but it is undefined. Pass the composed SDL';
  expect(() => createApolloGateway(options as never)).toThrow(`createApolloGateway ${message}`);
  expect(() => createExecutor(options as never)).toThrow(`createExecutor ${message}`);
});

test('load returns the API schema, as ApolloGateway does', async () => {
  const gateway = createApolloGateway({ supergraphSdl, planWorkers: 0, logger: silentLogger });
  const { schema } = await gateway.load();
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['book']);
  await gateway.stop();
});

test.each([
  [undefined, 'A supergraph manager must return { supergraphSdl, cleanup }, but its result is undefined.'],
  [
    'type Query',
    'A supergraph manager must return { supergraphSdl, cleanup }, but its result is of type string.',
  ],
  [
    { sdl: '' },
    'The supergraphSdl that a supergraph manager returns must be the SDL of a supergraph, but it is undefined.',
  ],
  [
    { supergraphSdl: null },
    'The supergraphSdl that a supergraph manager returns must be the SDL of a supergraph, but it is null.',
  ],
])('a hook that returns %j is rejected', async (result, message) => {
  const gateway = createApolloGateway({
    supergraphSdl: () => Promise.resolve(result as never),
    logger: silentLogger,
  });
  await expect(gateway.load()).rejects.toThrow(message);
});

test('a hook that updates with another value gets the reason, and a cleanup that is no function is logged', async () => {
  const error = vi.fn();
  let update: ((sdl: string) => void) | undefined;
  const gateway = createApolloGateway({
    supergraphSdl: (options) => {
      update = options.update;
      return Promise.resolve({ supergraphSdl, cleanup: 'later' as never });
    },
    planWorkers: 0,
    logger: { ...silentLogger, error },
  });
  await gateway.load();
  expect(error.mock.calls).toMatchObject([
    [{ type: 'string' }, expect.stringContaining('is not a function')],
  ]);
  expect(() => update?.(undefined as never)).toThrow(
    'The argument of update must be the SDL of a supergraph, but it is undefined.',
  );
  await gateway.stop();
});
