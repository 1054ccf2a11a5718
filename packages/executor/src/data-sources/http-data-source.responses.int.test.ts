import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLightAbortController } from '../shared/light-abort-signal.js';
import { silentLogger } from '../testing/test-executor.js';
import { createSubgraphOperation, type DataSource } from './data-source.js';
import { createDataSource, type DataSourceOptions } from './http-data-source.js';
import { waitForAssertion } from '../testing/wait-for-assertion.js';

let server: Server | undefined;
let source: DataSource | undefined;
afterEach(async () => {
  await source?.close?.();
  server?.closeAllConnections();
  server?.close();
  server = source = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

interface TestRequest {
  readonly kind?: 'query' | 'mutation';
  readonly variables?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function fetchFrom(
  url: string,
  options: Partial<DataSourceOptions> = {},
  { kind = 'query', variables = '{}', headers = {} }: TestRequest = {},
) {
  source = createDataSource({ name: 'reports', url, logger: silentLogger, ...options });
  const { signal, abortSignal } = createLightAbortController();
  const operation = createSubgraphOperation(kind, '{ rule }', undefined);
  return source.fetch({ operation, variables, entityCount: undefined }, { signal, abortSignal, headers });
}

const badResponse = (words: string) => ({
  data: null,
  errors: [{ message: `The subgraph "reports" ${words}`, extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } }],
});

const LARGE_RULE = 'x'.repeat(100_000);
const LARGE_JSON = JSON.stringify({ data: { rule: LARGE_RULE } });

describe('compressed responses', () => {
  const respondEncoded =
    (encoding: string, body: Buffer): RequestListener =>
    (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body);
    };

  test('are accepted, unless the option says otherwise', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers['accept-encoding']);
      response.end('{"data":{}}');
    });
    await fetchFrom(url);
    await source?.close?.();
    await fetchFrom(url, { acceptCompression: false });
    expect(seen).toStrictEqual(['gzip, deflate, br', undefined]);
  });

  test.each<[string, string, (text: string) => Buffer]>([
    ['gzip', 'gzip', gzipSync],
    ['x-gzip', 'X-GZIP', gzipSync],
    ['br', 'br', brotliCompressSync],
    ['deflate', 'deflate', deflateSync],
    ['deflate without the zlib format', 'deflate', deflateRawSync],
    ['two codings', 'br, gzip', (text) => gzipSync(brotliCompressSync(text))],
    ['identity', 'identity', (text) => Buffer.from(text)],
  ])('are decompressed: %s', async (_, encoding, encode) => {
    const url = await serve(respondEncoded(encoding, encode(LARGE_JSON)));
    expect(await fetchFrom(url)).toMatchObject({ data: { rule: LARGE_RULE } });
  });

  test('are rejected when they are larger than the limit after decompression', async () => {
    const url = await serve(respondEncoded('gzip', gzipSync(LARGE_JSON)));
    expect(gzipSync(LARGE_JSON).length).toBeLessThan(1_000);
    expect(await fetchFrom(url, { maxResponseBytes: 50_000 })).toMatchObject(
      badResponse('returned a response that is too large. Select less.'),
    );
  });

  test('end at the limit although the subgraph goes on sending', async () => {
    const zeros = gzipSync(Buffer.alloc(1_000_000));
    let isClosed = false;
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.on('close', () => (isClosed = true));
      const send = () => {
        if (!isClosed) response.write(zeros, () => setImmediate(send));
      };
      send();
    });
    expect(await fetchFrom(url, { maxResponseBytes: 3_000_000 })).toMatchObject(
      badResponse('returned a response that is too large. Select less.'),
    );
    await waitForAssertion(() => expect(isClosed).toBe(true));
  });

  test.each([
    ['a damaged body', 'gzip', Buffer.from('no gzip at all'), 'cannot be decompressed'],
    ['an incomplete body', 'gzip', gzipSync(LARGE_JSON).subarray(0, 60), 'cannot be decompressed'],
    ['an empty body', 'br', Buffer.alloc(0), 'is empty'],
    ['an unknown coding', 'zstd', Buffer.from('{}'), 'The coding "zstd" of the body is unknown.'],
    ['too many codings', 'gzip, gzip, gzip, gzip', Buffer.from('{}'), 'more than 3 codings'],
  ])('become an error: %s', async (_, encoding, body, reason) => {
    const response = await fetchFrom(await serve(respondEncoded(encoding, body)));
    expect(response).toMatchObject(badResponse('returned an invalid response.'));
    expect(response.errors?.[0]?.originalError?.message).toContain(reason);
  });
});

describe('redirects', () => {
  async function readBody(request: IncomingMessage): Promise<string> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    return text;
  }

  test.each([
    [307, 'query' as const],
    [308, 'mutation' as const],
  ])('within the origin are followed with method, body and headers: status %i', async (status, kind) => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      void readBody(request).then((body) => {
        seen.push([request.method, request.url, request.headers.authorization, body]);
        if (request.url === '/graphql')
          response.writeHead(status, { location: '/graphql/?v=2' }).end('moved');
        else response.end('{"data":{"rule":1}}');
      });
    });
    const warn = vi.fn();
    const options = { logger: { ...silentLogger, warn } };
    const request = { kind, variables: '{"a":1}', headers: { authorization: 'me' } };
    expect(await fetchFrom(url, options, request)).toStrictEqual({ data: { rule: 1 } });
    const body = '{"query":"{ rule }","variables":{"a":1}}';
    expect(seen).toStrictEqual([
      ['POST', '/graphql', 'me', body],
      ['POST', '/graphql/?v=2', 'me', body],
    ]);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      { service: 'reports', url, path: '/graphql/' },
      expect.stringContaining('redirects'),
    );
  });

  test.each([
    ['another origin', 307, 'http://127.0.0.2:1/graphql?secret=1', 'http://127.0.0.2:1/graphql'],
    ['another protocol', 308, 'https://127.0.0.1/graphql', 'https://127.0.0.1/graphql'],
    ['the same origin with a status that drops the body', 302, '/other', '/other'],
    ['an invalid address', 307, 'http://', 'http://'],
  ])('to %s are named and not followed', async (_, status, location, shown) => {
    let requestCount = 0;
    const url = await serve((_request, response) => {
      requestCount++;
      response.writeHead(status, { location }).end();
    });
    const response = await fetchFrom(url);
    expect(response).toMatchObject(
      badResponse('redirects to another address, which is not followed. Correct its URL.'),
    );
    const { message } = response.errors?.[0]?.originalError ?? {};
    expect(message).toMatch(/^It redirects to .* with the HTTP status/);
    expect(message).toContain(`${shown} with`);
    expect(message).not.toContain('secret');
    expect(requestCount).toBe(1);
  });

  test('are followed three times', async () => {
    let requestCount = 0;
    const url = await serve((_request, response) => {
      requestCount++;
      response.writeHead(307, { location: `/${requestCount}` }).end();
    });
    expect(await fetchFrom(url)).toMatchObject(
      badResponse('redirects to another address, which is not followed. Correct its URL.'),
    );
    expect(requestCount).toBe(4);
  });
});

test.each(['', 'none', '/graphql', 'ftp://127.0.0.1/graphql'])(
  'a subgraph with the URL "%s" is named when it is created, and its requests fail',
  async (url) => {
    const warn = vi.fn();
    const response = await fetchFrom(url, { logger: { ...silentLogger, warn } });
    expect(response).toMatchObject({
      data: null,
      errors: [
        {
          message: 'The subgraph "reports" has no valid URL. Set its routing URL in the supergraph.',
          extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
        },
      ],
    });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      { service: 'reports', url },
      expect.stringContaining('no valid URL'),
    );
    expect(source?.problem).toBe('has no valid URL');
  },
);

test('keeps integers beyond 2^53 of the response exact', async () => {
  const url = await serve((_request, response) => void response.end('{"data":{"rule":9007199254740993}}'));
  expect(await fetchFrom(url)).toStrictEqual({ data: { rule: 9007199254740993n } });
});
