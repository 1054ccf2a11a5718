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
    await vi.waitFor(() => expect(getFieldNames(executor)).toEqual(['first']));
  });

  test('while the executor closes is ignored, and cleanup is called once', async () => {
    const { hook, cleanup, getOptions } = createControlledHook();
    let finishCleanup: (() => void) | undefined;
    cleanup.mockImplementation(() => new Promise((resolve) => (finishCleanup = resolve)));
    const executor = await createManaged(hook);
    const closed = Promise.all([executor.close(), executor.close()]);
    await vi.waitFor(() => expect(finishCleanup).toBeDefined());
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
