import { getEventListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { silent } from '../testing/things.js';
import { createDataSource, type FetchContext } from './data-source.js';
import { subgraphOperation } from './subgraph-request.js';

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

const fetchFrom = (
  url: string,
  {
    query = '{ rule { id } all: rules { id } }',
    variables = {},
    context = {},
    timeoutMs = 5_000,
    logger = silent,
  }: {
    query?: string;
    variables?: { readonly representations?: readonly object[]; readonly [name: string]: unknown };
    context?: FetchContext;
    timeoutMs?: number;
    logger?: typeof silent;
  } = {},
) =>
  createDataSource({ name: 'reports', url, logger, timeoutMs }).fetch(
    {
      operation: subgraphOperation('query', query, 'Op'),
      variables: JSON.stringify(variables),
      entities: variables.representations?.length,
    },
    context,
  );

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
  const context = { headers: () => ({ 'x-correlation-id': 'abc' }) };
  expect(await fetchFrom(url, { query: '{ rule }', variables: { a: [1] }, context })).toEqual({
    data: { rule: null },
  });
  expect(seen).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-correlation-id': 'abc' },
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
  test('cannot be reached: told for every root field, the details in the log', async () => {
    const url = await serve(answering(''));
    server?.close();
    const warn = vi.fn();
    const answer = await fetchFrom(url, { logger: { ...silent, warn } });
    expect(answer).toEqual(told('Service "reports" cannot be reached.', 'SUBGRAPH_UNAVAILABLE'));
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ service: 'reports', url, kind: 'unreachable' });
  });

  test.each<[string, RequestListener]>([
    ['before it answers', () => undefined],
    ['in the middle of its answer', (_request, response) => void response.write('{"data":')],
  ])('is too slow %s', async (_, listener) => {
    const answer = await fetchFrom(await serve(listener), {
      timeoutMs: 50,
      query: 'mutation { createRule { id } }',
    });
    expect(answer).toEqual(told('Service "reports" did not answer in time.', 'SUBGRAPH_TIMEOUT'));
  });

  test('breaks off in the middle of its answer', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"data":', () => response.destroy());
    });
    const answer = await fetchFrom(url, { query: '{ rule }' });
    expect(answer).toEqual(told('Service "reports" cannot be reached.', 'SUBGRAPH_UNAVAILABLE'));
  });

  test.each([
    ['a page of a proxy', '<html>Bad gateway</html>', 502],
    ['an object of another kind', '{"status":"down"}', 503],
    ['fewer entities than asked for', '{"data":{"_entities":[]}}', 200],
  ])('answers with %s: told once for all entities', async (_, body, status) => {
    const answer = await fetchFrom(await serve(answering(body, status)), {
      query:
        'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Rule { n } } }',
      variables: { representations: [{ __typename: 'Rule', id: '1' }] },
    });
    expect(answer).toEqual(
      told('Service "reports" gave an answer that cannot be read.', 'SUBGRAPH_BAD_RESPONSE'),
    );
  });

  test('sends the request elsewhere: it is not followed', async () => {
    const url = await serve((_request, response) => response.writeHead(307, { location: '/other' }).end());
    expect((await fetchFrom(url, { query: '{ rule }' })).errors?.[0]?.extensions).toEqual({
      code: 'SUBGRAPH_UNAVAILABLE',
    });
  });
});

test('a signal ends the request on both sides, and keeps no listener', async () => {
  const controller = new AbortController();
  let asked: IncomingMessage | undefined;
  const url = await serve((request) => (asked = request));
  const answer = fetchFrom(url, { context: { signal: controller.signal } });
  await vi.waitFor(() => expect(asked).toBeDefined());
  const closed = once(asked!.socket, 'close');
  controller.abort();
  expect((await answer).errors?.[0]?.extensions).toEqual({ code: 'REQUEST_CANCELLED' });
  await closed;
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  expect((await fetchFrom(url, { context: { signal: controller.signal } })).errors?.[0]?.extensions).toEqual({
    code: 'REQUEST_CANCELLED',
  });
});
