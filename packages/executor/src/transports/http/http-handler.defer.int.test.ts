import { once } from 'node:events';
import { createServer, request as sendRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExecutorContext } from '../../executor.js';
import { createTestExecutor, silentLogger } from '../../testing/test-executor.js';
import { createThingsFederation } from '../../testing/things-federation.js';
import { openTestStream } from '../../testing/test-clients.js';
import { waitUntil } from '../../testing/wait-until.js';
import { createClientTransports } from '../create-transports.js';
import type { ClientSession, TransportHooks } from '../shared/client-request.js';

const federation = createThingsFederation();

/** The requests to the subgraph `notes` that wait until the test lets them go. */
let held: (() => void)[] = [];
let isHolding = false;
let responses: object[] = [];
let aborted = 0;

const hooks: TransportHooks<ExecutorContext, ClientSession> = {
  createSession: () => ({}),
  createContext: ({ signal }) => ({ signal }),
  onResponse(_context, result) {
    responses.push(result);
    return {
      extensions: { calls: responses.length, fixed: true },
      headers: { 'x-calls': String(responses.length) },
    };
  },
};
const executor = createTestExecutor(
  federation,
  {},
  {
    createDataSource: (subgraph) => {
      const dataSource = federation.dataSource(subgraph);
      return {
        async fetch(request, context) {
          context.signal.addEventListener('abort', () => (aborted += 1));
          if (isHolding && subgraph.name === 'notes')
            await new Promise<void>((resolve) => held.push(resolve));
          return dataSource.fetch(request, context);
        },
      };
    },
  },
);
const transports = createClientTransports({ engine: executor, hooks, logger: silentLogger });
const server = createServer(transports.handleRequest);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;

beforeEach(() => {
  held = [];
  isHolding = false;
  responses = [];
  aborted = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const QUERY = '{ thing { id ... @defer(label: "late") { stickers broken } } }';
const OLD = 'multipart/mixed;deferSpec=20220824';
const NEW = 'multipart/mixed;incrementalSpec=v0.2';

async function post(accept: string, query = QUERY, variables = {}) {
  const stream = await openTestStream(url, accept, { query, variables });
  await stream.ended;
  return stream;
}
const parseMultipart = (text: string): unknown[] =>
  text
    .split('\r\n--graphql')
    .slice(1, -1)
    .map((part) => JSON.parse(part.slice(part.indexOf('\r\n\r\n'))) as unknown);
const parseEvents = (text: string): unknown[] =>
  [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as unknown);

const ERROR = {
  message: 'The glue has dried.',
  path: ['thing', 'broken'],
  extensions: { code: 'DRY', serviceName: 'notes' },
};
const LATE = { stickers: ['a'], broken: null };
const COMPLETE = { data: { thing: { id: '1', ...LATE } }, errors: [ERROR] };
const PARTS_OF_2022 = [
  { data: { thing: { id: '1' } }, hasNext: true, extensions: { calls: 1, fixed: true } },
  {
    incremental: [{ data: LATE, path: ['thing'], label: 'late', errors: [ERROR] }],
    hasNext: false,
    extensions: { calls: 2 },
  },
];
const PARTS = [
  {
    data: { thing: { id: '1' } },
    pending: [{ id: '0', path: ['thing'], label: 'late' }],
    hasNext: true,
    extensions: { calls: 1, fixed: true },
  },
  {
    incremental: [{ id: '0', data: LATE, errors: [ERROR] }],
    completed: [{ id: '0' }],
    hasNext: false,
    extensions: { calls: 2 },
  },
];

describe('a query with @defer is answered', () => {
  test.each([
    [`${OLD}, application/graphql-response+json, application/json;q=0.9`, OLD, PARTS_OF_2022],
    [`application/json, multipart/mixed; deferSpec="20220824"`, OLD, PARTS_OF_2022],
    [`${NEW},application/json`, NEW, PARTS],
  ])('in parts to a client that accepts %s', async (accept, type, parts) => {
    const { response, text } = await post(accept);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type.replace(';', ';boundary="graphql";'));
    expect(response.headers.get('x-calls')).toBe('1');
    expect(parseMultipart(text)).toStrictEqual(parts);
    expect(text.endsWith('\r\n--graphql--\r\n')).toBe(true);
  });

  test.each([
    ['text/event-stream', PARTS_OF_2022],
    ['text/event-stream;deferSpec=20220824, application/json', PARTS_OF_2022],
    ['text/event-stream;incrementalSpec=v0.2', PARTS],
  ])('in parts, as server-sent events, to a client that accepts %s', async (accept, parts) => {
    const { response, text } = await post(accept);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(parseEvents(text)).toStrictEqual(parts);
    expect(text.endsWith('event: complete\ndata:\n\n')).toBe(true);
  });

  test.each([
    'application/json',
    '*/*',
    // The default of urql.
    'application/graphql-response+json, application/json, text/event-stream, multipart/mixed',
    `application/json, ${OLD};q=0.5`,
    'application/json, multipart/mixed;subscriptionSpec=1.0',
  ])('in one response to a client that accepts %s', async (accept) => {
    const { response, text } = await post(accept);
    expect(response.headers.get('content-type')).toContain('json');
    expect(JSON.parse(text)).toMatchObject(COMPLETE);
  });

  test('in one part if nothing is deferred and the client accepts nothing but parts', async () => {
    const query = 'query ($late: Boolean!) { thing { id ... @defer(if: $late) { stickers } } }';
    const { text } = await post(OLD, query, { late: false });
    expect(parseMultipart(text)).toMatchObject([
      { data: { thing: { id: '1', stickers: ['a'] } }, hasNext: false },
    ]);
    const { response } = await post(`${OLD}, application/json`, query, { late: false });
    expect(response.headers.get('content-type')).toContain('json');
  });

  test('with null, in the format of 2022, and without data, in the present one, if null reaches the fragment', async () => {
    const query = '{ thing { id ... @defer { promised } } }';
    const error = { message: expect.any(String) as string, path: ['thing', 'promised'] };
    const [, old] = parseMultipart((await post(OLD, query)).text);
    expect(old).toMatchObject({
      incremental: [{ data: null, path: ['thing'], errors: [error] }],
      hasNext: false,
    });
    const [, part] = parseMultipart((await post(NEW, query)).text);
    expect(part).toMatchObject({ completed: [{ id: '0', errors: [error] }], hasNext: false });
    expect(part).not.toHaveProperty('incremental');
  });

  test('with the objects that the client has as paths', async () => {
    const query = '{ thing { size { height } ... @defer { id size { width } } } }';
    const [, old] = parseMultipart((await post(OLD, query)).text);
    expect(old).toMatchObject({
      incremental: [
        { data: { id: '1' }, path: ['thing'] },
        { data: { width: 3 }, path: ['thing', 'size'] },
      ],
    });
    const [, part] = parseMultipart((await post(NEW, query)).text);
    expect(part).toMatchObject({
      incremental: [
        { id: '0', data: { id: '1' } },
        { id: '0', subPath: ['size'], data: { width: 3 } },
      ],
      completed: [{ id: '0' }],
    });
  });

  test('with an error as JSON if the document is not valid', async () => {
    const { response, text } = await post(`${OLD}, application/json`, '{ thing { ... @defer { nope } } }');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(JSON.parse(text)).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
  });
});

test('the first part is sent before the deferred fields are there', async () => {
  isHolding = true;
  const stream = await openTestStream(url, OLD, { query: QUERY });
  await stream.waitForText('"hasNext":true}\r\n--graphql');
  expect(stream.text).not.toContain('stickers');
  await waitUntil(() => held.length > 0);
  for (const release of held) release();
  await stream.ended;
  expect(parseMultipart(stream.text)).toHaveLength(2);
});

test('a client that disconnects between two parts ends the requests to subgraphs', async () => {
  isHolding = true;
  const stream = await openTestStream(url, OLD, { query: QUERY });
  await stream.waitForText('"hasNext":true}');
  await waitUntil(() => held.length > 0);
  const requestCount = federation.requests.length;
  stream.abort();
  await waitUntil(() => aborted > 0);
  for (const release of held) release();
  expect(federation.requests.length).toBe(requestCount);
});

test('a client that reads slowly receives the next part when it has read the one before', async () => {
  // Longer than what the sockets of both sides hold.
  const name = 'x'.repeat(900_000);
  const fields = Array.from({ length: 12 }, (_, index) => `f${index}: label(language: $name)`).join(' ');
  const query = `query ($name: String) { thing { ${fields} ... @defer { stickers } ... @defer { id } } }`;
  const sent = sendRequest(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: OLD },
  });
  sent.end(JSON.stringify({ query, variables: { name } }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  // Called with the last part: it is not put together before the first one is read.
  await waitUntil(() => federation.requests.some(({ query: text }) => text.includes('stickers')));
  expect(responses).toHaveLength(1);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  expect(responses).toHaveLength(2);
  expect(parseMultipart(Buffer.concat(chunks).toString()).at(-1)).toMatchObject({ hasNext: false });
});
