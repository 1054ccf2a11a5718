import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { GraphQLError } from 'graphql';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  allowAllHooks,
  startClockServer,
  type ClockServer,
  type ClockServerOptions,
} from '../../testing/clock-server.js';
import type { ClientSession } from '../shared/client-request.js';

let served: ClockServer;
afterEach(() => served.close());
const serve = async (options: Partial<ClockServerOptions<ClientSession>> = {}) =>
  (served = await startClockServer({ hooks: allowAllHooks, ...options }));

const RESPONSE = 'application/graphql-response+json';
const HELLO = JSON.stringify({ query: '{ hello }' });

interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { data?: unknown; errors?: { message: string; extensions: { code: string } }[] };
}

async function send(init: RequestInit & { search?: string } = {}): Promise<TestResponse> {
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
  const response = await fetch(served.url + (init.search ?? ''), { method: 'POST', ...init, headers });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as TestResponse['body'],
  };
}
const post = (body: object | string, headers: Record<string, string> = {}) =>
  send({ body: typeof body === 'string' ? body : JSON.stringify(body), headers });
const outcome = ({ status, body }: TestResponse) => [status, body.errors?.[0]?.extensions.code];

test('a query is executed over POST and GET and answered with the accepted media type', async () => {
  await serve();
  const posted = await post(HELLO, { accept: `${RESPONSE}, application/json;q=0.9` });
  expect(posted.body).toStrictEqual({ data: { hello: 'Hello, you' } });
  expect(posted.headers.get('content-type')).toBe(`${RESPONSE}; charset=utf-8`);
  expect(posted.headers.get('cache-control')).toBe('no-store');
  const search = new URLSearchParams({
    query: 'query A($n: String) { hello(name: $n) } query B { slow }',
    operationName: 'A',
    variables: '{"n":"Ñandú 🏃"}',
  });
  const got = await send({ method: 'GET', search: `?${search.toString()}` });
  expect(got.body).toStrictEqual({ data: { hello: 'Hello, Ñandú 🏃' } });
  expect(got.headers.get('content-type')).toBe('application/json; charset=utf-8');
});

test.each<[string, RequestInit & { search?: string }, number, string]>([
  ['another method', { method: 'PUT', body: HELLO }, 405, 'METHOD_NOT_ALLOWED'],
  ['a mutation over GET', { method: 'GET', search: '?query=mutation{wind}' }, 405, 'METHOD_NOT_ALLOWED'],
  [
    'an Accept header without a supported type',
    { body: HELLO, headers: { accept: 'text/csv' } },
    406,
    'NOT_ACCEPTABLE',
  ],
  [
    'another content-type',
    { body: HELLO, headers: { 'content-type': 'application/graphql' } },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  [
    'another charset',
    { body: HELLO, headers: { 'content-type': 'application/json; charset=latin1' } },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  [
    'another encoding',
    { body: HELLO, headers: { 'content-encoding': 'zstd' } },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  [
    'an encoding with a name that every object inherits',
    { body: HELLO, headers: { 'content-encoding': 'constructor' } },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  [
    'a body that is not in its content-encoding',
    { body: HELLO, headers: { 'content-encoding': 'gzip' } },
    400,
    'BAD_REQUEST',
  ],
  ['a body that is not JSON', { body: '{"query":' }, 400, 'BAD_REQUEST'],
  ['a body that is not UTF-8', { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, 'BAD_REQUEST'],
  ['a body that is not an object', { body: 'null' }, 400, 'BAD_REQUEST'],
  ['a batch', { body: `[${HELLO}]` }, 400, 'BAD_REQUEST'],
  ['a body without a query', { body: '{}' }, 400, 'BAD_REQUEST'],
  ['variables that are not an object', { body: '{"query":"{ hello }","variables":[]}' }, 400, 'BAD_REQUEST'],
  [
    'variables that are not JSON',
    { method: 'GET', search: '?query={hello}&variables=x' },
    400,
    'BAD_REQUEST',
  ],
  [
    'an operation name that is not a string',
    { body: '{"query":"{ hello }","operationName":1}' },
    400,
    'BAD_REQUEST',
  ],
  [
    'extensions that are not an object',
    { body: '{"query":"{ hello }","extensions":"x"}' },
    400,
    'BAD_REQUEST',
  ],
  [
    'a subscription over JSON',
    { body: '{"query":"subscription { ticked }"}' },
    406,
    'SUBSCRIPTION_NOT_SUPPORTED',
  ],
])('%s is rejected', async (_, init, status, code) => {
  await serve();
  expect(outcome(await send(init))).toStrictEqual([status, code]);
});

test('responses with 405 and 415 name what is supported', async () => {
  await serve();
  expect((await send({ method: 'DELETE' })).headers.get('allow')).toBe('GET, POST');
  const { headers } = await post(HELLO, { 'content-type': 'text/csv' });
  expect(headers.get('accept-post')).toBe('application/json');
});

describe('an error in an operation', () => {
  test.each([
    ['in its syntax', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    ['in a field', { query: '{ nope }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['in its name', { query: 'query A { hello }', operationName: 'B' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['in a variable', { query: 'query ($n: String!) { hello(name: $n) }' }, 'BAD_USER_INPUT'],
  ])('%s has the status 400, and 200 for clients that accept application/json', async (_, body, code) => {
    await serve();
    const modern = await post(body, { accept: RESPONSE });
    expect([outcome(modern), 'data' in modern.body]).toStrictEqual([[400, code], false]);
    expect(outcome(await post(body))).toStrictEqual([200, code]);
  });
});

describe('a request body that the session verifies', () => {
  const serveVerified = async (verifyBody: NonNullable<ClientSession['verifyBody']>) =>
    serve({
      hooks: { ...allowAllHooks, createSession: () => ({ verifyBody }) },
      limits: { maxMessageBytes: 1_000 },
    });

  test.each([
    ['as they are', Buffer.from(HELLO), {}],
    ['compressed', gzipSync(HELLO), { 'content-encoding': 'gzip' }],
  ])('is verified over the bytes that were sent %s', async (_, body, headers) => {
    const verified: Uint8Array[] = [];
    await serveVerified((bytes) => void verified.push(bytes));
    expect((await send({ body, headers })).body).toStrictEqual({ data: { hello: 'Hello, you' } });
    expect(verified).toStrictEqual([body]);
  });

  test('is neither decompressed nor parsed if it is refused', async () => {
    await serveVerified(() =>
      Promise.reject(new GraphQLError('Changed.', { extensions: { code: 'UNAUTHENTICATED' } })),
    );
    const garbage = { body: 'no gzip', headers: { 'content-encoding': 'gzip' } };
    expect(outcome(await send(garbage))).toStrictEqual([401, 'UNAUTHENTICATED']);
  });

  test('has the size limit of every body, before and after it is decompressed', async () => {
    await serveVerified(() => undefined);
    const large = JSON.stringify({ query: '{ hello }', x: 'x'.repeat(1_000) });
    const encoded = { body: gzipSync(large), headers: { 'content-encoding': 'gzip' } };
    expect(outcome(await send({ body: large }))).toStrictEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(outcome(await send(encoded))).toStrictEqual([413, 'PAYLOAD_TOO_LARGE']);
    const broken = { body: HELLO, headers: { 'content-encoding': 'gzip' } };
    expect(outcome(await send(broken))).toStrictEqual([400, 'BAD_REQUEST']);
  });

  test('is required: GET is rejected', async () => {
    await serveVerified(() => undefined);
    expect(outcome(await send({ method: 'GET', search: '?query={hello}' }))).toStrictEqual([
      405,
      'METHOD_NOT_ALLOWED',
    ]);
  });
});

describe('a request body', () => {
  const limits = { maxMessageBytes: 1_000 };
  const large = JSON.stringify({ query: '{ hello }', x: 'x'.repeat(1_000) });

  test('is decompressed', async () => {
    await serve();
    expect(
      (await send({ body: gzipSync(HELLO), headers: { 'content-encoding': 'gzip' } })).body,
    ).toStrictEqual({ data: { hello: 'Hello, you' } });
  });

  test.each([
    ['too large', { body: large }],
    ['too large once decompressed', { body: gzipSync(large), headers: { 'content-encoding': 'gzip' } }],
  ])('that is %s is rejected', async (_, init) => {
    await serve({ limits });
    expect(outcome(await send(init))).toStrictEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  test('that is large is read whole', async () => {
    await serve();
    const response = await fetch(served.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `#${'x'.repeat(200_000)}\n{ hello(name: "Ana") }` }),
    });
    expect(await response.json()).toStrictEqual({ data: { hello: 'Hello, Ana' } });
  });

  test.each([
    ['many values', { a: Array.from({ length: 300_000 }, () => 1) }, 'values'],
    ['a long text outside of the variables', { a: { b: 'x'.repeat(1_040_000) } }, undefined],
    ['deep nesting', '[', 'nests'],
  ])('with %s is judged before it is parsed', async (_, extensions, problem) => {
    await serve();
    const parse = vi.spyOn(JSON, 'parse');
    const text =
      typeof extensions === 'string'
        ? extensions.repeat(100_000)
        : JSON.stringify({ query: '{ hello }', extensions });
    const response = await fetch(served.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });
    const body = await response.text();
    const isParsed = parse.mock.calls.some(([parsed]) => parsed.length === text.length);
    parse.mockRestore();
    if (problem === undefined) expect(body).toBe('{"data":{"hello":"Hello, you"}}');
    else {
      expect(body).toContain(problem);
      expect(body).toContain('OPERATION_TOO_COMPLEX');
    }
    expect(isParsed).toBe(problem === undefined);
  });

  test('in chunks of 1 byte is rejected, and its connection is closed; one in larger chunks is read', async () => {
    await serve();
    const sendInChunks = async (chunk: string, count: number) => {
      const { hostname, port, host } = new URL(served.url);
      const connection = connect(Number(port), hostname);
      connection.on('error', () => undefined);
      connection.write(
        `POST ${new URL(served.url).pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      connection.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(count));
      connection.write(`${HELLO.length.toString(16)}\r\n${HELLO}\r\n0\r\n\r\n`);
      const [answer] = (await once(connection, 'data')) as [Buffer];
      connection.destroy();
      return answer.toString();
    };
    expect(await sendInChunks(' ', 1_100)).toMatch(
      /^HTTP\/1.1 400 [^]*connection: close[^]*too small chunks/i,
    );
    expect(await sendInChunks(' '.repeat(200), 1_100)).toMatch(/^HTTP\/1.1 200 /);
  });

  test('that is large waits for its turn; all are answered', async () => {
    await serve();
    const sizes = [3_000, 30_000, 300_000];
    const requests = Array.from({ length: 30 }, (_unused, index) =>
      post({
        query: `query ($n: String) { hello(name: $n) } #${'x'.repeat(sizes[index % 3] ?? 0)}`,
        variables: { n: index.toString() },
      }),
    );
    const answers = await Promise.all(requests);
    expect(answers.map(({ body }) => body.data)).toStrictEqual(
      answers.map((_unused, index) => ({ hello: `Hello, ${index}` })),
    );
  });

  test('that is too large and has no content-length is rejected before its end', async () => {
    await serve({ limits });
    const asked = request(served.url, { method: 'POST', headers: { 'content-type': 'application/json' } });
    asked.write('x'.repeat(2_000));
    const [response] = (await once(asked, 'response')) as [{ statusCode: number }];
    expect(response.statusCode).toBe(413);
    asked.destroy();
  });
});

describe('a page of another site', () => {
  test.each([
    ['a form', { body: HELLO, headers: { 'content-type': 'text/plain' } }],
    ['a form with a charset', { body: HELLO, headers: { 'content-type': 'Text/Plain; charset=utf-8' } }],
    ['a link', { method: 'GET', search: '?query={hello}', headers: { 'content-type': '' } }],
  ])('cannot send an operation with %s', async (_, init) => {
    await serve();
    expect(outcome(await send(init))).toStrictEqual([400, 'BAD_REQUEST']);
  });

  test.each<[string, Record<string, string>, number]>([
    ['Apollo Server requires', { 'apollo-require-preflight': '1' }, 200],
    ["Apollo's clients send", { 'x-apollo-operation-name': 'A' }, 200],
    ['only code can send', { authorization: 'Bearer x' }, 200],
    ['browsers add themselves', { authorization: 'Basic x' }, 400],
  ])('is distinguished from a client by a header that %s: %j', async (_, header, status) => {
    await serve();
    const headers = { 'content-type': '', ...header };
    expect((await send({ method: 'GET', search: '?query={hello}', headers })).status).toBe(status);
  });
});

test('a persisted query can be named by its hash once it was sent', async () => {
  await serve();
  const query = '{ hello }';
  const extensions = {
    persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') },
  };
  expect(outcome(await post({ extensions }))).toStrictEqual([200, 'PERSISTED_QUERY_NOT_FOUND']);
  await post({ query, extensions });
  const search = `?extensions=${encodeURIComponent(JSON.stringify(extensions))}`;
  expect((await send({ method: 'GET', search })).body).toStrictEqual({ data: { hello: 'Hello, you' } });
});

describe('transport hooks', () => {
  test.each([
    [new GraphQLError('Who?', { extensions: { code: 'UNAUTHENTICATED' } }), 401, 'Bearer'],
    [Object.assign(new Error('No.'), { extensions: { code: 'FORBIDDEN' } }), 403, null],
    [new GraphQLError('Down.', { extensions: { code: 'KEYS_AWAY' } }), 503, null],
    [
      new GraphQLError('Old.', {
        extensions: {
          code: 'UNAUTHENTICATED',
          http: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
        },
      }),
      401,
      'Bearer error="invalid_token"',
    ],
  ])('can reject a request: %s', async (error, status, challenge) => {
    const reject = () => {
      throw error;
    };
    const { createContext } = allowAllHooks;
    await serve({ hooks: { createSession: reject, createContext, statuses: { KEYS_AWAY: 503 } } });
    for (const accept of [RESPONSE, 'application/json', 'text/event-stream']) {
      const response = await post(HELLO, { accept });
      expect(response.status).toBe(status);
      expect(response.headers.get('www-authenticate')).toBe(challenge);
      expect(response.body.errors).toStrictEqual([
        { message: error.message, extensions: { code: error.extensions.code } },
      ]);
    }
  });

  test('that fail unexpectedly are masked', async () => {
    const fail = () => {
      throw new Error('at /srv/secret.js');
    };
    await serve({ hooks: { ...allowAllHooks, createContext: fail } });
    const response = await post(HELLO);
    expect(outcome(response)).toStrictEqual([500, 'INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(response.body)).not.toMatch(/secret/);
  });

  test('reject a request before its body is read', async () => {
    const reject = () => {
      throw new GraphQLError('Who?', { extensions: { code: 'UNAUTHENTICATED' } });
    };
    await serve({ hooks: { ...allowAllHooks, createSession: reject } });
    expect((await post('{"query":')).status).toBe(401);
  });

  test('add extensions and headers to a response', async () => {
    await serve({
      hooks: {
        ...allowAllHooks,
        onResponse: (_, { data }, { transport }) => ({
          extensions: { transport, result: data },
          headers: { 'x-added': 'yes' },
        }),
      },
    });
    const response = await post(HELLO);
    expect(response.headers.get('x-added')).toBe('yes');
    expect(response.body).toMatchObject({
      extensions: { transport: 'http', result: { hello: 'Hello, you' } },
    });
  });
});

test('the operation of a client that disconnects is aborted', async () => {
  await serve();
  const slow = served.waitForSlowField();
  const asked = request(served.url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  asked.on('error', () => undefined);
  asked.end('{"query":"{ slow }"}');
  const { signal } = await slow;
  expect(signal.aborted).toBe(false);
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
  asked.destroy();
  await aborted;
});

test('a client that disconnects while sending leaves the server working', async () => {
  await serve();
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  );
  await once(socket, 'connect');
  socket.resetAndDestroy();
  expect((await post(HELLO)).status).toBe(200);
});

test('a browser that opens the endpoint gets the landing page', async () => {
  await serve({ landingPage: () => '<!doctype html><title>page</title>' });
  const page = await fetch(served.url, { headers: { accept: 'text/html,*/*;q=0.8' } });
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toMatch(/<title>page/);
  const headers = { accept: 'text/html', 'apollo-require-preflight': '1' };
  expect((await send({ method: 'GET', search: '?query={hello}', headers })).status).toBe(406);
});
