import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startFederation, type Federation } from './start-federation.js';

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation({ CORS_ORIGINS: 'https://app.example.com, https://ops.example.com' });
});
afterAll(() => federation.close());
beforeEach(() => {
  federation.shop.requests.length = 0;
});

interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    data?: unknown;
    errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  };
}

async function readResponse(response: Response): Promise<TestResponse> {
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as TestResponse['body'],
  };
}

const post = async (body: object | string, headers: Record<string, string> = {}, { url } = federation) =>
  readResponse(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
const code = ({ body }: TestResponse) => body.errors?.map(({ extensions }) => extensions['code']);

describe('queries and mutations', () => {
  test('are executed over POST and GET with data of all subgraphs', async () => {
    const query = 'query ($id: ID!) { order(id: $id) { number shelves buyer { name } } }';
    const expected = { data: { order: { number: 7, shelves: ['a'], buyer: { name: "ana's name" } } } };
    expect((await post({ query, variables: { id: '1' } })).body).toStrictEqual(expected);
    const search = new URLSearchParams({ query, variables: '{"id":"1"}' });
    const got = await fetch(`${federation.url}?${search.toString()}`, {
      headers: { 'apollo-require-preflight': 'yes' },
    });
    expect((await readResponse(got)).body).toStrictEqual(expected);
    expect((await post({ query: 'mutation { place(number: 9) { id place } }' })).body).toStrictEqual({
      data: { place: { id: '9', place: 'in the hall' } },
    });
  });

  test('pass the correlation id of the caller to every subgraph and back, and no other header', async () => {
    const headers = {
      'x-correlation-id': 'caller-12345678',
      cookie: 'a=b',
      authorization: 'Basic x',
      'x-other': '1',
    };
    const response = await post({ query: '{ order(id: "1") { place buyer { name } } }' }, headers);
    expect(response.headers.get('x-correlation-id')).toBe('caller-12345678');
    expect(federation.shop.requests).toHaveLength(3);
    for (const { headers: sent } of federation.shop.requests) {
      expect(sent['x-correlation-id']).toBe('caller-12345678');
      expect(sent).not.toHaveProperty('cookie');
      expect(sent).not.toHaveProperty('authorization');
      expect(sent).not.toHaveProperty('x-other');
    }
  });
});

describe('errors', () => {
  test('of a subgraph keep their code, path and extensions', async () => {
    expect((await post({ query: '{ all: orders { id broken } }' })).body.errors).toStrictEqual(
      [0, 1].map((index) => ({
        message: 'The scales are broken.',
        path: ['all', index, 'broken'],
        extensions: { code: 'SCALES', tries: 3, serviceName: 'stock' },
      })),
    );
  });

  test.each([
    ['a syntax error', { query: '{ nope' }, 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ nope }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing variable', { query: 'query ($id: ID!) { order(id: $id) { id } }' }, 400, 'BAD_USER_INPUT'],
    ['a body that is not JSON', '{"query":', 400, 'BAD_REQUEST'],
    [
      'a body that is too large',
      { query: '{ __typename }', x: 'x'.repeat(2_200_000) },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    [
      'a document that is too long',
      { query: `{ ${'__typename '.repeat(10_001)} }` },
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    ['a subscription', { query: 'subscription { ticked }' }, 406, 'SUBSCRIPTION_NOT_SUPPORTED'],
  ])('%s is rejected', async (_, body, status, expected) => {
    const response = await post(body, { accept: 'application/graphql-response+json' });
    expect([response.status, code(response)]).toStrictEqual([status, [expected]]);
    expect(JSON.stringify(response.body)).not.toMatch(/node_modules|127\.0\.0\.1/);
  });

  test('of an operation have the status 200 for application/json, errors of the HTTP request do not', async () => {
    expect((await post({ query: '{ nope' })).status).toBe(200);
    expect((await post({ query: '{ nope }' }, { accept: 'application/json' })).status).toBe(200);
    expect((await post({ query: 'query ($id: ID!) { order(id: $id) { id } }' })).status).toBe(200);
    expect((await post({ query: 7 })).status).toBe(400);
    expect((await post({})).status).toBe(400);
    expect((await post({ query: 'subscription { ticked }' })).status).toBe(406);
  });

  test('of an unreachable subgraph name it without its URL', async () => {
    const own = await startFederation();
    try {
      await own.shop.stop('stock');
      const query = '{ orders { number place } more: stock orders2: orders { id } }';
      const { body } = await post({ query }, {}, own);
      expect(body).toStrictEqual({
        data: {
          orders: [
            { number: 7, place: null },
            { number: 7, place: null },
          ],
          more: null,
          orders2: [{ id: '1' }, { id: '2' }],
        },
        errors: [['orders'], ['more']].map((path) => ({
          message: 'The subgraph "stock" cannot be reached. Retry later.',
          path,
          extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'stock' },
        })),
      });
    } finally {
      await own.close();
    }
  });
});

describe('a browser', () => {
  const simple = { 'content-type': 'text/plain' };

  test('cannot send an operation without a preflight', async () => {
    expect((await post({ query: 'mutation { place(number: 1) { id } }' }, simple)).status).toBe(400);
    const get = await fetch(`${federation.url}?query={__typename}`);
    expect(get.status).toBe(400);
    expect(federation.shop.requests).toStrictEqual([]);
  });

  const preflight = (origin: string, { url } = federation) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
        'access-control-request-private-network': 'true',
      },
    });

  test.each([
    'https://app.example.com',
    'https://ops.example.com',
    'https://studio.apollographql.com',
    'https://sandbox.embed.apollographql.com',
    'https://explorer.embed.apollographql.com',
  ])('can send operations from a page of %s', async (origin) => {
    const { status, headers } = await preflight(origin);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-methods')).toBe('GET,POST');
    expect(headers.get('access-control-allow-headers')).toBe('content-type,authorization');
    expect(headers.get('access-control-allow-private-network')).toBe('true');
    expect(headers.get('vary')).toMatch(/Origin/);
    const response = await post({ query: '{ __typename }' }, { origin });
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('access-control-expose-headers')).toBe(
      'x-correlation-id,x-consistency-token',
    );
  });

  test('may send operations from a page of this machine', async () => {
    const origin = 'http://localhost:5173';
    expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBe(origin);
  });

  test('cannot send operations from another page', async () => {
    const { headers } = await preflight('https://evil.example');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('access-control-allow-private-network')).toBeNull();
  });

  const page = (url: string) => fetch(url, { headers: { accept: 'text/html' } });

  test('receives Sandbox, which can introspect', async () => {
    const response = await page(federation.url);
    expect(response.headers.get('content-type')).toMatch(/text\/html/);
    expect(await response.text()).toMatch(/embeddable-sandbox/);
    expect((await post({ query: getIntrospectionQuery() })).body).toMatchObject({
      data: { __schema: { subscriptionType: { name: 'Subscription' } } },
    });
  });

  test('receives the console at the root', async () => {
    const response = await page(federation.origin);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('/assets/')]);
  });

  test('receives neither Sandbox nor introspection in production', async () => {
    const own = await startFederation({ NODE_ENV: 'production', CORS_ORIGINS: 'https://app.example.com' });
    try {
      for (const url of [own.url, `${own.origin}/graphiql`])
        expect((await page(url)).headers.get('content-type')).not.toMatch(/text\/html/);
      expect((await page(`${own.origin}/graphiql`)).status).toBe(404);
      expect(code(await post({ query: getIntrospectionQuery() }, {}, own))).toContain(
        'GRAPHQL_VALIDATION_FAILED',
      );
      const { body } = await post({ query: '{ orderz { id } }' }, {}, own);
      expect(body.errors?.[0]?.message).toBe('Cannot query field "orderz" on type "Query".');
      const origin = async (given: string) =>
        (await preflight(given, own)).headers.get('access-control-allow-origin');
      expect(await origin('https://app.example.com')).toBe('https://app.example.com');
      expect(await origin('https://studio.apollographql.com')).toBeNull();
      expect(await origin('http://localhost:5173')).toBeNull();
    } finally {
      await own.close();
    }
  });
});

test('the gateway reports that it is alive and ready', async () => {
  expect(await (await fetch(`${federation.origin}/health`)).json()).toStrictEqual({
    service: 'gateway',
    status: 'alive',
  });
  expect(await (await fetch(`${federation.origin}/ready`)).json()).toMatchObject({
    service: 'gateway',
    ready: true,
  });
});
