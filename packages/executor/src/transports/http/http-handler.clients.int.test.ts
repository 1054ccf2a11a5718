import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import {
  allowAllHooks,
  startClockServer,
  type ClockServer,
  type ClockServerOptions,
} from '../../testing/clock-server.js';
import { openTestSocket } from '../../testing/test-clients.js';
import type { ClientSession } from '../shared/client-request.js';

let served: ClockServer;
afterEach(() => served.close());
const serve = async (options: Partial<ClockServerOptions<ClientSession>> = {}) =>
  (served = await startClockServer({ hooks: allowAllHooks, ...options }));

interface RawResponse {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends exactly the given headers: `fetch` would add its own. */
async function send(
  headers: Readonly<Record<string, string>>,
  search = '',
  body?: string,
): Promise<RawResponse> {
  const sent = request(served.url + search, { method: body === undefined ? 'GET' : 'POST', headers });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}
const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
  send({ 'content-type': 'application/json', ...headers }, '', body);

describe('response compression', () => {
  const LONG = '{"query":"{ long }"}';
  const expected = JSON.stringify({ data: { long: 'long '.repeat(1_000) } });

  test.each([
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip;q=1, br;q=0.9', 'gzip', gunzipSync],
  ])('a client that accepts "%s" gets %s', async (accepted, coding, decompress) => {
    await serve();
    const { status, headers, body } = await post(LONG, { 'accept-encoding': accepted });
    expect([status, headers['content-encoding'], headers.vary]).toStrictEqual([
      200,
      coding,
      'accept-encoding',
    ]);
    expect(Number(headers['content-length'])).toBe(body.length);
    expect(body.length).toBeLessThan(500);
    expect(decompress(body).toString()).toBe(expected);
  });

  test.each([
    ['that accepts no coding', LONG, undefined, {}],
    ['that accepts unknown codings', LONG, 'deflate, zstd', {}],
    ['whose response is small', '{"query":"{ hello }"}', 'gzip', {}],
    ['of a server that does not compress', LONG, 'gzip', { minCompressedBytes: 0 }],
  ])('a client %s gets the plain response', async (_, body, accepted, limits) => {
    await serve({ limits });
    const response = await post(body, accepted === undefined ? {} : { 'accept-encoding': accepted });
    expect(response.headers['content-encoding']).toBeUndefined();
    expect(JSON.parse(response.body.toString())).toHaveProperty('data');
  });

  test('a long error is compressed', async () => {
    await serve();
    const query = `{ ${'x'.repeat(900)} }`;
    const { headers, body } = await post(JSON.stringify({ query }), { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(body).toString())).toHaveProperty('errors');
  });

  test('a stream of results is not compressed, and no response has an ETag', async () => {
    await serve();
    const headers = { 'accept-encoding': 'gzip', accept: 'text/event-stream' };
    const stream = await post(LONG, headers);
    expect(stream.headers['content-encoding']).toBeUndefined();
    expect(stream.body.toString()).toContain('event: complete');
    expect([stream.headers.etag, (await post(LONG)).headers.etag]).toStrictEqual([undefined, undefined]);
  });
});

describe('the operation name', () => {
  const preflight = { 'apollo-require-preflight': '1' };
  test('counts as omitted if it is an empty parameter of a GET request', async () => {
    await serve();
    const { status, body } = await send(preflight, '?query={hello}&operationName=&variables=&extensions=');
    expect([status, body.toString()]).toStrictEqual([200, '{"data":{"hello":"Hello, you"}}']);
  });

  test('names no operation if it is an empty text in a body', async () => {
    await serve();
    const { body } = await post('{"query":"{ hello }","operationName":""}');
    expect(JSON.parse(body.toString())).toMatchObject({
      errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }],
    });
  });
});

describe('GET requests without a preflight', () => {
  const EVENTS = '?query=subscription{counted}';
  /** @returns the status, without the body of the stream */
  async function getStatus(headers: Readonly<Record<string, string>>, search = EVENTS) {
    const sent = request(served.url + search, { headers: { accept: 'text/event-stream', ...headers } });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.destroy();
    return response.statusCode;
  }

  test.each([
    ['a page of the same origin', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, 200],
    ['a client outside of browsers', { 'sec-fetch-mode': 'cors' }, 200],
    ['a page of an allowed origin', { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }, 200],
    ['a page of another origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 400],
    ['a sandboxed page', { origin: 'null', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, 400],
    ['an image of another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 400],
    ['a link of a sibling host', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' }, 400],
    ['an image in an old browser', {}, 400],
    ['a script that accepts no GraphQL', { 'sec-fetch-mode': 'cors', accept: '*/*' }, 400],
  ])('%s: %j', async (_, headers, status) => {
    await serve({ mayReadAcrossOrigins: (received) => received.headers.origin === 'https://app.example' });
    expect(await getStatus(headers)).toBe(status);
  });

  test('run no mutation, and a POST request still needs a preflight', async () => {
    await serve();
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', accept: 'application/json' };
    expect((await send(own, '?query=mutation{wind}')).status).toBe(405);
    expect((await send({ ...own, 'content-type': 'text/plain' }, '', '{"query":"{ hello }"}')).status).toBe(
      400,
    );
  });
});

describe('an EventSource', () => {
  /** @returns the text of the stream up to the last event that is expected */
  async function readEvents(search: string, headers: Readonly<Record<string, string>>) {
    const controller = new AbortController();
    const response = await fetch(served.url + search, {
      headers: { accept: 'text/event-stream', ...headers },
      signal: controller.signal,
    });
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('"counted":3')) break;
    }
    controller.abort();
    return text;
  }
  const format = (count: number) =>
    `id: ${count}\nevent: next\ndata: {"data":{"counted":${count}},"extensions":{"cursor":"${count}"}}\n\n`;

  test.each([
    ['without an id', '?query=subscription{counted}', {}, [1, 2, 3]],
    ['after the id of the last event', '?query=subscription{counted}', { 'last-event-id': '1' }, [2, 3]],
    [
      'after the id of the last event, not after the cursor of the operation',
      '?query=subscription{counted(after:"0")}',
      { 'last-event-id': '2' },
      [3],
    ],
    ['after the cursor of the operation', '?query=subscription{counted(after:"2")}', {}, [3]],
    ['with an empty id', '?query=subscription{counted}', { 'last-event-id': '' }, [1, 2, 3]],
  ])('receives events with ids: %s', async (_, search, headers, counts) => {
    await serve();
    expect(await readEvents(search, headers)).toBe(`:\n\n${counts.map(format).join('')}`);
  });
});

describe('integers beyond 2^53', () => {
  const QUERY = 'query ($big: Big, $id: ID, $float: Float) { echo(value: $big, id: $id, float: $float) }';
  const variables = '{"big":{"a":[9007199254740993]},"id":9007199254740993,"float":9007199254740993}';
  const answer =
    '{"data":{"echo":{"value":{"a":[9007199254740993]},"id":"9007199254740993","float":9007199254740992}}}';

  test('stay exact over HTTP', async () => {
    await serve();
    const posted = await post(`{"query":${JSON.stringify(QUERY)},"variables":${variables}}`);
    expect(posted.body.toString()).toBe(answer);
    const search = new URLSearchParams({ query: QUERY, variables });
    const got = await send({ 'apollo-require-preflight': '1' }, `?${search.toString()}`);
    expect(got.body.toString()).toBe(answer);
  });

  test('are limited in number', async () => {
    await serve();
    const list = Array.from({ length: 5_001 }, () => '9007199254740993').join(',');
    const { status, body } = await post(`{"query":"{ hello }","variables":{"v":[${list}]}}`);
    expect([status, body.toString()]).toStrictEqual([400, expect.stringContaining('integers beyond 2^53')]);
  });

  test('stay exact on a WebSocket', async () => {
    await serve();
    const { socket, send: sendMessage, waitForMessage } = await openTestSocket(served.socketUrl);
    const texts: string[] = [];
    socket.on('message', (data: Buffer) => texts.push(data.toString()));
    sendMessage({ type: 'connection_init' });
    await waitForMessage({ type: 'connection_ack' });
    sendMessage(
      `{"id":"1","type":"subscribe","payload":{"query":${JSON.stringify(QUERY)},"variables":${variables}}}`,
    );
    await waitForMessage({ id: '1', type: 'complete' });
    expect(texts).toContain(`{"id":"1","type":"next","payload":${answer}}`);
    socket.close();
  });
});
