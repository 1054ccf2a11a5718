import { once } from 'node:events';
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLightAbortController, type LightAbortController } from '../shared/light-abort-signal.js';
import { TEST_CERTIFICATE as certificate } from '../testing/test-certificate.js';
import { silentLogger } from '../testing/test-executor.js';
import { createSubgraphOperation, type DataSource } from './data-source.js';
import { createDataSource, type DataSourceOptions } from './http-data-source.js';
import { waitForAssertion } from '../testing/wait-for-assertion.js';

type Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

let server: Http2SecureServer;
let source: DataSource;
let listener: Listener;
let sessions: Set<ServerHttp2Session>;
/** Of all connections so far. */
let sessionCount: number;
const respond: Listener = ({ httpVersion }, response) =>
  void response.end(JSON.stringify({ data: { rule: httpVersion } }));

async function serve(options: { readonly allowHTTP1?: boolean; readonly settings?: object } = {}) {
  server = createSecureServer({ ...certificate, ...options }, (request, response) =>
    listener(request, response),
  );
  server.on('session', (session) => {
    sessions.add(session);
    sessionCount += 1;
    session.on('close', () => sessions.delete(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

beforeEach(() => {
  listener = respond;
  sessions = new Set();
  sessionCount = 0;
});
afterEach(async () => {
  await source.close?.();
  for (const session of sessions) session.destroy();
  server.close();
});

function open(options: Partial<DataSourceOptions> = {}) {
  source = createDataSource({
    name: 'reports',
    url: `https://localhost:${(server.address() as AddressInfo).port}/graphql`,
    logger: silentLogger,
    certificateAuthorities: [certificate.cert],
    retries: { attempts: 0 },
    ...options,
  });
}

interface TestRequest {
  readonly kind?: 'query' | 'mutation';
  readonly variables?: string;
  readonly controller?: LightAbortController;
}

function send({
  kind = 'query',
  variables = '{}',
  controller = createLightAbortController(),
}: TestRequest = {}) {
  const { signal, abortSignal } = controller;
  const operation = createSubgraphOperation(kind, '{ rule }', undefined);
  const headers = { Authorization: 'me', Connection: 'close' };
  return source.fetch({ operation, variables, entityCount: undefined }, { signal, abortSignal, headers });
}

const getCode = async (response: ReturnType<typeof send>) =>
  (await response).errors?.[0]?.extensions?.['code'];

describe('a subgraph over TLS', () => {
  test.each([
    ['HTTP/2 alone', { allowHTTP1: false }, {}, '2.0'],
    ['HTTP/2 and HTTP/1.1', { allowHTTP1: true }, {}, '2.0'],
    ['HTTP/2, which is turned off', { allowHTTP1: true }, { allowHttp2: false }, '1.1'],
  ])('that offers %s', async (_, serverOptions, options, version) => {
    await serve(serverOptions);
    open(options);
    expect(await send()).toStrictEqual({ data: { rule: version } });
  });

  test('that offers HTTP/1.1 alone', async () => {
    await serve({ allowHTTP1: true });
    server.removeAllListeners('session');
    // The negotiation of the server, without HTTP/2.
    (server as unknown as { ALPNProtocols: Buffer }).ALPNProtocols = Buffer.from('\x08http/1.1');
    open();
    expect(await send()).toStrictEqual({ data: { rule: '1.1' } });
    expect(await send()).toStrictEqual({ data: { rule: '1.1' } });
  });

  test('whose certificate is not trusted cannot be reached', async () => {
    await serve();
    open({ certificateAuthorities: [] });
    const response = await send();
    expect(response.errors?.[0]?.message).toBe('The subgraph "reports" cannot be reached. Retry later.');
    expect(response.errors?.[0]?.originalError?.message).toMatch(/certificate/);
  });
});

describe('over HTTP/2', () => {
  test('requests carry method, path, headers and body, and run at the same time on one connection', async () => {
    await serve();
    open({ maxRequestsPerCaller: 100 });
    const seen: unknown[] = [];
    const waiting: (() => void)[] = [];
    listener = (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen.push([method, url, headers.authorization, headers['content-type'], JSON.parse(body)]);
        waiting.push(() => respond(request, response));
        // All requests wait for the last one.
        if (waiting.length === 40) for (const answer of waiting) answer();
      });
    };
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        send({ kind: n % 2 ? 'query' : 'mutation', variables: `{"n":${n}}` }),
      ),
    );
    expect(responses).toStrictEqual(responses.map(() => ({ data: { rule: '2.0' } })));
    expect(seen).toHaveLength(40);
    expect(seen[0]).toStrictEqual([
      'POST',
      '/graphql',
      'me',
      'application/json',
      { query: '{ rule }', variables: { n: 0 } },
    ]);
    expect(sessions.size).toBe(1);
  });

  test('requests wait while the server allows no further ones', async () => {
    await serve({ settings: { maxConcurrentStreams: 2 } });
    open();
    let running = 0;
    let maxRunning = 0;
    listener = (request, response) => {
      maxRunning = Math.max(maxRunning, ++running);
      setImmediate(() => {
        running -= 1;
        respond(request, response);
      });
    };
    await send();
    const responses = await Promise.all(Array.from({ length: 10 }, () => send()));
    expect(responses).toStrictEqual(responses.map(() => ({ data: { rule: '2.0' } })));
    expect(maxRunning).toBeLessThanOrEqual(2);
  });

  test('compressed responses are decompressed and bounded', async () => {
    await serve();
    open({ maxResponseBytes: 10_000 });
    let size = 1_000;
    listener = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify({ data: { rule: 'x'.repeat(size) } })));
    };
    expect(await send()).toStrictEqual({ data: { rule: 'x'.repeat(1_000) } });
    size = 100_000;
    expect(await getCode(send())).toBe('SUBGRAPH_BAD_RESPONSE');
  });

  test('a running mutation is answered when the server shuts down, and the next request opens a connection', async () => {
    await serve();
    open();
    listener = (request, response) => {
      for (const session of sessions) session.goaway(constants.NGHTTP2_NO_ERROR);
      setImmediate(() => respond(request, response));
    };
    expect(await send({ kind: 'mutation' })).toStrictEqual({ data: { rule: '2.0' } });
    listener = respond;
    expect(await send()).toStrictEqual({ data: { rule: '2.0' } });
    expect(sessionCount).toBe(2);
  });

  test('a request that the server refuses without processing it is sent again, also a mutation', async () => {
    await serve();
    open();
    let requestCount = 0;
    listener = (request, response) => {
      requestCount += 1;
      if (requestCount === 1) request.stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else respond(request, response);
    };
    expect(await send({ kind: 'mutation' })).toStrictEqual({ data: { rule: '2.0' } });
    expect(requestCount).toBe(2);
  });

  test.each<[string, Listener]>([
    ['a reset stream', ({ stream }) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
    ['a broken connection', ({ stream }) => stream.session?.destroy()],
    [
      'a stream that is cancelled in the middle of the response',
      ({ stream }, response) => response.write('{"data":', () => stream.close(constants.NGHTTP2_CANCEL)),
    ],
  ])('%s is an error of a mutation, which is not sent again', async (_, fail) => {
    await serve();
    open();
    let requestCount = 0;
    listener = (request, response) => {
      requestCount += 1;
      fail(request, response);
    };
    expect(await getCode(send({ kind: 'mutation' }))).toBe('SUBGRAPH_UNAVAILABLE');
    expect(requestCount).toBe(1);
    listener = respond;
    expect(await send()).toStrictEqual({ data: { rule: '2.0' } });
  });

  test('a time limit and an abort reset the stream alone', async () => {
    await serve();
    open({ timeoutMs: 3_000 });
    const codes: number[] = [];
    let startedCount = 0;
    listener = ({ stream }) => {
      startedCount += 1;
      stream.on('close', () => codes.push(stream.rstCode));
    };
    const controller = createLightAbortController();
    const aborted = getCode(send({ controller }));
    const late = getCode(send());
    await waitForAssertion(() => expect(startedCount).toBe(2));
    controller.abort();
    expect(await Promise.all([aborted, late])).toStrictEqual(['REQUEST_CANCELLED', 'SUBGRAPH_TIMEOUT']);
    await waitForAssertion(() => expect(codes).toStrictEqual([8, 8]));
    listener = respond;
    expect(await send()).toStrictEqual({ data: { rule: '2.0' } });
    expect(sessions.size).toBe(1);
  });
});
