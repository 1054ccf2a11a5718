import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../testing/things-federation.js';
import {
  createDataSource,
  type DataSource,
  type DataSourceOptions,
  type SubgraphFetchContext,
} from './data-source.js';
import { createLightAbortController, type LightAbortController } from './light-abort-signal.js';
import { createSubgraphOperation } from './subgraph-request.js';

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

const answering =
  (body: string, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  };

interface Asked {
  readonly query?: string;
  readonly kind?: 'query' | 'mutation';
  readonly variables?: { readonly representations?: readonly object[]; readonly [name: string]: unknown };
  readonly context?: Partial<SubgraphFetchContext>;
}

const opened: DataSource[] = [];
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close?.();
});

function open(url: string, options: Partial<DataSourceOptions> = {}): DataSource {
  const source = createDataSource({
    name: 'reports',
    url,
    logger: silentLogger,
    retries: { backoffMs: 1 },
    ...options,
  });
  opened.push(source);
  return source;
}

const contextOf = ({ signal, abortSignal }: LightAbortController): SubgraphFetchContext => ({
  signal,
  abortSignal,
});

const ask = (
  source: DataSource,
  { query = '{ rule }', kind = 'query', variables = {}, context = {} }: Asked = {},
) =>
  source.fetch(
    {
      operation: createSubgraphOperation(kind, query, 'Op'),
      variables: JSON.stringify(variables),
      entityCount: variables.representations?.length,
    },
    { ...contextOf(createLightAbortController()), ...context },
  );

const fetchFrom = (
  url: string,
  { options, ...asked }: Asked & { options?: Partial<DataSourceOptions> } = {},
) => ask(open(url, options), asked);

const told = (message: string, code: string) => ({
  data: null,
  errors: [{ message, extensions: { code } }],
});

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

test('sends the operation as JSON, and of the headers only those of the context', async () => {
  let seen: { method: string | undefined; headers: IncomingMessage['headers']; body: unknown } | undefined;
  const url = await serve((request, response) => {
    void bodyOf(request).then((body) => {
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

test.each([200, 400, 500])('passes errors on unchanged, also with status %i', async (status) => {
  const answer = {
    data: null,
    errors: [{ message: 'no', path: ['rule'], extensions: { code: 'NO', faults: [1] } }],
  };
  const url = await serve(answering(JSON.stringify(answer), status));
  expect(await fetchFrom(url)).toEqual(answer);
});

describe('a subgraph that gives no answer', () => {
  test('cannot be reached: the details are in the log', async () => {
    const url = await serve(answering(''));
    server?.close();
    const warn = vi.fn();
    const answer = await fetchFrom(url, { options: { logger: { ...silentLogger, warn } } });
    expect(answer).toEqual(told('Service "reports" cannot be reached.', 'SUBGRAPH_UNAVAILABLE'));
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ service: 'reports', url, kind: 'unreachable' });
  });

  test.each<[string, RequestListener, Partial<DataSourceOptions>]>([
    ['before it answers', () => undefined, { timeoutMs: 50 }],
    ['before it begins to answer', () => undefined, { headersTimeoutMs: 50 }],
    [
      'in the middle of its answer',
      (_request, response) => void response.write('{"data":'),
      { timeoutMs: 100, headersTimeoutMs: 90 },
    ],
  ])('is too slow %s', async (_, listener, options) => {
    const answer = await fetchFrom(await serve(listener), { options });
    expect(answer).toEqual(told('Service "reports" did not answer in time.', 'SUBGRAPH_TIMEOUT'));
  });

  test('breaks off in the middle of its answer', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"data":', () => response.destroy());
    });
    expect(await fetchFrom(url)).toEqual(
      told('Service "reports" cannot be reached.', 'SUBGRAPH_UNAVAILABLE'),
    );
  });

  test.each([
    ['a page of a proxy', '<html>Bad gateway</html>', 502, 'cannot answer now', 'SUBGRAPH_UNAVAILABLE'],
    ['an object of another kind', '{"status":"down"}', 503, 'cannot answer now', 'SUBGRAPH_UNAVAILABLE'],
    [
      'fewer entities than asked for',
      '{"data":{"_entities":[]}}',
      200,
      'gave an answer that cannot be read',
      'SUBGRAPH_BAD_RESPONSE',
    ],
    ['a page', '<html>Welcome</html>', 200, 'gave an answer that cannot be read', 'SUBGRAPH_BAD_RESPONSE'],
  ])('answers with %s', async (_, body, status, words, code) => {
    const answer = await fetchFrom(await serve(answering(body, status)), {
      variables: { representations: [{ __typename: 'Rule', id: '1' }] },
    });
    expect(answer).toEqual(told(`Service "reports" ${words}.`, code));
  });

  test('answers with too much', async () => {
    const url = await serve(answering(`{"data":{"rule":"${'x'.repeat(2_000)}"}}`));
    expect(await fetchFrom(url, { options: { maxResponseBytes: 1_000 } })).toEqual(
      told('Service "reports" gave an answer that is too long.', 'SUBGRAPH_BAD_RESPONSE'),
    );
  });

  test('sends the request elsewhere: it is not followed', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked++;
      response.writeHead(307, { location: '/other' }).end();
    });
    expect((await fetchFrom(url)).errors?.[0]?.extensions).toEqual({ code: 'SUBGRAPH_BAD_RESPONSE' });
    expect(asked).toBe(1);
  });
});

describe('what failed since the subgraph was not there', () => {
  /** Fails so often, and then answers. */
  const failing = (
    times: number,
    fail: RequestListener,
  ): { listener: RequestListener; asked: () => number } => {
    let asked = 0;
    return {
      asked: () => asked,
      listener: (request, response) => {
        asked++;
        if (asked <= times) fail(request, response);
        else response.end('{"data":{"rule":1}}');
      },
    };
  };
  const breakOff: RequestListener = ({ socket }) => void socket.destroy();

  test.each<[string, RequestListener]>([
    ['a connection that breaks', breakOff],
    ['a status that says so', answering('', 503)],
  ])('is asked again: %s', async (_, fail) => {
    const { listener, asked } = failing(2, fail);
    expect(await fetchFrom(await serve(listener))).toEqual({ data: { rule: 1 } });
    expect(asked()).toBe(3);
  });

  test('is not asked again where it is a mutation', async () => {
    const { listener, asked } = failing(1, breakOff);
    const answer = await fetchFrom(await serve(listener), { kind: 'mutation' });
    expect(answer.errors?.[0]?.extensions).toEqual({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(asked()).toBe(1);
  });

  test('is asked again as long as there is a budget for it', async () => {
    const { listener, asked } = failing(Infinity, breakOff);
    const source = open(await serve(listener), {
      retries: { attempts: 2, backoffMs: 1, reserve: 3, ratio: 0 },
      circuitBreaker: { requests: 1_000 },
    });
    for (let index = 0; index < 4; index++) await ask(source);
    expect(asked()).toBe(4 + 3);
  });
});

test('a subgraph that keeps failing is not asked for a while, and then with one request', async () => {
  let isDown = true;
  let asked = 0;
  const url = await serve((_request, response) => {
    asked++;
    response.statusCode = isDown ? 503 : 200;
    response.end('{"data":{"rule":1}}');
  });
  let now = 0;
  const changes: string[] = [];
  const source = open(url, {
    retries: { attempts: 0 },
    circuitBreaker: { requests: 3, openMs: 1_000, now: () => now, onChange: (state) => changes.push(state) },
  });
  for (let index = 0; index < 3; index++) await ask(source);
  expect(source.circuitBreakerState).toBe('open');
  expect(await ask(source)).toEqual(
    told('Service "reports" is not asked for a moment, since it failed too often.', 'SUBGRAPH_UNAVAILABLE'),
  );
  expect(asked).toBe(3);
  now = 1_000;
  isDown = false;
  const [trial, other] = await Promise.all([ask(source), ask(source)]);
  expect([trial, other.errors?.[0]?.extensions]).toEqual([
    { data: { rule: 1 } },
    { code: 'SUBGRAPH_UNAVAILABLE' },
  ]);
  expect(changes).toEqual(['open', 'half-open', 'closed']);
});

test('a request that nobody waits for is ended on both sides, and none is sent', async () => {
  const aborter = createLightAbortController();
  let asked: IncomingMessage | undefined;
  const url = await serve((request) => (asked = request));
  const source = open(url);
  const context = contextOf(aborter);
  const answer = ask(source, { context });
  await vi.waitFor(() => expect(asked).toBeDefined());
  const closed = once(asked!.socket, 'close');
  aborter.abort();
  expect((await answer).errors?.[0]?.extensions).toEqual({ code: 'REQUEST_CANCELLED' });
  await closed;
  asked = undefined;
  expect((await ask(source, { context })).errors?.[0]?.extensions).toEqual({ code: 'REQUEST_CANCELLED' });
  expect(asked).toBeUndefined();
});

test('connections are kept', async () => {
  const sockets = new Set<unknown>();
  const url = await serve(({ socket }, response) => {
    sockets.add(socket);
    response.end('{"data":{"rule":1}}');
  });
  const source = open(url);
  for (let index = 0; index < 20; index++) await ask(source);
  // A request that follows on another's heels may find that one's connection still taken.
  expect(sockets.size).toBeLessThanOrEqual(2);
});
