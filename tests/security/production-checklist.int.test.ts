import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createGatewayService, readGatewayConfig } from '@seguridad-abc/gateway';
import { issueEmbeddedToken } from '@seguridad-abc/platform';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

/*
 * What scanners of GraphQL servers look for, against a gateway in production with its default limits. The subgraphs do not
 * run: each request is answered by the gateway alone.
 */

const HOUR_MS = 3_600_000;
/** Text of a stack trace or a path of this machine. */
const INTERNALS = /\n\s+at |node_modules|file:\/\/|\/(?:home|work|usr|app)\/|\.[jt]s:\d+/;

let port: number;
let url: string;
let authorization: string;
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => {
  port = await freePort();
  const folder = temporaryFolder();
  const gateway = createGatewayService(
    readGatewayConfig({
      NODE_ENV: 'production',
      GATEWAY_PORT: String(port),
      DATA_DIR: folder.path,
      // Nothing here needs Redis.
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      LOG_LEVEL: 'silent',
      PUBLIC_STATUS: 'true',
      SUPERGRAPH: new URL('../../supergraph.graphql', import.meta.url).pathname,
    }),
  );
  await gateway.start();
  cleanUp.push(
    () => gateway.stop(),
    () => folder.remove(),
  );
  url = `http://127.0.0.1:${port}/graphql`;
  authorization = `Bearer ${await issueEmbeddedToken(folder.path, { id: 'ana', role: 'operator' }, HOUR_MS)}`;
});
afterAll(async () => {
  for (const undo of cleanUp) await undo();
});

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
  readonly headers: Headers;
}

const answers: Answer[] = [];
afterEach(() => {
  for (const { text } of answers.splice(0)) expect(text).not.toMatch(INTERNALS);
});

async function send(request: RequestInit, search = ''): Promise<Answer> {
  const response = await fetch(`${url}${search}`, request);
  const text = await response.text();
  const answer = {
    status: response.status,
    code: /"code":"(\w+)"/.exec(text)?.[1],
    text,
    headers: response.headers,
  };
  answers.push(answer);
  return answer;
}

const post = (body: unknown, headers: Record<string, string> = { authorization }) =>
  send({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...headers,
    },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });

/** A valid request that the gateway answers without a subgraph. */
const HARMLESS = { query: '{ __typename }' };

test('the harmless request of this list is answered', async () => {
  expect((await post(HARMLESS)).text).toBe('{"data":{"__typename":"Query"}}');
});

describe('the schema stays hidden', () => {
  test.each(['{ __schema { types { name } } }', '{ __type(name: "Rule") { fields { name } } }'])(
    '%s is refused',
    async (query) => {
      expect(await post({ query })).toMatchObject({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
    },
  );

  test.each([
    '{ viewr { id } }',
    '{ rules(fitler: {}) { totalCount } }',
    '{ alarms(filter: { status: [ACTVE] }) { totalCount } }',
    'query ($f: RuleFiltr) { rules(filter: $f) { totalCount } }',
    '{ viewer { ... on Usr { id } } }',
  ])('%s gives no suggestion', async (query) => {
    const { code, text } = await post({ query });
    expect(code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(text).not.toContain('Did you mean');
  });

  test.each(['/', '/graphiql', '/graphql'])('%s has no developer page', async (path) => {
    const response = await fetch(new URL(path, url), { headers: { accept: 'text/html' } });
    expect(await response.text()).not.toMatch(/graphiql\/|embeddable-sandbox|Bearer /i);
  });
});

describe('overloading by repetition is refused', () => {
  const repeat = (count: number, text: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => text(index)).join(' ');
  test.each<[string, unknown, string]>([
    ['aliases', { query: `{ ${repeat(101, (i) => `a${i}: __typename`)} }` }, 'OPERATION_TOO_COMPLEX'],
    ['directives', { query: `{ __typename ${repeat(51, () => '@a')} }` }, 'OPERATION_TOO_COMPLEX'],
    ['fields', { query: `{ ${repeat(501, () => '__typename')} }` }, 'OPERATION_TOO_COMPLEX'],
    [
      'a circular fragment',
      { query: '{ viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a batch in an array', [HARMLESS, HARMLESS], 'BAD_REQUEST'],
    [
      'depth',
      { query: `{ viewer { ${repeat(8, () => 'rules { nodes { user {')} id ${'} } }'.repeat(8)} } }` },
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'circles of introspection',
      { query: `{ __schema { ${repeat(5, () => 'types { fields { type {')} name ${'} } }'.repeat(5)} } }` },
      'OPERATION_TOO_COMPLEX',
    ],
  ])('%s', async (_, body, code) => {
    expect(await post(body)).toMatchObject({ status: 400, code });
  });
});

describe('other sites cannot send requests', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'not with the content type "%s"',
    async (type) => {
      const answer = await post(JSON.stringify(HARMLESS), { 'content-type': type });
      expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    },
  );

  test('not by GET without a preflight', async () => {
    expect(await send({}, '?query={__typename}')).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  test('mutations not by GET at all', async () => {
    const query = encodeURIComponent('mutation { deleteRule(input: { id: "r" }) { rule { id } } }');
    const answer = await send({ headers: { authorization } }, `?query=${query}`);
    expect(answer).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s is not allowed', async (method) => {
    expect((await send({ method, headers: { authorization } })).status).toBe(405);
  });

  test.each(['https://evil.example', 'http://localhost:3000', 'null'])(
    'a page of %s opens no WebSocket and gets no CORS headers',
    async (origin) => {
      const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { origin });
      socket.on('error', () => undefined);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      expect(response.statusCode).toBe(403);
      const { headers } = await post(HARMLESS, { authorization, origin });
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

test('a page of another origin gets no permission in a preflight', async () => {
  const { headers } = await send({
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  });
  expect(headers.get('access-control-allow-origin')).toBeNull();
});

test('TRACE returns nothing of the request', async () => {
  const traced = request(url, { method: 'TRACE', headers: { authorization, 'x-secret': 'hidden' } }).end();
  const [response] = (await once(traced, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(405);
  expect((await response.toArray()).join('')).not.toContain('hidden');
});

test('no trace of the execution is returned, also on request', async () => {
  const { text } = await post(
    { ...HARMLESS, extensions: { tracing: true, trace: true } },
    { authorization, 'apollo-federation-include-trace': 'ftv1', 'x-apollo-tracing': '1' },
  );
  expect(text).toBe('{"data":{"__typename":"Query"}}');
});

test('responses name no software, are not cached, and no browser guesses their type', async () => {
  const { headers } = await post(HARMLESS);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('server')).toBeNull();
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-type')).toMatch(/^application\/graphql-response\+json/);
});

describe('documents that strain the parser are refused', () => {
  test.each<[string, string, string]>([
    ['nested selections', '{a'.repeat(4_000), 'OPERATION_TOO_COMPLEX'],
    ['nested lists', `{ a(b: ${'['.repeat(4_000)}`, 'OPERATION_TOO_COMPLEX'],
    ['nested objects', `{ a(b: ${'{c:'.repeat(3_000)}`, 'OPERATION_TOO_COMPLEX'],
    ['nested types of a variable', `query ($a: ${'['.repeat(3_000)}`, 'OPERATION_TOO_COMPLEX'],
    ['a string of 300 kB', `{ a(b: "${'x'.repeat(300_000)}") }`, 'OPERATION_TOO_COMPLEX'],
    ['an open block string', `{ a(b: """${'\n '.repeat(100_000)}`, 'GRAPHQL_PARSE_FAILED'],
    ['quotes', '"'.repeat(200_000), 'OPERATION_TOO_COMPLEX'],
    ['a number of 200,000 digits', `{ user(id: ${'1'.repeat(200_000)}) { x } }`, 'GRAPHQL_VALIDATION_FAILED'],
    ['an exponent', '{ rules(first: 1e999999999) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['invalid unicode escapes', `{ a(b: "${'\\u{110000}'.repeat(1_000)}") }`, 'GRAPHQL_PARSE_FAILED'],
    ['half of a surrogate pair', '{ a(b: "\\uD800") }', 'GRAPHQL_PARSE_FAILED'],
    ['control characters', '{ \u0000\u0001 }', 'GRAPHQL_PARSE_FAILED'],
  ])('%s', async (_, query, code) => {
    const { status, code: actual, text } = await post({ query });
    expect({ status, code: actual }).toStrictEqual({ status: 400, code });
    expect(text.length).toBeLessThan(30_000);
  });
});

describe('bodies', () => {
  test('large variables by GET are refused by the HTTP parser', async () => {
    const variables = encodeURIComponent(JSON.stringify({ a: 'x'.repeat(100_000) }));
    const { status } = await send(
      { headers: { authorization } },
      `?query={__typename}&variables=${variables}`,
    );
    expect(status).toBe(431);
  });

  test.each([
    '{"query":"{ __typename }","__proto__":{"polluted":true}}',
    '{"query":"{ __typename }","constructor":{"prototype":{"polluted":true}}}',
    '{"query":"{ __typename }","variables":{"__proto__":{"polluted":true}}}',
    '{"query":"{ __typename }","extensions":{"__proto__":{"cost":true,"persistedQuery":{}}}}',
  ])('%s pollutes no prototype', async (body) => {
    expect((await post(body)).text).toBe('{"data":{"__typename":"Query"}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('of duplicate keys, the last one is judged and run', async () => {
    const { text } = await post('{"query":"{ __schema { types { name } } }","query":"{ __typename }"}');
    expect(text).toBe('{"data":{"__typename":"Query"}}');
  });

  test.each<[string, string | Uint8Array, number]>([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400],
    ['no JSON', '{"query":', 400],
    ['JSON that is no object', '"{ __typename }"', 400],
    ['arrays that nest 1,000,000 deep', '['.repeat(1_000_000), 400],
    ['objects that nest 300,000 deep', '{"a":'.repeat(300_000), 400],
    ['500,000 empty objects', `[${'{},'.repeat(500_000)}{}]`, 400],
    ['200,000 names', `{${Array.from({ length: 200_000 }, (_unused, i) => `"${i}":1`).join(',')}}`, 400],
    ['more than 2 MiB', JSON.stringify({ query: '{ __typename }', x: 'x'.repeat(2_200_000) }), 413],
  ])('%s is refused', async (_, body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  test.each(['gzip', 'gzip, gzip', 'zstd'])(
    'a bomb with the content-encoding "%s" is refused',
    async (encoding) => {
      const bomb = gzipSync(JSON.stringify({ query: `{ __typename } #${' '.repeat(5_000_000)}` }));
      const { status } = await post(bomb, { authorization, 'content-encoding': encoding });
      expect(status).toBe(encoding === 'gzip' ? 413 : 415);
    },
  );

  test('a client that sends its body slowly does not delay others', async () => {
    const slow = connect(port, '127.0.0.1');
    await once(slow, 'connect');
    slow.write(
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
    );
    expect((await post(HARMLESS)).status).toBe(200);
    slow.destroy();
  });
});
