import { GraphQLError } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import {
  allowAllHooks,
  startClockServer,
  type ClockServer,
  type ClockServerOptions,
} from '../../testing/clock-server.js';
import { openTestSocket, type TestSocket } from '../../testing/test-clients.js';
import { waitUntil } from '../../testing/wait-until.js';
import type { ClientSession } from '../shared/transport-hooks.js';

let served: ClockServer;
const sockets: TestSocket[] = [];
afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
  await served.close();
});
const serve = async (options: Partial<ClockServerOptions<ClientSession>> = {}) =>
  (served = await startClockServer({ hooks: allowAllHooks, ...options }));
const open = async (protocol?: string) => {
  const opened = await openTestSocket(served.socketUrl, protocol);
  sockets.push(opened);
  return opened;
};
/** A socket on which operations may be sent. */
const ready = async (payload?: object) => {
  const opened = await open();
  opened.send({ type: 'connection_init', ...(payload && { payload }) });
  await opened.waitForMessage({ type: 'connection_ack' });
  return opened;
};
const subscribed = async (id = '1') => {
  const opened = await ready();
  const before = served.openSources;
  opened.subscribe(id, TICKED);
  await waitUntil(() => served.openSources === before + 1);
  return opened;
};

const TICKED = 'subscription { ticked }';
const unauthenticated = () => {
  throw new GraphQLError('Who?', { extensions: { code: 'UNAUTHENTICATED' } });
};

describe('the protocol', () => {
  test.each(['gibberish', 'graphql-ws'])('%s is not agreed on', async (protocol) => {
    await serve();
    await expect(open(protocol)).rejects.toThrow(/no subprotocol/);
  });

  test('a client that names no protocol is not spoken with', async () => {
    await serve();
    await (await open('')).waitForClose(4406);
  });

  test('an operation is begun only once the client is let in', async () => {
    await serve();
    const opened = await open();
    opened.subscribe('1', '{ hello }');
    await opened.waitForClose(4401);
  });

  test.each([
    ['not introduced in time', {}, undefined, 4408],
    ['introduced twice', {}, { type: 'connection_init' }, 4429],
    ['what is no message', {}, 'nope', 4400],
    ['what is no message of a client', {}, { type: 'connection_ack' }, 4400],
    ['a message that is too large', { maxMessageBytes: 100 }, 'x'.repeat(101), 1009],
  ])('closes what is %s', async (_, limits, message, code) => {
    await serve({ limits: { initTimeoutMs: 50, ...limits } });
    const opened = await (message === undefined ? open() : ready());
    if (message !== undefined) opened.send(message);
    await opened.waitForClose(code);
  });

  test('an id is taken while its operation runs', async () => {
    await serve();
    const opened = await subscribed('a');
    opened.subscribe('a', TICKED);
    await opened.waitForClose(4409);
    await waitUntil(() => served.openSources === 0);
  });

  test('pings are answered, also before the client is let in', async () => {
    await serve();
    const opened = await open();
    opened.send({ type: 'ping' });
    await opened.waitForMessage({ type: 'pong' });
  });

  test('a client that gives no sign of life is cut off', async () => {
    await serve({ limits: { keepAliveMs: 50 } });
    const opened = await ready();
    const other = await ready();
    // Nothing of what it is sent is read any more, pings neither.
    opened.socket.pause();
    await waitUntil(() => served.transports.connections === 1);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('a client that has nothing to do is let go', async () => {
    await serve({ limits: { keepAliveMs: 20, idleTimeoutMs: 60 } });
    const busy = await subscribed();
    await (await ready()).waitForClose(1000);
    expect(busy.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('operations', () => {
  test('queries are answered and complete; what is wrong is an error, and the id is free again', async () => {
    await serve();
    const opened = await ready();
    opened.subscribe('1', '{ nope }');
    await opened.waitForMessage({
      id: '1',
      type: 'error',
      payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    opened.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'query ($n: String) { hello(name: $n) }', variables: { n: 'Ada' } },
    });
    await opened.waitForMessage({ id: '1', type: 'next', payload: { data: { hello: 'Hello, Ada' } } });
    await opened.waitForMessage({ id: '1', type: 'complete' });
  });

  test('subscriptions tell, and complete with their source', async () => {
    await serve();
    const opened = await subscribed('a "quoted" id');
    served.pushTick(1);
    await opened.waitForMessage({ id: 'a "quoted" id', type: 'next', payload: { data: { ticked: 1 } } });
    served.endTicks();
    await opened.waitForMessage({ id: 'a "quoted" id', type: 'complete' });
  });

  test('nothing is told of a subscription that the client has completed', async () => {
    await serve();
    const opened = await subscribed('1');
    opened.send({ id: '1', type: 'complete' });
    await waitUntil(() => served.openSources === 0);
    served.pushTick(1);
    opened.subscribe('1', '{ hello }');
    await opened.waitForMessage({ id: '1', type: 'complete' });
    expect(opened.messages.map(({ type }) => type)).toStrictEqual(['connection_ack', 'next', 'complete']);
  });

  test('a client that goes ends all that it has begun', async () => {
    await serve();
    const opened = await subscribed();
    const slow = served.waitForSlowField();
    opened.subscribe('2', '{ slow }');
    const { signal } = await slow;
    opened.socket.terminate();
    await waitUntil(() => served.openSources === 0 && signal.aborted);
    expect(served.transports.connections).toBe(0);
  });

  test('more than may run at one time are refused', async () => {
    await serve({ limits: { maxOperations: 1 } });
    const opened = await subscribed();
    opened.subscribe('2', '{ hello }');
    await opened.waitForMessage({
      id: '2',
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS' } }],
    });
    opened.send({ id: '1', type: 'complete' });
    opened.subscribe('3', '{ hello }');
    await opened.waitForMessage({ id: '3', type: 'complete' });
  });

  test('a client that asks and asks and reads nothing is cut off', async () => {
    await serve({ limits: { maxUnsentBytes: 100_000 } });
    const opened = await ready();
    opened.socket.pause();
    const query = `query ($n: String) { hello(name: $n) }`;
    const payload = { query, variables: { n: 'x'.repeat(500_000) } };
    for (let id = 0; id < 50; id++) opened.send({ id: String(id), type: 'subscribe', payload });
    await waitUntil(() => served.transports.connections === 0);
  });
});

describe('who is there', () => {
  test('is asked with the payload of connection_init, and handed on to each operation', async () => {
    const createContext = vi.fn(allowAllHooks.createContext);
    const createSession = vi.fn(() => ({}));
    await serve({ hooks: { createContext, createSession } });
    const opened = await ready({ authorization: 'Bearer x' });
    opened.send({ id: '1', type: 'subscribe', payload: { query: '{ hello }', extensions: { trace: 1 } } });
    await opened.waitForMessage({ id: '1', type: 'complete' });
    expect(createSession).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ connectionParams: { authorization: 'Bearer x' } }),
      undefined,
    );
    expect(createContext).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        session: createSession.mock.results[0]?.value as ClientSession,
        transport: 'websocket',
        extensions: { trace: 1 },
      }),
    );
  });

  test('is told of the handshake what is not about the handshake itself', async () => {
    const [createContext, createSession] = [vi.fn(allowAllHooks.createContext), vi.fn(() => ({}))];
    await serve({ hooks: { createContext, createSession } });
    const opened = await ready();
    opened.subscribe('1', '{ hello }');
    await opened.waitForMessage({ id: '1', type: 'complete' });
    const headers = { host: new URL(served.url).host };
    expect(createSession).toHaveBeenCalledWith({ headers, connectionParams: {} }, undefined);
    expect(createContext.mock.lastCall?.[0].headers).toStrictEqual(headers);
  });

  test.each([
    ['UNAUTHENTICATED', 4403],
    ['FORBIDDEN', 4403],
    ['KEYS_AWAY', 1013],
    [undefined, 4500],
  ])('refused with %s: closed with %i', async (code, expected) => {
    const createSession = () => {
      throw new GraphQLError('No.', { extensions: { code } });
    };
    await serve({ hooks: { ...allowAllHooks, createSession, statuses: { KEYS_AWAY: 503 } } });
    const opened = await open();
    opened.send({ type: 'connection_init' });
    await opened.waitForClose(expected);
  });

  test('may be said anew in a ping: subscriptions live on past the first expiry', async () => {
    let first = Infinity;
    const createSession = vi.fn((_, before?: ClientSession) => {
      if (before) return {};
      first = Date.now() + 500;
      return { expiresAt: first };
    });
    await serve({ hooks: { ...allowAllHooks, createSession } });
    const opened = await subscribed();
    opened.send({ type: 'ping', payload: { authorization: 'Bearer newer' } });
    await opened.waitForMessage({ type: 'pong' });
    expect(createSession).toHaveBeenLastCalledWith(
      expect.objectContaining({ connectionParams: { authorization: 'Bearer newer' } }),
      { expiresAt: first },
    );
    await waitUntil(() => Date.now() > first + 50);
    served.pushTick(1);
    await opened.waitForMessage({ id: '1', type: 'next' });
  });

  test('is closed where a ping is refused; one without a payload says nothing', async () => {
    const createSession = (_: unknown, before?: ClientSession) => (before ? unauthenticated() : {});
    await serve({ hooks: { ...allowAllHooks, createSession } });
    const opened = await ready();
    opened.send({ type: 'ping' });
    await opened.waitForMessage({ type: 'pong' });
    opened.send({ type: 'ping', payload: { authorization: 'Bearer bad' } });
    await opened.waitForClose(4403);
  });

  test('expires: subscriptions end with a code, and the socket waits for something newer', async () => {
    const createSession = (_: unknown, before?: ClientSession) =>
      before ? {} : { expiresAt: Date.now() + 500 };
    await serve({ hooks: { ...allowAllHooks, createSession } });
    const opened = await subscribed();
    await opened.waitForMessage({
      id: '1',
      type: 'error',
      payload: [{ extensions: { code: 'TOKEN_EXPIRED' } }],
    });
    await waitUntil(() => served.openSources === 0);
    opened.subscribe('2', '{ hello }');
    await opened.waitForMessage({
      id: '2',
      type: 'error',
      payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    opened.send({ type: 'ping', payload: { authorization: 'Bearer newer' } });
    opened.subscribe('3', '{ hello }');
    await opened.waitForMessage({ id: '3', type: 'next' });
  });

  test('a page that may not open a socket is refused', async () => {
    await serve({ mayOpenSocket: () => false });
    await expect(open()).rejects.toThrow(/403/);
  });
});

describe('a server', () => {
  test('that is full says so, and that one may come back', async () => {
    await serve({ limits: { maxConnections: 1 } });
    await ready();
    await (await open()).waitForClose(1013);
  });

  test('that stops answers what it has begun, and closes so that clients come back', async () => {
    await serve();
    const idle = await subscribed();
    const busy = await ready();
    const slow = served.waitForSlowField();
    busy.subscribe('1', '{ slow }');
    const { resolve } = await slow;
    const closed = served.transports.close();
    await idle.waitForClose(1001);
    expect(idle.messages.map(({ type }) => type)).toStrictEqual(['connection_ack']);
    expect(busy.socket.readyState).toBe(WebSocket.OPEN);
    resolve(7);
    await busy.waitForMessage({ id: '1', type: 'next', payload: { data: { slow: 7 } } });
    await busy.waitForClose(1001);
    await closed;
    await expect(open()).rejects.toThrow(/503/);
  });

  test('that stops waits no longer than it is told for clients that do not go', async () => {
    await serve({ limits: { closeTimeoutMs: 50 } });
    const opened = await ready();
    opened.socket.pause();
    await served.transports.close();
    await waitUntil(() => served.transports.connections === 0);
  });
});

test("graphql-ws's client subscribes again by itself after a shutdown", async () => {
  await serve();
  const client = createClient({
    url: () => served.socketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 5,
    retryWait: () => Promise.resolve(),
  });
  const results = client.iterate({ query: TICKED });
  const first = results.next();
  await waitUntil(() => served.openSources === 1);
  served.pushTick(1);
  await first;
  const before = served;
  await serve();
  const second = results.next();
  await before.close();
  await waitUntil(() => served.openSources === 1);
  served.pushTick(2);
  expect((await second).value).toStrictEqual({ data: { ticked: 2 } });
  await results.return?.();
  await client.dispose();
});
