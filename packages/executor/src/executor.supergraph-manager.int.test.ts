import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { IntrospectAndCompose, LocalCompose } from '@apollo/gateway';
import { parse } from 'graphql';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type {
  SupergraphManager,
  SupergraphSdlHook,
  SupergraphSdlHookOptions,
} from './apollo/supergraph-manager.js';
import { createDataSource } from './data-sources/http-data-source.js';
import {
  createExecutor,
  type Executor,
  type ExecutorContext,
  type ManagedExecutorOptions,
} from './executor.js';
import { startSubgraphServer, type SubgraphServer } from './testing/subgraph-server.js';
import { executeTestRequest, silentLogger } from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';
import { waitForAssertion } from './testing/wait-for-assertion.js';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function startSubgraph(...args: Parameters<typeof startSubgraphServer>): Promise<SubgraphServer> {
  const server = await startSubgraphServer(...args);
  cleanUp.push(() => server.close());
  return server;
}

async function createManaged(
  supergraphSdl: SupergraphManager | SupergraphSdlHook,
  options: Partial<ManagedExecutorOptions<ExecutorContext>> = {},
): Promise<Executor<ExecutorContext>> {
  const executor = await createExecutor<ExecutorContext>({
    planWorkers: 0,
    supergraphSdl,
    createDataSource: ({ name, url }) => createDataSource({ name, url, logger: silentLogger }),
    logger: silentLogger,
    ...options,
  });
  cleanUp.push(() => executor.close());
  return executor;
}

const WAIT_OPTIONS = { timeout: 10_000 };

/** A supergraph with one field of Query. */
const composeField = (field: string) =>
  createTestFederation({ things: { typeDefs: `type Query { ${field}: Int }` } }).supergraphSdl;

const getFieldNames = ({ schema }: Executor<ExecutorContext>) =>
  Object.keys(schema.getQueryType()?.getFields() ?? {});

/** A hook that gives its options to the test. */
function createControlledHook(firstField = 'first') {
  const cleanup = vi.fn(() => Promise.resolve());
  let options: SupergraphSdlHookOptions | undefined;
  const hook: SupergraphSdlHook = (hookOptions) => {
    options = hookOptions;
    return Promise.resolve({ supergraphSdl: composeField(firstField), cleanup });
  };
  const getOptions = () => {
    if (!options) throw new Error('The hook was not called.');
    return options;
  };
  return { hook, cleanup, getOptions };
}

describe('a supergraph manager of @apollo/gateway', () => {
  const PRODUCTS = { typeDefs: 'type Query { product: Int }', resolvers: { Query: { product: () => 1 } } };
  const REVIEWS = { typeDefs: 'type Query { review: Int }', resolvers: { Query: { review: () => 2 } } };

  test('IntrospectAndCompose composes the running subgraphs and polls their schemas', async () => {
    const servers = [await startSubgraph('products', PRODUCTS), await startSubgraph('reviews', REVIEWS)];
    const executor = await createManaged(
      new IntrospectAndCompose({
        subgraphs: servers.map(({ name, url }) => ({ name, url })),
        pollIntervalInMs: 20,
        subgraphHealthCheck: true,
        introspectionHeaders: ({ name }) => ({ 'x-secret': `for ${name}` }),
      }),
    );
    expect(servers[1]?.requests[0]?.headers['x-secret']).toBe('for reviews');
    expect(await executeTestRequest(executor, '{ product review }')).toEqual({
      data: { product: 1, review: 2 },
    });
    servers[1]?.replaceSchema({
      typeDefs: 'type Query { review: Int stars: Int }',
      resolvers: { Query: { stars: () => 5 } },
    });
    await vi.waitFor(() => expect(getFieldNames(executor)).toContain('stars'), WAIT_OPTIONS);
    expect(await executeTestRequest(executor, '{ stars }')).toEqual({ data: { stars: 5 } });
  });

  test('IntrospectAndCompose that cannot compose rejects the creation with its reason', async () => {
    const servers = [await startSubgraph('products', PRODUCTS), await startSubgraph('reviews', PRODUCTS)];
    const manager = new IntrospectAndCompose({ subgraphs: servers.map(({ name, url }) => ({ name, url })) });
    await expect(createManaged(manager)).rejects.toThrow("A valid schema couldn't be composed");
  });

  const respondWith = (status: number, body: string) => (response: ServerResponse) =>
    void response.writeHead(status).end(body);

  test.each([
    [
      'a refused connection',
      undefined,
      'The subgraph "products" cannot be reached. Retry later. Reason: connect ECONNREFUSED 127.0.0.1:1',
    ],
    [
      'a redirect',
      respondWith(302, ''),
      'The subgraph "products" returned an invalid response. Reason: It responded with the HTTP status 302. The body is not JSON.',
    ],
    [
      'a proxy without the subgraph',
      respondWith(503, '<html>'),
      'The subgraph "products" cannot respond now. Retry later. Reason: It responded with the HTTP status 503.',
    ],
    [
      'GraphQL errors with an HTTP error',
      respondWith(401, '{"errors":[{"message":"Send a token."}]}'),
      'Send a token. (HTTP status 401)',
    ],
  ])('IntrospectAndCompose reports the HTTP status and the cause of %s', async (_, respond, reason) => {
    const server = await startSubgraph('products', PRODUCTS);
    server.respond = respond;
    const url = respond ? server.url : 'http://127.0.0.1:1/';
    const error = vi.fn();
    const manager = new IntrospectAndCompose({
      subgraphs: [{ name: 'products', url }],
      logger: { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error },
    });
    const message = `Couldn't load service definitions for "products" at ${url}: ${reason}`;
    await expect(createManaged(manager)).rejects.toThrow(message);
    expect(error).toHaveBeenCalledWith(expect.stringContaining(message));
  });

  test('LocalCompose provides the supergraph of local type definitions', async () => {
    const { name, url } = await startSubgraph('products', PRODUCTS);
    const executor = await createManaged(
      new LocalCompose({ localServiceList: [{ name, url, typeDefs: parse(PRODUCTS.typeDefs) }] }),
    );
    expect(await executeTestRequest(executor, '{ product }')).toEqual({ data: { product: 1 } });
  });
});

describe('update', () => {
  test('serves the supergraphs in the order of the calls', async () => {
    const { hook, getOptions } = createControlledHook();
    const served: string[] = [];
    const executor = await createManaged(hook, {
      onSupergraphChange: ({ schema }) =>
        served.push(...Object.keys(schema.getQueryType()?.getFields() ?? {})),
    });
    const [second, third, fourth] = ['second', 'third', 'fourth'].map(composeField);
    getOptions().update(second!);
    const reloaded = executor.reload(third!);
    getOptions().update(fourth!);
    await reloaded;
    await vi.waitFor(() => expect(getFieldNames(executor)).toEqual(['fourth']), WAIT_OPTIONS);
    expect(executor.supergraphSdl).toBe(fourth);
    expect(served).toEqual(['second', 'third', 'fourth']);
  });

  test('throws for an invalid supergraph, logs it, and keeps the present one', async () => {
    const { hook, getOptions } = createControlledHook();
    const error = vi.fn();
    const executor = await createManaged(hook, { logger: { ...silentLogger, error } });
    expect(() => getOptions().update('type Query { a: Int }')).toThrow('not a supergraph');
    expect(error.mock.calls.map(([, message]: unknown[]) => message)).toEqual([
      'the updated supergraph is invalid; the previous one is still served',
    ]);
    expect(getFieldNames(executor)).toEqual(['first']);
    getOptions().update(composeField('second'));
    await vi.waitFor(() => expect(getFieldNames(executor)).toEqual(['second']), WAIT_OPTIONS);
  });

  test('with an invalid supergraph before the first one logs that none is served', async () => {
    const error = vi.fn();
    await createManaged(
      ({ update }) => {
        expect(() => update('invalid')).toThrow();
        return Promise.resolve({ supergraphSdl: composeField('first') });
      },
      { logger: { ...silentLogger, error } },
    );
    expect(error.mock.calls.map(([, message]: unknown[]) => message)).toEqual([
      'the updated supergraph is invalid; none is served yet',
    ]);
  });

  test('serves a supergraph again whose reload has failed', async () => {
    const { hook, getOptions } = createControlledHook();
    const error = vi.fn();
    let failureCount = 1;
    const maxWarmedOperations = {
      valueOf() {
        if (failureCount-- > 0) throw new Error('No operations.');
        return 100;
      },
    };
    const executor = await createManaged(hook, {
      maxWarmedOperations: maxWarmedOperations as unknown as number,
      logger: { ...silentLogger, error },
    });
    getOptions().update(composeField('second'));
    await waitForAssertion(() => expect(error).toHaveBeenCalledOnce());
    expect(getFieldNames(executor)).toEqual(['first']);
    getOptions().update(composeField('second'));
    await vi.waitFor(() => expect(getFieldNames(executor)).toEqual(['second']), WAIT_OPTIONS);
  });

  test('with the present supergraph changes nothing', async () => {
    const { hook, getOptions } = createControlledHook();
    const onSupergraphChange = vi.fn();
    const executor = await createManaged(hook, { onSupergraphChange });
    const { schema } = executor;
    getOptions().update(composeField('first'));
    await executor.reload(composeField('second'));
    expect(onSupergraphChange).toHaveBeenCalledOnce();
    expect(executor.schema).not.toBe(schema);
  });

  test('before the manager has returned its first supergraph is replaced by that one', async () => {
    const executor = await createManaged(({ update }) => {
      update(composeField('early'));
      return Promise.resolve({ supergraphSdl: composeField('first') });
    });
    await waitForAssertion(() => expect(getFieldNames(executor)).toEqual(['first']));
  });

  test('while the executor closes is ignored, and cleanup is called once', async () => {
    const { hook, cleanup, getOptions } = createControlledHook();
    let finishCleanup: (() => void) | undefined;
    cleanup.mockImplementation(() => new Promise((resolve) => (finishCleanup = resolve)));
    const executor = await createManaged(hook);
    const closed = Promise.all([executor.close(), executor.close()]);
    await waitForAssertion(() => expect(finishCleanup).toBeDefined());
    getOptions().update(composeField('second'));
    getOptions().update('invalid');
    finishCleanup?.();
    await closed;
    getOptions().update(composeField('second'));
    await setImmediate();
    expect(getFieldNames(executor)).toEqual(['first']);
    expect(cleanup).toHaveBeenCalledOnce();
    await expect(executor.reload(composeField('second'))).rejects.toThrow('closed');
  });

  test('that close overtakes is finished before the data sources are closed', async () => {
    const { hook, getOptions } = createControlledHook();
    const open = new Set<string>();
    const executor = await createManaged(hook, {
      createDataSource: ({ name, url }) => {
        open.add(url);
        const close = () => Promise.resolve(void open.delete(url));
        return { ...createDataSource({ name, url, logger: silentLogger }), close };
      },
    });
    getOptions().update(composeField('second').replace('http://things.test', 'http://moved.test'));
    await executor.close();
    expect([...open]).toEqual([]);
  });
});

test('an error of cleanup is logged, and the executor is closed', async () => {
  const { hook, cleanup } = createControlledHook();
  cleanup.mockRejectedValue(new Error('stuck'));
  const error = vi.fn();
  const executor = await createManaged(hook, { logger: { ...silentLogger, error } });
  await executor.close();
  expect(error.mock.calls).toMatchObject([[{ err: new Error('stuck') }, expect.stringContaining('cleanup')]]);
});

test.each(['nonsense', undefined as unknown as string])(
  'a manager that returns the supergraph %j is cleaned up, and the creation is rejected',
  async (supergraphSdl) => {
    const cleanup = vi.fn(() => Promise.resolve());
    await expect(createManaged(() => Promise.resolve({ supergraphSdl, cleanup }))).rejects.toThrow();
    expect(cleanup).toHaveBeenCalledOnce();
  },
);

test('healthCheck rejects for a subgraph that does not answer, and names it', async () => {
  const { hook, getOptions } = createControlledHook();
  await createManaged(hook);
  const server = await startSubgraph('things', { typeDefs: 'type Query { a: Int }' });
  const supergraphSdl = composeField('a').replace('http://things.test/graphql', server.url);
  await getOptions().healthCheck(supergraphSdl);
  server.respond = (response) => response.writeHead(503).end();
  await expect(getOptions().healthCheck(supergraphSdl)).rejects.toThrow(
    'The health check of the subgraph "things" failed: The subgraph "things" cannot respond now. Retry later.',
  );
});

describe('the data sources of a manager', () => {
  /** Data sources that record their endpoint when they are created and closed. */
  function createRecordingDataSources() {
    const created: string[] = [];
    const closed: string[] = [];
    const create: ManagedExecutorOptions<ExecutorContext>['createDataSource'] = ({ name, url }) => {
      created.push(`${name} ${url}`);
      return {
        fetch: () => Promise.resolve({ data: { __typename: 'Query' } }),
        close: () => Promise.resolve(void closed.push(`${name} ${url}`)),
      };
    };
    return { create, created, closed };
  }

  test('are created once per name and URL, shared with health checks, and closed with the executor', async () => {
    const { hook, getOptions } = createControlledHook();
    const { create, created, closed } = createRecordingDataSources();
    const executor = await createManaged(hook, { createDataSource: create });
    created.length = 0;
    const { getDataSource, healthCheck } = getOptions();
    const things = { name: 'things', url: 'http://things.test/graphql' };
    const other = { name: 'things', url: 'http://other.test/graphql' };
    const dataSource = getDataSource(things);
    expect(getDataSource({ ...things })).toBe(dataSource);
    expect(getDataSource(other)).not.toBe(dataSource);
    await healthCheck(composeField('first'));
    const endpoints = [things, other].map(({ name, url }) => `${name} ${url}`);
    expect(created).toEqual(endpoints);
    expect(closed).toEqual([]);
    await executor.close();
    expect(closed.toSorted()).toEqual([endpoints[0]!, ...endpoints].toSorted());
    expect(() => getDataSource(things)).toThrow('The executor is closed. Create another one.');
  });

  test('that cannot be closed leave no other open, and the rejection names all problems', async () => {
    const { hook, getOptions } = createControlledHook();
    const closed: string[] = [];
    const executor = await createExecutor<ExecutorContext>({
      planWorkers: 0,
      supergraphSdl: hook,
      logger: silentLogger,
      createDataSource: ({ url }) => ({
        fetch: () => Promise.resolve({ data: null }),
        close: () => {
          closed.push(url);
          return url.includes('stuck') ? Promise.reject(new Error(url)) : Promise.resolve();
        },
      }),
    });
    for (const url of ['http://stuck.test/1', 'http://stuck.test/2', 'http://open.test/']) {
      getOptions().getDataSource({ name: 'things', url });
    }
    await expect(executor.close()).rejects.toMatchObject({
      errors: [new Error('http://stuck.test/1'), new Error('http://stuck.test/2')],
    });
    expect(closed.toSorted()).toEqual([
      'http://open.test/',
      'http://stuck.test/1',
      'http://stuck.test/2',
      'http://things.test/graphql',
    ]);
  });

  test('that cannot be closed do not replace the error of the creation', async () => {
    const error = vi.fn();
    const created = createManaged(
      ({ getDataSource }) => {
        getDataSource({ name: 'things', url: 'http://things.test/graphql' });
        return Promise.reject(new Error('The registry is unreachable.'));
      },
      {
        logger: { ...silentLogger, error },
        createDataSource: () => ({
          fetch: () => Promise.resolve({ data: null }),
          close: () => Promise.reject(new Error('stuck')),
        }),
      },
    );
    await expect(created).rejects.toThrow('The registry is unreachable.');
    expect(error.mock.calls).toEqual([
      [{ err: new Error('stuck') }, 'an executor that could not be created could not be closed'],
    ]);
  });
});

describe('signal', () => {
  test('rejects the creation while the manager initializes; a late manager is cleaned up', async () => {
    const controller = new AbortController();
    const cleanup = vi.fn(() => Promise.resolve());
    let finish: (() => void) | undefined;
    const created = createManaged(
      ({ update }) =>
        new Promise((resolve) => {
          finish = () => {
            update(composeField('late'));
            resolve({ supergraphSdl: composeField('first'), cleanup });
          };
        }),
      { signal: controller.signal },
    );
    const reason = new Error('No longer needed.');
    controller.abort(reason);
    await expect(created).rejects.toBe(reason);
    expect(cleanup).not.toHaveBeenCalled();
    finish?.();
    await waitForAssertion(() => expect(cleanup).toHaveBeenCalledOnce());
  });

  test('that has aborted already prevents the start of the manager', async () => {
    const { hook, getOptions } = createControlledHook();
    const reason = new Error('No longer needed.');
    await expect(createManaged(hook, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(getOptions).toThrow('The hook was not called.');
  });
});
