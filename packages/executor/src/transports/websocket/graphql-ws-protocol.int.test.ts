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
import type { ClientSession } from '../shared/client-request.js';

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
/** Opens a socket and completes connection_init. */
const openReady = async (payload?: object) => {
  const opened = await open();
  opened.send({ type: 'connection_init', ...(payload && { payload }) });
  await opened.waitForMessage({ type: 'connection_ack' });
  return opened;
};
/** Opens a socket with a running subscription. */
const openSubscribed = async (id = '1') => {
  const opened = await openReady();
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
  test.each(['gibberish', 'graphql-ws'])('the sub-protocol %s is rejected', async (protocol) => {
    await serve();
    await expect(open(protocol)).rejects.toThrow(/no subprotocol/);
  });

  test('a client without a sub-protocol is closed with 4406', async () => {
    await serve();
    await (await open('')).waitForClose(4406);
  });

  test('an operation before connection_init is closed with 4401', async () => {
    await serve();
    const opened = await open();
    opened.subscribe('1', '{ hello }');
    await opened.waitForClose(4401, 'Unauthorized');
  });

  test.each([
    [
      'no connection_init in time',
      { initTimeoutMs: 50 },
      undefined,
      4408,
      'Connection initialisation timeout',
    ],
    ['a second connection_init', {}, { type: 'connection_init' }, 4429, 'Too many initialisation requests'],
    ['text that is not a message', {}, 'nope', 4400, 'Invalid message received'],
    ['a message that only servers send', {}, { type: 'connection_ack' }, 4400, 'Invalid message received'],
    ['a message that is too large', { maxMessageBytes: 100 }, 'x'.repeat(101), 1009, undefined],
  ])('%s closes the connection', async (_, limits, message, code, reason) => {
    await serve({ limits });
    const opened = await (message === undefined ? open() : openReady());
    if (message !== undefined) opened.send(message);
    await opened.waitForClose(code, reason);
  });

  test.each([
    ['a', 'Subscriber for a already exists'],
    [
      '0b7ff3a6-5ae8-4b1a-9d5a-2b3a1f0f5c11',
      'Subscriber for 0b7ff3a6-5ae8-4b1a-9d5a-2b3a1f0f5c11 already exists',
    ],
    ['ñ'.repeat(60), `Subscriber for ${'ñ'.repeat(46)} already exists`],
  ])('an id of a running operation closes the connection with 4409: %s', async (id, reason) => {
    await serve();
    const opened = await openSubscribed(id);
    opened.subscribe(id, TICKED);
    await opened.waitForClose(4409, reason);
    await waitUntil(() => served.openSources === 0);
  });

  test('large messages, which wait for their turn, are handled in order with the small ones', async () => {
    await serve();
    const opened = await openReady();
    const padding = `#${'x'.repeat(200_000)}`;
    for (let n = 0; n < 5; n += 1) {
      opened.subscribe('ticks', `${TICKED} ${padding}`);
      opened.send({ id: 'ticks', type: 'complete' });
      opened.subscribe(`q${n}`, `{ hello } ${padding}`);
    }
    opened.send({ type: 'ping' });
    await opened.waitForMessage({ type: 'pong' });
    for (let n = 0; n < 5; n += 1) await opened.waitForMessage({ id: `q${n}`, type: 'complete' });
    await waitUntil(() => served.openSources === 0);
    expect(opened.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('an operation that exceeds a limit is refused before its message is parsed; others go on', async () => {
    await serve();
    const opened = await openSubscribed('running');
    const payload = { query: '{ hello }', variables: { a: Array.from({ length: 300_000 }, () => 1) } };
    opened.send({ id: 'large', type: 'subscribe', payload });
    await opened.waitForMessage({ id: 'large', type: 'error' });
    expect(opened.messages.at(-1)?.['payload']).toMatchObject([
      { message: expect.stringContaining('values') as string, extensions: { code: 'OPERATION_TOO_COMPLEX' } },
    ]);
    served.pushTick({ value: 1 });
    await opened.waitForMessage({ id: 'running', type: 'next' });
  });

  test('a message that exceeds a limit and names no operation at its start closes the connection', async () => {
    await serve();
    const opened = await openReady();
    opened.send({ payload: { query: '{ hello }', variables: { a: '['.repeat(10) } }, a: [] });
    await opened.waitForClose(4400, 'Invalid message received');
    const other = await openReady();
    other.send('['.repeat(3_000));
    await other.waitForClose(4400, 'The request nests more than 104 lists and objects. Send a smaller one.');
  });

  test('pings are answered, also before connection_init', async () => {
    await serve();
    const opened = await open();
    opened.send({ type: 'ping' });
    await opened.waitForMessage({ type: 'pong' });
  });

  test.each<[string, (socket: WebSocket) => void]>([
    ['32 KiB in fragments of one message', (socket) => socket.send(' '.repeat(20_000), { fin: false })],
    ['many messages', (socket) => socket.send('{"type":"ping"}')],
    ['many pings', (socket) => socket.ping()],
  ])('a client that sends %s before it is accepted is terminated; later it may', async (_, send) => {
    await serve();
    const { socket, waitForClose } = await open();
    socket.on('error', () => undefined);
    for (let n = 0; n < 12; n += 1) send(socket);
    await waitForClose(1006);
    const accepted = await openReady();
    for (let n = 0; n < 12; n += 1) accepted.socket.send(`{"type":"ping"}${' '.repeat(4_000)}`);
    accepted.socket.ping();
    await accepted.waitForMessage({ type: 'pong' });
    expect(accepted.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('a message of too many fragments closes the connection', async () => {
    await serve();
    const opened = await openReady();
    for (let n = 0; n <= 1_000; n += 1) opened.socket.send(' ', { fin: false });
    await opened.waitForClose(1008);
  });

  test('a client that does not answer pings is terminated', async () => {
    await serve({ limits: { keepAliveMs: 1_000 } });
    const opened = await openReady();
    const other = await openReady();
    // The client reads nothing more, including pings.
    opened.socket.pause();
    await waitUntil(() => served.transports.openConnectionCount === 1);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('an idle client is closed with 1000', async () => {
    await serve({ limits: { keepAliveMs: 1_000, idleTimeoutMs: 500 } });
    const busy = await openSubscribed();
    await (await openReady()).waitForClose(1000);
    expect(busy.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('operations', () => {
  test('a query sends next and complete; an invalid one sends error and frees its id', async () => {
    await serve();
    const opened = await openReady();
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

  test('a subscription sends next for each event and complete with its source', async () => {
    await serve();
    const opened = await openSubscribed('a "quoted" id');
    served.pushTick(1);
    await opened.waitForMessage({ id: 'a "quoted" id', type: 'next', payload: { data: { ticked: 1 } } });
    served.endTicks();
    await opened.waitForMessage({ id: 'a "quoted" id', type: 'complete' });
  });

  test('a subscription that the client has completed sends nothing more', async () => {
    await serve();
    const opened = await openSubscribed('1');
    opened.send({ id: '1', type: 'complete' });
    await waitUntil(() => served.openSources === 0);
    served.pushTick(1);
    opened.subscribe('1', '{ hello }');
    await opened.waitForMessage({ id: '1', type: 'complete' });
    expect(opened.messages.map(({ type }) => type)).toStrictEqual(['connection_ack', 'next', 'complete']);
  });

  test('a client that disconnects ends its operations', async () => {
    await serve();
    const opened = await openSubscribed();
    const slow = served.waitForSlowField();
    opened.subscribe('2', '{ slow }');
    const { signal } = await slow;
    opened.socket.terminate();
    await waitUntil(() => served.openSources === 0 && signal.aborted);
    expect(served.transports.openConnectionCount).toBe(0);
  });

  test('a subscription that ends with an error before its first event is charged as refused', async () => {
    const chargeMessage = vi.fn();
    const hooks = { ...allowAllHooks, traffic: { chargeBytes: vi.fn(), chargeMessage } };
    // The free messages are counted anew in each interval.
    await serve({ hooks, limits: { keepAliveMs: 600_000 } });
    const opened = await openReady();
    const FREE_MESSAGES = 30;
    for (let n = 0; n < FREE_MESSAGES + 5; n += 1) {
      opened.subscribe(String(n), TICKED);
      await waitUntil(() => served.openSources === 1);
      served.failTicks();
      await opened.waitForMessage({ id: String(n), type: 'error' });
    }
    expect(chargeMessage).toHaveBeenCalledTimes(5);
    opened.subscribe('last', TICKED);
    await waitUntil(() => served.openSources === 1);
    served.pushTick(1);
    await opened.waitForMessage({ id: 'last', type: 'next' });
    served.failTicks();
    await opened.waitForMessage({ id: 'last', type: 'error' });
    expect(chargeMessage).toHaveBeenCalledTimes(5);
  });

  test('more operations than the limit are rejected', async () => {
    await serve({ limits: { maxOperations: 1 } });
    const opened = await openSubscribed();
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

  test('a client that sends requests but reads nothing is terminated', async () => {
    await serve({ limits: { maxUnsentBytes: 100_000 } });
    const opened = await openReady();
    opened.socket.pause();
    const query = `query ($n: String) { hello(name: $n) }`;
    const payload = { query, variables: { n: 'x'.repeat(500_000) } };
    for (let id = 0; id < 50; id++) opened.send({ id: String(id), type: 'subscribe', payload });
    await waitUntil(() => served.transports.openConnectionCount === 0);
  });
});

describe('the session of a client', () => {
  test('is created from the payload of connection_init and passed to each operation', async () => {
    const createContext = vi.fn(allowAllHooks.createContext);
    const createSession = vi.fn(() => ({}));
    await serve({ hooks: { createContext, createSession } });
    const opened = await openReady({ authorization: 'Bearer x' });
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

  test('is created with the headers of the handshake, except those of the handshake itself', async () => {
    const [createContext, createSession] = [vi.fn(allowAllHooks.createContext), vi.fn(() => ({}))];
    await serve({ hooks: { createContext, createSession } });
    const opened = await openReady();
    opened.subscribe('1', '{ hello }');
    await opened.waitForMessage({ id: '1', type: 'complete' });
    const headers = { host: new URL(served.url).host };
    const remoteAddress = expect.stringMatching(/127\.0\.0\.1|::1/) as string;
    expect(createSession).toHaveBeenCalledWith({ headers, remoteAddress, connectionParams: {} }, undefined);
    expect(createContext.mock.lastCall?.[0].headers).toStrictEqual(headers);
  });

  test.each([
    ['UNAUTHENTICATED', 4403, 'Send a token.', 'Send a token.'],
    ['FORBIDDEN', 4403, `${'x'.repeat(122)}ñ too long`, 'x'.repeat(122)],
    ['KEYS_AWAY', 1013, 'Later.', 'Later.'],
    [undefined, 4500, 'A secret.', 'Internal server error'],
  ])(
    'rejected with %s closes the connection with %i and the message',
    async (code, expected, message, reason) => {
      const createSession = () => {
        throw new GraphQLError(message, { extensions: { code } });
      };
      await serve({ hooks: { ...allowAllHooks, createSession, statuses: { KEYS_AWAY: 503 } } });
      const opened = await open();
      opened.send({ type: 'connection_init' });
      await opened.waitForClose(expected, reason);
    },
  );

  test('is renewed by a ping, so that subscriptions run past the first expiry', async () => {
    let first = Infinity;
    const createSession = vi.fn((_, before?: ClientSession) => {
      if (before) return {};
      first = Date.now() + 500;
      return { expiresAt: first };
    });
    await serve({ hooks: { ...allowAllHooks, createSession } });
    const opened = await openSubscribed();
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

  test('closes the connection if a ping is rejected; a ping without payload changes nothing', async () => {
    const createSession = (_: unknown, before?: ClientSession) => (before ? unauthenticated() : {});
    await serve({ hooks: { ...allowAllHooks, createSession } });
    const opened = await openReady();
    opened.send({ type: 'ping' });
    await opened.waitForMessage({ type: 'pong' });
    opened.send({ type: 'ping', payload: { authorization: 'Bearer bad' } });
    await opened.waitForClose(4403);
  });

  test('that expires ends its subscriptions, and operations are rejected until a ping renews it', async () => {
    // The subscription runs before the session is replaced by one that expires.
    const createSession = vi
      .fn<() => ClientSession>()
      .mockReturnValueOnce({})
      .mockImplementationOnce(() => ({ expiresAt: Date.now() + 20 }))
      .mockReturnValueOnce({});
    await serve({ hooks: { ...allowAllHooks, createSession } });
    const opened = await openSubscribed();
    opened.send({ type: 'ping', payload: { authorization: 'Bearer short' } });
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

  test('is not created for a handshake that mayOpenSocket rejects', async () => {
    await serve({ mayOpenSocket: () => false });
    await expect(open()).rejects.toThrow(/403/);
  });
});

describe('a server', () => {
  test('with the maximum of connections closes a new one with 1013', async () => {
    await serve({ limits: { maxConnections: 1 } });
    await openReady();
    await (await open()).waitForClose(1013);
  });

  test('that stops answers running queries and closes connections with 1001', async () => {
    await serve();
    const idle = await openSubscribed();
    const busy = await openReady();
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

  test('that stops waits at most closeTimeoutMs for clients', async () => {
    await serve({ limits: { closeTimeoutMs: 50 } });
    const opened = await openReady();
    opened.socket.pause();
    await served.transports.close();
    await waitUntil(() => served.transports.openConnectionCount === 0);
  });
});

test('a graphql-ws client subscribes again by itself after a shutdown', async () => {
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
