import { LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, parse, print } from 'graphql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createExecutor, type ExecutorContext } from '../executor.js';
import { startSubgraphServer, type SubgraphServer } from '../testing/subgraph-server.js';
import { executeTestRequest, silentLogger } from '../testing/test-executor.js';
import { createTestFederation } from '../testing/test-federation.js';
import { createSubgraphOperation } from '../data-sources/data-source.js';
import { createLightAbortController, type AbortSignalLike } from '../shared/light-abort-signal.js';
import {
  adaptApolloDataSource,
  toApolloDataSource,
  type AdaptApolloDataSourceOptions,
  type ApolloDataSource,
} from './apollo-data-source.js';

const BOOKS = {
  typeDefs: 'type Query { book: Book secret: String } type Book @key(fields: "id") { id: ID! title: String }',
  resolvers: {
    Query: {
      book: () => ({ id: '1', title: 'First' }),
      secret: () => {
        throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN', role: 'guest' } });
      },
    },
  },
};

let server: SubgraphServer;
beforeEach(async () => {
  server = await startSubgraphServer('books', BOOKS);
});
afterEach(() => server.close());

/** An executor whose only subgraph is queried with a data source of @apollo/gateway. */
function createBooksExecutor(
  dataSource: ApolloDataSource,
  error = vi.fn(),
  options: AdaptApolloDataSourceOptions = {},
) {
  return createExecutor<ExecutorContext>({
    planWorkers: 0,
    supergraphSdl: createTestFederation({ books: BOOKS }).supergraphSdl,
    createDataSource: () => adaptApolloDataSource(dataSource, options),
    logger: { ...silentLogger, error },
  });
}

interface CallerContext extends ExecutorContext {
  readonly callerName: string;
}

describe('a RemoteGraphQLDataSource', () => {
  test('runs its hooks with the context of the operation, and sends the headers that they set', async () => {
    const received: unknown[] = [];
    const executor = createBooksExecutor(
      new RemoteGraphQLDataSource<{ callerName: string }>({
        url: server.url,
        willSendRequest({ request, context, kind }) {
          expect(kind).toBe('incoming operation');
          request.http?.headers.set('x-caller', String(context.callerName));
        },
        didReceiveResponse({ response, context }) {
          received.push([context.callerName, response.data, response.http?.headers.get('content-type')]);
          return response;
        },
      }),
    );
    const context: CallerContext = {
      callerName: 'ana',
      headers: () => ({ authorization: 'Bearer 1' }),
      traceHeaders: () => ({ 'x-trace': '7' }),
    };
    expect(await executeTestRequest(executor, 'query Q { book { title } }', { context })).toEqual({
      data: { book: { title: 'First' } },
    });
    expect(server.requests).toMatchObject([
      {
        headers: { 'x-caller': 'ana', authorization: 'Bearer 1', 'x-trace': '7' },
        operationName: 'Q__books',
      },
    ]);
    expect(received).toEqual([['ana', { book: { title: 'First' } }, 'application/json']]);
  });

  test('shares no request of another operation, because its hooks may read anything of the context', async () => {
    const executor = createBooksExecutor(
      new RemoteGraphQLDataSource<{ callerName: string }>({
        url: server.url,
        willSendRequest: ({ request, context }) =>
          request.http?.headers.set('x-caller', String(context.callerName)),
      }),
    );
    await Promise.all(
      ['ana', 'ben'].map((callerName) => {
        const context: CallerContext = { callerName };
        return executeTestRequest(executor, '{ book { title } }', { context });
      }),
    );
    expect(server.requests.map(({ headers }) => headers['x-caller']).toSorted()).toEqual(['ana', 'ben']);
  });

  test('keeps the extensions of errors in responses', async () => {
    const executor = createBooksExecutor(new RemoteGraphQLDataSource({ url: server.url }));
    expect(await executeTestRequest(executor, '{ secret }')).toEqual({
      data: { secret: null },
      errors: [
        {
          message: 'Not for you.',
          path: ['secret'],
          extensions: { code: 'FORBIDDEN', role: 'guest', serviceName: 'books' },
        },
      ],
    });
  });

  test('keeps the extensions of the error of an HTTP status; URL and body are only logged', async () => {
    server.respond = (response) => response.writeHead(401, { 'content-type': 'text/plain' }).end('no token');
    const warn = vi.fn();
    const executor = createBooksExecutor(new RemoteGraphQLDataSource({ url: server.url }), vi.fn(), {
      name: 'books',
      logger: { ...silentLogger, warn },
    });
    expect((await executeTestRequest(executor, '{ book { id } }')).errors).toEqual([
      {
        message: '401: Unauthorized',
        path: ['book'],
        extensions: {
          code: 'UNAUTHENTICATED',
          serviceName: 'books',
          response: { status: 401, statusText: 'Unauthorized' },
        },
      },
    ]);
    expect(warn.mock.calls).toEqual([
      [
        { service: 'books', url: server.url, status: 401, statusText: 'Unauthorized', body: 'no token' },
        'a subgraph responded with an HTTP error',
      ],
    ]);
  });

  test('whose subgraph does not respond causes an error when the time limit passes', async () => {
    server.respond = () => undefined;
    const warn = vi.fn();
    const executor = createBooksExecutor(new RemoteGraphQLDataSource({ url: server.url }), vi.fn(), {
      name: 'books',
      timeoutMs: 20,
      logger: { ...silentLogger, warn },
    });
    expect((await executeTestRequest(executor, '{ book { id } }')).errors).toEqual([
      {
        message: 'The subgraph "books" did not respond in time. Retry later.',
        path: ['book'],
        extensions: { code: 'SUBGRAPH_TIMEOUT', serviceName: 'books' },
      },
    ]);
    expect(warn.mock.calls).toEqual([
      [{ service: 'books', kind: 'timeout', afterMs: 20 }, 'no valid response from a subgraph'],
    ]);
  });

  test('that cannot connect causes a masked error, which is logged', async () => {
    const error = vi.fn();
    const executor = createBooksExecutor(new RemoteGraphQLDataSource({ url: 'http://127.0.0.1:1/' }), error);
    expect((await executeTestRequest(executor, '{ book { id } }')).errors).toMatchObject([
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(String((error.mock.calls[0]?.[0] as { err: unknown }).err)).toContain('ECONNREFUSED');
  });
});

test('a LocalGraphQLDataSource executes on its schema', async () => {
  const schema = buildSubgraphSchema({ typeDefs: parse(BOOKS.typeDefs), resolvers: BOOKS.resolvers });
  const executor = createBooksExecutor(new LocalGraphQLDataSource(schema));
  expect(await executeTestRequest(executor, '{ book { id title } }')).toEqual({
    data: { book: { id: '1', title: 'First' } },
  });
});

test('a response that the data source keeps is not changed', async () => {
  const response = { data: { book: { __typename: 'Book', id: '1', title: 'First' } } };
  const executor = createBooksExecutor({ process: () => Promise.resolve(response) });
  const before = structuredClone(response);
  await executeTestRequest(executor, '{ book { id title } }');
  expect(response).toEqual(before);
});

test.each([
  [{ data: [] }, 'The data is not an object.'],
  [{}, 'The body has neither data nor errors.'],
  [undefined, 'The response is not an object.'],
])('the invalid response %j causes an error, and the reason is logged', async (response, reason) => {
  const warn = vi.fn();
  const executor = createBooksExecutor({ process: () => Promise.resolve(response as never) }, vi.fn(), {
    name: 'books',
    logger: { ...silentLogger, warn },
  });
  expect((await executeTestRequest(executor, '{ book { id } }')).errors).toMatchObject([
    { message: 'The subgraph "books" returned an invalid response.', path: ['book'] },
  ]);
  expect(warn.mock.calls).toEqual([
    [{ service: 'books', kind: 'invalid-response', reason }, 'no valid response from a subgraph'],
  ]);
});

test('receives the parsed operation and the path in the response of the client', async () => {
  const received: unknown[] = [];
  const executor = createBooksExecutor({
    process({ document, pathInIncomingRequest }) {
      received.push(document && print(document), pathInIncomingRequest);
      return Promise.resolve({ data: { book: null } });
    },
  });
  await executeTestRequest(executor, '{ book { id } }');
  expect(received).toEqual(['{\n  book {\n    id\n  }\n}', []]);
});

describe('a thrown value that is not an Error', () => {
  test.each([undefined, null, 'text'])('%j causes a masked error, which is logged', async (value) => {
    const error = vi.fn();
    const executor = createBooksExecutor(
      {
        process: vi.fn().mockRejectedValue(value),
      },
      error,
    );
    expect((await executeTestRequest(executor, '{ book { id } }')).errors).toMatchObject([
      { extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    const [{ err }] = error.mock.calls[0] as [{ err: Error }];
    expect(err.message).toBe('A data source threw a value that is not an Error. Throw an Error.');
    expect(err.cause).toBe(value);
  });
});

describe('an adapted data source that does not respond', () => {
  /** A signal that counts its listeners. */
  function createCountingSignal() {
    const controller = createLightAbortController();
    const listeners = new Set<() => void>();
    const signal: AbortSignalLike = {
      get aborted() {
        return controller.signal.aborted;
      },
      addEventListener: (type, listener) => {
        listeners.add(listener);
        controller.signal.addEventListener(type, listener);
      },
      removeEventListener: (type, listener) => {
        listeners.delete(listener);
        controller.signal.removeEventListener(type, listener);
      },
    };
    return { controller, listeners, signal };
  }

  const request = {
    operation: createSubgraphOperation('query', '{ book { id } }', undefined),
    variables: '{}',
    entityCount: undefined,
  };
  const cancelled = {
    data: null,
    errors: [
      {
        message: 'The subgraph did not respond before the request was cancelled.',
        extensions: { code: 'REQUEST_CANCELLED' },
      },
    ],
  };
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is no longer waited for when the signal aborts, and leaves no listener or timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { controller, listeners, signal } = createCountingSignal();
    const dataSource = adaptApolloDataSource({ process: () => new Promise(() => undefined) });
    const fetched = dataSource.fetch(request, { signal, abortSignal: controller.abortSignal });
    expect([listeners.size, vi.getTimerCount()]).toEqual([1, 1]);
    controller.abort();
    expect(await fetched).toMatchObject(cancelled);
    expect([listeners.size, vi.getTimerCount()]).toEqual([0, 0]);
    expect(await dataSource.fetch(request, { signal, abortSignal: controller.abortSignal })).toMatchObject(
      cancelled,
    );
    expect([listeners.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test('leaves no listener or timer after a response', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { controller, listeners, signal } = createCountingSignal();
    const dataSource = adaptApolloDataSource({ process: () => Promise.resolve({ data: { book: null } }) });
    const fetched = dataSource.fetch(request, { signal, abortSignal: controller.abortSignal });
    expect([listeners.size, vi.getTimerCount()]).toEqual([1, 1]);
    await fetched;
    expect([listeners.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test('has its time limit also for a supergraph manager', async () => {
    const dataSource = adaptApolloDataSource(
      { process: () => new Promise(() => undefined) },
      { name: 'books', timeoutMs: 5, logger: silentLogger },
    );
    await expect(
      toApolloDataSource(dataSource).process({
        kind: 'loading schema',
        request: { query: '{ a }' },
        context: {},
      }),
    ).rejects.toMatchObject({ extensions: { code: 'SUBGRAPH_TIMEOUT' } });
  });
});
