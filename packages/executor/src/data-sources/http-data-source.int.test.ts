import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../testing/test-executor.js';
import { createSubgraphOperation, type DataSource, type SubgraphFetchContext } from './data-source.js';
import { createDataSource, type DataSourceOptions } from './http-data-source.js';
import { createLightAbortController, type LightAbortController } from '../shared/light-abort-signal.js';
import { waitForAssertion } from '../testing/wait-for-assertion.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

const respondWith =
  (body: string, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  };

interface TestRequest {
  readonly query?: string;
  readonly kind?: 'query' | 'mutation';
  readonly variables?: { readonly representations?: readonly object[]; readonly [name: string]: unknown };
  readonly context?: Partial<SubgraphFetchContext>;
}

const openSources: DataSource[] = [];
afterEach(async () => {
  for (const source of openSources.splice(0)) await source.close?.();
});

function openDataSource(url: string, options: Partial<DataSourceOptions> = {}): DataSource {
  const source = createDataSource({
    name: 'reports',
    url,
    logger: silentLogger,
    retries: { backoffMs: 1 },
    ...options,
  });
  openSources.push(source);
  return source;
}

const toFetchContext = ({ signal, abortSignal }: LightAbortController): SubgraphFetchContext => ({
  signal,
  abortSignal,
});

const sendRequest = (
  source: DataSource,
  { query = '{ rule }', kind = 'query', variables = {}, context = {} }: TestRequest = {},
) =>
  source.fetch(
    {
      operation: createSubgraphOperation(kind, query, 'Op'),
      variables: JSON.stringify(variables),
      entityCount: variables.representations?.length,
    },
    { ...toFetchContext(createLightAbortController()), ...context },
  );

const fetchFrom = (
  url: string,
  { options, ...request }: TestRequest & { options?: Partial<DataSourceOptions> } = {},
) => sendRequest(openDataSource(url, options), request);

const errorResponse = (message: string, code: string) => ({
  data: null,
  errors: [{ message, extensions: { code } }],
});

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

test('sends the operation as JSON with only the headers of the context', async () => {
  let seen: { method: string | undefined; headers: IncomingMessage['headers']; body: unknown } | undefined;
  const url = await serve((request, response) => {
    void readBody(request).then((body) => {
      seen = { method: request.method, headers: request.headers, body };
      response.end('{"data":{"rule":null}}');
    });
  });
  const context = {
    headers: { authorization: 'me', 'Content-Type': 'text/plain' },
    traceHeaders: { 'x-correlation-id': 'abc' },
  };
  expect(await fetchFrom(url, { query: '{ rule }', variables: { a: [1] }, context })).toEqual({
    data: { rule: null },
  });
  expect(seen).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'me', 'x-correlation-id': 'abc' },
    body: { query: '{ rule }', variables: { a: [1] }, operationName: 'Op' },
  });
});

test.each([
  [200, undefined],
  [400, 400],
  [500, 500],
])('returns GraphQL errors unchanged with status %i', async (status, errorStatus) => {
  const response = {
    data: null,
    errors: [{ message: 'no', path: ['rule'], extensions: { code: 'NO', faults: [1] } }],
  };
  const url = await serve(respondWith(JSON.stringify(response), status));
  expect(await fetchFrom(url)).toEqual({ ...response, errorStatus });
});

describe('a missing or invalid response becomes an error', () => {
  test('when the connection is refused; the details are logged', async () => {
    const url = await serve(respondWith(''));
    server?.close();
    const warn = vi.fn();
    const response = await fetchFrom(url, { options: { logger: { ...silentLogger, warn } } });
    expect(response).toMatchObject(
      errorResponse('The subgraph "reports" cannot be reached. Retry later.', 'SUBGRAPH_UNAVAILABLE'),
    );
    expect(response.errors?.[0]?.originalError?.message).toContain('ECONNREFUSED');
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ service: 'reports', url, kind: 'unreachable' });
  });

  test.each<[string, RequestListener, Partial<DataSourceOptions>]>([
    ['before the response', () => undefined, { timeoutMs: 50 }],
    ['before the response headers', () => undefined, { headersTimeoutMs: 50 }],
    [
      'in the middle of the response',
      (_request, response) => void response.write('{"data":'),
      { timeoutMs: 100, headersTimeoutMs: 90 },
    ],
  ])('when the time limit passes %s', async (_, listener, options) => {
    const response = await fetchFrom(await serve(listener), { options });
    expect(response).toMatchObject(
      errorResponse('The subgraph "reports" did not respond in time. Retry later.', 'SUBGRAPH_TIMEOUT'),
    );
  });

  test('when the connection breaks in the middle of the response', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"data":', () => response.destroy());
    });
    expect(await fetchFrom(url)).toMatchObject(
      errorResponse('The subgraph "reports" cannot be reached. Retry later.', 'SUBGRAPH_UNAVAILABLE'),
    );
  });

  test.each([
    [
      'an error page of a proxy',
      '<html>Bad gateway</html>',
      502,
      'cannot respond now. Retry later.',
      'SUBGRAPH_UNAVAILABLE',
    ],
    [
      'an object that is no GraphQL response',
      '{"status":"down"}',
      503,
      'cannot respond now. Retry later.',
      'SUBGRAPH_UNAVAILABLE',
    ],
    [
      'one with fewer entities than requested',
      '{"data":{"_entities":[]}}',
      200,
      'returned an invalid response.',
      'SUBGRAPH_BAD_RESPONSE',
    ],
    ['an HTML page', '<html>Welcome</html>', 200, 'returned an invalid response.', 'SUBGRAPH_BAD_RESPONSE'],
  ])('when the response is %s', async (_, body, status, words, code) => {
    const response = await fetchFrom(await serve(respondWith(body, status)), {
      variables: { representations: [{ __typename: 'Rule', id: '1' }] },
    });
    expect(response).toMatchObject(errorResponse(`The subgraph "reports" ${words}`, code));
  });

  test('when the response is too large', async () => {
    const url = await serve(respondWith(`{"data":{"rule":"${'x'.repeat(2_000)}"}}`));
    expect(await fetchFrom(url, { options: { maxResponseBytes: 1_000 } })).toMatchObject(
      errorResponse(
        'The subgraph "reports" returned a response that is too large. Select less.',
        'SUBGRAPH_BAD_RESPONSE',
      ),
    );
  });
});

describe('when the subgraph is unavailable', () => {
  /** Fails the given number of times, then responds. */
  const failTimes = (
    times: number,
    fail: RequestListener,
  ): { listener: RequestListener; requestCount: () => number } => {
    let requestCount = 0;
    return {
      requestCount: () => requestCount,
      listener: (request, response) => {
        requestCount++;
        if (requestCount <= times) fail(request, response);
        else response.end('{"data":{"rule":1}}');
      },
    };
  };
  const destroySocket: RequestListener = ({ socket }) => void socket.destroy();

  test.each<[string, RequestListener]>([
    ['a broken connection', destroySocket],
    ['status 503', respondWith('', 503)],
  ])('a query is retried after %s', async (_, fail) => {
    const { listener, requestCount } = failTimes(2, fail);
    expect(await fetchFrom(await serve(listener))).toEqual({ data: { rule: 1 } });
    expect(requestCount()).toBe(3);
  });

  test('a mutation is sent once', async () => {
    const { listener, requestCount } = failTimes(1, destroySocket);
    const response = await fetchFrom(await serve(listener), { kind: 'mutation' });
    expect(response.errors?.[0]?.extensions).toEqual({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(requestCount()).toBe(1);
  });

  test('queries are retried until the retry budget is spent', async () => {
    const { listener, requestCount } = failTimes(Infinity, destroySocket);
    const source = openDataSource(await serve(listener), {
      retries: { attempts: 2, backoffMs: 1, reserve: 3, ratio: 0 },
      circuitBreaker: { requests: 1_000 },
    });
    for (let index = 0; index < 4; index++) await sendRequest(source);
    expect(requestCount()).toBe(4 + 3);
  });
});

test('the circuit breaker opens after repeated failures and then lets one trial request pass', async () => {
  let isDown = true;
  let requestCount = 0;
  const url = await serve((_request, response) => {
    requestCount++;
    response.statusCode = isDown ? 503 : 200;
    response.end('{"data":{"rule":1}}');
  });
  let now = 0;
  const changes: string[] = [];
  const source = openDataSource(url, {
    retries: { attempts: 0 },
    circuitBreaker: { requests: 3, openMs: 1_000, now: () => now, onChange: (state) => changes.push(state) },
  });
  for (let index = 0; index < 3; index++) await sendRequest(source);
  expect(source.circuitBreakerState).toBe('open');
  expect(await sendRequest(source)).toMatchObject(
    errorResponse(
      'The subgraph "reports" is temporarily unavailable (circuit breaker open). Retry later.',
      'SUBGRAPH_UNAVAILABLE',
    ),
  );
  expect(requestCount).toBe(3);
  now = 1_000;
  isDown = false;
  const [trial, other] = await Promise.all([sendRequest(source), sendRequest(source)]);
  expect([trial, other.errors?.[0]?.extensions]).toEqual([
    { data: { rule: 1 } },
    { code: 'SUBGRAPH_UNAVAILABLE' },
  ]);
  expect(changes).toEqual(['open', 'half-open', 'closed']);
});

test('an aborted signal closes the connection and prevents further requests', async () => {
  const controller = createLightAbortController();
  let received: IncomingMessage | undefined;
  const url = await serve((request) => (received = request));
  const source = openDataSource(url);
  const context = toFetchContext(controller);
  const response = sendRequest(source, { context });
  await waitForAssertion(() => expect(received).toBeDefined());
  const closed = once(received!.socket, 'close');
  controller.abort();
  expect((await response).errors?.[0]?.extensions).toEqual({ code: 'REQUEST_CANCELLED' });
  await closed;
  received = undefined;
  expect((await sendRequest(source, { context })).errors?.[0]?.extensions).toEqual({
    code: 'REQUEST_CANCELLED',
  });
  expect(received).toBeUndefined();
});

test('connections are reused', async () => {
  const sockets = new Set<unknown>();
  const url = await serve(({ socket }, response) => {
    sockets.add(socket);
    response.end('{"data":{"rule":1}}');
  });
  const source = openDataSource(url);
  for (let index = 0; index < 20; index++) await sendRequest(source);
  // The connection of the previous request may still be busy when the next one is sent.
  expect(sockets.size).toBeLessThanOrEqual(2);
});

describe('the header that tells the subgraph how long its response is awaited', () => {
  const serveDeadlines = async (options: Partial<DataSourceOptions>) => {
    const deadlines: unknown[] = [];
    const pending: (() => void)[] = [];
    const url = await serve((request, response) => {
      deadlines.push(request.headers['x-deadline']);
      pending.push(() => response.end('{"data":{"rule":1}}'));
    });
    const source = openDataSource(url, { maxRequestsPerCaller: 1, timeoutMs: 5_000, ...options });
    const fetchAsAna = (query: string) =>
      sendRequest(source, { query, context: { operationContext: { fairnessKey: 'ana' } } });
    return { deadlines, pending, fetchAsAna };
  };

  test('has the remaining time after the fetch has waited for its turn', async () => {
    const { deadlines, pending, fetchAsAna } = await serveDeadlines({ deadlineHeader: 'x-deadline' });
    const first = fetchAsAna('{ a1 }');
    const second = fetchAsAna('{ a2 }');
    const since = performance.now();
    await waitForAssertion(() => expect(pending).toHaveLength(1));
    await vi.waitUntil(() => performance.now() > since + 5);
    const waitedMs = performance.now() - since;
    pending[0]?.();
    await waitForAssertion(() => expect(pending).toHaveLength(2));
    pending[1]?.();
    await Promise.all([first, second]);
    expect(deadlines[0]).toMatch(/^(5000|4\d{3})$/);
    expect(Number(deadlines[1])).toBeGreaterThan(0);
    expect(Number(deadlines[1])).toBeLessThanOrEqual(Math.ceil(5_000 - waitedMs));
  });

  test('has the time limit for the response to begin, if that is shorter', async () => {
    const options = { deadlineHeader: 'x-deadline', headersTimeoutMs: 700 };
    const { deadlines, pending, fetchAsAna } = await serveDeadlines(options);
    const response = fetchAsAna('{ a1 }');
    await waitForAssertion(() => expect(pending).toHaveLength(1));
    pending[0]?.();
    await response;
    expect(deadlines).toStrictEqual(['700']);
  });
});

describe('the requests of one caller', () => {
  const serveHeld = async () => {
    const held: { readonly query: string; readonly respond: () => void }[] = [];
    const url = await serve((request, response) => {
      void readBody(request).then((body) => {
        const { query } = body as { query: string };
        held.push({ query, respond: () => response.end('{"data":{"rule":1}}') });
      });
    });
    const source = openDataSource(url, { maxRequestsPerCaller: 1, timeoutMs: 5_000 });
    const fetchAs = (
      fairnessKey: string | undefined,
      query: string,
      context: Partial<SubgraphFetchContext> = {},
    ) => sendRequest(source, { query, context: { operationContext: { fairnessKey }, ...context } });
    return { held, fetchAs };
  };

  test('wait for each other, and not for those of others', async () => {
    const { held, fetchAs } = await serveHeld();
    const responses = [fetchAs('ana', '{ a1 }'), fetchAs('ana', '{ a2 }'), fetchAs('bea', '{ b1 }')];
    responses.push(fetchAs(undefined, '{ x1 }'), fetchAs(undefined, '{ x2 }'));
    await waitForAssertion(() => expect(held).toHaveLength(4));
    expect(held.map(({ query }) => query).sort()).toStrictEqual(['{ a1 }', '{ b1 }', '{ x1 }', '{ x2 }']);
    for (const { respond } of held) respond();
    await waitForAssertion(() => expect(held.at(-1)?.query).toBe('{ a2 }'));
    held.at(-1)?.respond();
    expect(await Promise.all(responses)).toStrictEqual(responses.map(() => ({ data: { rule: 1 } })));
  });

  test('that are cancelled while they wait take no turn', async () => {
    const { held, fetchAs } = await serveHeld();
    const controller = createLightAbortController();
    const first = fetchAs('ana', '{ a1 }');
    const cancelled = fetchAs('ana', '{ a2 }', toFetchContext(controller));
    const third = fetchAs('ana', '{ a3 }');
    controller.abort();
    expect(await cancelled).toMatchObject({ errors: [{ extensions: { code: 'REQUEST_CANCELLED' } }] });
    await waitForAssertion(() => expect(held).toHaveLength(1));
    held[0]?.respond();
    await first;
    await waitForAssertion(() => expect(held.at(-1)?.query).toBe('{ a3 }'));
    held.at(-1)?.respond();
    await third;
  });
});

describe('large responses that arrive together', () => {
  const COUNT = 8;
  /** Responds when all requests have arrived. */
  const startServer = () => {
    const waiting: ServerResponse[] = [];
    const body = JSON.stringify({ data: { rule: 'x'.repeat(50_000) } });
    return serve((request, response) => {
      request.resume();
      if (waiting.push(response) === COUNT) for (const each of waiting) each.end(body);
    });
  };

  test('are passed on in different turns of the event loop', async () => {
    const source = openDataSource(await startServer());
    let turn = 0;
    let isWatching = true;
    const countTurns = () => {
      turn += 1;
      if (isWatching) setImmediate(countTurns);
    };
    countTurns();
    const turns = new Set<number>();
    const fetchOne = async () => {
      const { data } = await sendRequest(source);
      expect(data?.['rule']).toHaveLength(50_000);
      turns.add(turn);
    };
    await Promise.all(Array.from({ length: COUNT }, fetchOne));
    isWatching = false;
    expect(turns.size).toBe(COUNT);
  });

  test('are dropped while they wait if nobody waits for them any more', async () => {
    const source = openDataSource(await startServer());
    const controller = createLightAbortController();
    let count = 0;
    const fetchOne = async () => {
      const { data } = await sendRequest(source, { context: toFetchContext(controller) });
      if (data) count += 1;
      controller.abort();
    };
    await Promise.all(Array.from({ length: COUNT }, fetchOne));
    expect(count).toBe(1);
  });
});

describe('while a subgraph is being replaced', () => {
  /** Stops the server, and serves again on the same port. */
  async function replaceServer(listener: RequestListener, whileClosed: () => Promise<void>) {
    const { port } = server!.address() as AddressInfo;
    server!.closeAllConnections();
    server!.close();
    await once(server!, 'close');
    await whileClosed();
    server = createServer(listener).listen(port, '127.0.0.1');
    await once(server, 'listening');
  }

  test('queries and mutations that were not sent wait, and are sent once', async () => {
    const url = await serve(respondWith('{"data":{"rule":1}}'));
    const source = openDataSource(url, { maxReplacementWaitMs: 5_000 });
    await sendRequest(source);
    let received = 0;
    const respond: RequestListener = (request, response) => {
      received += 1;
      respondWith('{"data":{"rule":2}}')(request, response);
    };
    const kinds = ['query', 'mutation', 'mutation'] as const;
    let waiting: Promise<unknown>[] = [];
    await replaceServer(respond, async () => {
      waiting = kinds.map((kind) => sendRequest(source, { kind }));
      // Further ones do not even try.
      await new Promise((resolve) => setTimeout(resolve, 60));
      waiting.push(...kinds.map((kind) => sendRequest(source, { kind })));
    });
    expect(await Promise.all(waiting)).toEqual(Array(6).fill({ data: { rule: 2 } }));
    expect(received).toBe(6);
    expect(source.circuitBreakerState).toBe('closed');
  });

  test('the circuit breaker closes as soon as the port accepts connections', async () => {
    const url = await serve(respondWith('{"data":{"rule":1}}'));
    const source = openDataSource(url, {
      maxReplacementWaitMs: 50,
      retries: { attempts: 0 },
      circuitBreaker: { requests: 4, openMs: 3_600_000 },
    });
    await replaceServer(respondWith('{"data":{"rule":2}}'), async () => {
      while (source.circuitBreakerState !== 'open') await sendRequest(source);
    });
    await vi.waitFor(() => expect(source.circuitBreakerState).toBe('closed'), { timeout: 5_000 });
    expect(await sendRequest(source)).toEqual({ data: { rule: 2 } });
  });

  test('hold waits for requests in flight, and release sends those that wait', async () => {
    const answers: ServerResponse[] = [];
    const url = await serve((_request, response) => void answers.push(response));
    const source = openDataSource(url, { maxReplacementWaitMs: 5_000 });
    const inFlight = sendRequest(source, { kind: 'mutation' });
    await waitForAssertion(() => expect(answers).toHaveLength(1));
    const held = source.hold!();
    const waiting = sendRequest(source, { kind: 'mutation' });
    answers.pop()!.end('{"data":{"rule":1}}');
    await held;
    expect(await inFlight).toEqual({ data: { rule: 1 } });
    expect(answers).toHaveLength(0);
    source.release!();
    await waitForAssertion(() => expect(answers).toHaveLength(1));
    answers.pop()!.end('{"data":{"rule":2}}');
    expect(await waiting).toEqual({ data: { rule: 2 } });
  });
});
