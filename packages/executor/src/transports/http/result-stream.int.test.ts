import { GraphQLError } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  allowAllHooks,
  startClockServer,
  type ClockServer,
  type ClockServerOptions,
} from '../../testing/clock-server.js';
import { openTestStream, type TestStream } from '../../testing/test-clients.js';
import { waitUntil } from '../../testing/wait-until.js';
import type { ClientSession } from '../shared/client-request.js';

let served: ClockServer;
let streams: TestStream[] = [];
const serve = async (options: Partial<ClockServerOptions<ClientSession>> = {}) =>
  (served = await startClockServer({ hooks: allowAllHooks, ...options }));
beforeEach(() => {
  streams = [];
});
afterEach(async () => {
  for (const stream of streams) stream.abort();
  await served.close();
});

const SSE = 'text/event-stream';
const MULTIPART = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json;q=0.9';
const TICKED = 'subscription { ticked }';
const open = async (accept: string, query = TICKED) => {
  const stream = await openTestStream(served.url, accept, { query });
  streams.push(stream);
  return stream;
};
const opened = async (accept: string, query?: string) => {
  const before = served.openSources;
  const stream = await open(accept, query);
  await waitUntil(() => served.openSources === before + 1);
  return stream;
};

describe.each([
  ['SSE', SSE, 'event: next\ndata: ', '\n\n'],
  ['multipart', MULTIPART, '\r\n\r\n{"payload":', '}\r\n--graphql'],
])('a subscription over %s', (_, accept, before, after) => {
  test('sends each event when it occurs and ends with its source', async () => {
    await serve();
    const stream = await opened(accept);
    served.pushTick(1);
    await stream.waitForText(`${before}{"data":{"ticked":1}}${after}`);
    served.pushTick(2);
    await stream.waitForText(`${before}{"data":{"ticked":2}}${after}`);
    expect(served.transports.openConnectionCount).toBe(1);
    served.endTicks();
    await stream.ended;
    expect(stream.text).toMatch(/(event: complete\ndata:\n\n|--graphql--\r\n)$/);
    expect(served.transports.openConnectionCount).toBe(0);
  });

  test('ends when its client disconnects', async () => {
    await serve();
    const stream = await opened(accept);
    stream.abort();
    await waitUntil(() => served.openSources === 0 && served.transports.openConnectionCount === 0);
    served.pushTick(1);
  });

  test('sends heartbeats', async () => {
    await serve({ limits: { keepAliveMs: 20, heartbeatMs: 20 } });
    const stream = await opened(accept);
    await stream.waitForText(accept === SSE ? ':\n\n:\n\n' : '{}\r\n--graphql');
  });

  test('ends with a retryable error and without completion when the server stops', async () => {
    await serve();
    const stream = await opened(accept);
    await served.transports.close();
    await stream.ended;
    expect(stream.text).toMatch(/"code":"SERVER_SHUTTING_DOWN"/);
    expect(stream.text).not.toMatch(/event: complete/);
    expect(served.openSources).toBe(0);
    expect((await open(accept)).response.status).toBe(503);
  });

  test('ends when the session expires', async () => {
    const createSession = () => ({ expiresAt: Date.now() + 500 });
    await serve({ hooks: { ...allowAllHooks, createSession } });
    const stream = await opened(accept);
    await stream.ended;
    expect(stream.text).toMatch(/"code":"TOKEN_EXPIRED"/);
    expect(served.openSources).toBe(0);
  });

  test('is rejected if the maximum of connections is open', async () => {
    await serve({ limits: { maxConnections: 1 } });
    await opened(accept);
    const { response } = await open(accept);
    expect([response.status, response.headers.get('retry-after')]).toStrictEqual([503, '5']);
  });

  test('is rejected by a hook before it starts', async () => {
    const createContext = () => {
      throw new GraphQLError('No.', { extensions: { code: 'FORBIDDEN' } });
    };
    await serve({ hooks: { ...allowAllHooks, createContext } });
    const { response } = await open(accept);
    expect(response.status).toBe(403);
    expect(served.openSources).toBe(0);
  });

  test('does not start if its client has disconnected', async () => {
    let finishContext: (() => void) | undefined;
    const createContext: typeof allowAllHooks.createContext = ({ signal }) =>
      new Promise((resolve) => (finishContext = () => resolve({ signal })));
    await serve({ hooks: { ...allowAllHooks, createContext } });
    const gone = open(accept).catch(() => undefined);
    await waitUntil(() => finishContext !== undefined);
    await served.transports.close();
    finishContext?.();
    await gone;
    expect(served.openSources).toBe(0);
  });

  test('carries the one result of a query', async () => {
    await serve();
    const stream = await open(accept.split(',')[0] ?? '', '{ hello }');
    await stream.ended;
    expect(stream.text).toContain(`${before}{"data":{"hello":"Hello, you"}}${after}`);
  });
});

test('errors of an operation are a result in an event stream', async () => {
  await serve();
  const stream = await open(SSE, 'subscription { nope }');
  await stream.ended;
  expect(stream.response.status).toBe(200);
  expect(stream.text).toMatch(/^event: next\ndata: \{"errors":\[.*\n\nevent: complete\ndata:\n\n$/m);
});

test('a subscription without a source is rejected like any invalid operation', async () => {
  await serve();
  const stream = await open(MULTIPART, 'subscription { unmapped }');
  await stream.ended;
  expect(stream.response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(stream.text).toMatch(/"code":"SUBSCRIPTION_NOT_SUPPORTED"/);
});

test('the response headers prevent caching, transformation and buffering', async () => {
  await serve();
  const { response } = await opened(SSE);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
});
