import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import { composeServices } from '@apollo/composition';
import { issueEmbeddedToken, readInstallationSecret } from '@seguridad-abc/platform';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { parse } from 'graphql';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { readGatewayConfig } from '../config.js';
import { createGatewayService } from '../service.js';
import { readTestGatewayConfig } from '../testing/gateway-config.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

interface GraphQLBody {
  readonly data?: unknown;
  readonly errors?: readonly { message: string; extensions: { code: string; retryAfter?: number } }[];
  readonly extensions?: { readonly cost?: object };
}

/** Events of a source that has none. */
async function* never() {
  await new Promise(() => undefined);
  yield 1;
}

/** A gateway that authenticates its callers, with one subgraph. @param eclipses the events of the field `eclipse` */
async function startGateway(settings: Record<string, string>, eclipses: () => AsyncIterable<number> = never) {
  const folder = temporaryFolder();
  const pending: ServerResponse[] = [];
  let isSlow = false;
  const subgraph = createServer((_request, response) => {
    if (isSlow) pending.push(response);
    else response.end(JSON.stringify({ data: { planets: 8 } }));
  }).listen(0, '127.0.0.1');
  await once(subgraph, 'listening');
  const { supergraphSdl = '' } = composeServices([
    {
      name: 'sky',
      url: `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}`,
      typeDefs: parse('type Query { planets: Int services: Int } type Subscription { eclipse: Int }'),
    },
  ]);
  const port = await freePort();
  const config = readTestGatewayConfig({
    GATEWAY_PORT: String(port),
    DATA_DIR: folder.path,
    LOG_LEVEL: 'silent',
    // No Redis answers here: each gateway enforces the limits by itself.
    REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    ...settings,
  });
  const gateway = createGatewayService(config, {
    supergraphSdl,
    sources: { eclipse: { subscribe: eclipses } },
  });
  cleanUp.push(
    () => folder.remove(),
    () => {
      subgraph.closeAllConnections();
      subgraph.close();
    },
    () => gateway.stop(),
  );
  await gateway.start();
  const url = `http://127.0.0.1:${port}/graphql`;
  const authorize =
    (id: string, role: 'customer' | 'operator' = 'customer') =>
    async () =>
      `Bearer ${await issueEmbeddedToken(folder.path, { id, role }, 3_600_000)}`;
  const send = async (authorization: string | undefined, init: RequestInit & { search?: string } = {}) => {
    const response = await fetch(url + (init.search ?? ''), {
      method: 'POST',
      body: JSON.stringify({ query: '{ planets }', extensions: { cost: true } }),
      ...init,
      headers: {
        'content-type': 'application/json',
        ...(authorization !== undefined && { authorization }),
        ...(init.headers as Record<string, string>),
      },
    });
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: (await response.json()) as GraphQLBody,
    };
  };
  return {
    url,
    secret: config.AUTH === 'off' ? '' : readInstallationSecret(folder.path, undefined),
    send,
    authorize,
    hold: () => (isSlow = true),
    release: () => {
      isSlow = false;
      for (const response of pending.splice(0)) response.end(JSON.stringify({ data: { planets: 8 } }));
    },
    pending,
  };
}

async function openSocket(url: string, authorization: string) {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  cleanUp.push(() => socket.terminate());
  const messages: { id?: string; type: string; payload?: unknown }[] = [];
  const waiting: (() => void)[] = [];
  const notify = () => waiting.splice(0).forEach((resume) => resume());
  let closed: { code: number; reason: string } | undefined;
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as (typeof messages)[number]);
    notify();
  });
  socket.on('close', (code, reason) => {
    closed = { code, reason: reason.toString() };
    notify();
  });
  await once(socket, 'open');
  const send = (message: object) => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { authorization } });
  return {
    send,
    sendControlFrame: (type: 'ping' | 'pong') => socket[type](),
    close: () => socket.close(),
    async next(matches: (message: (typeof messages)[number]) => boolean) {
      for (;;) {
        const found = messages.find(matches);
        if (found) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async closed() {
      while (!closed) await new Promise<void>((resolve) => waiting.push(resolve));
      return closed;
    },
  };
}

/** It returns at 1 per minute. A request needs 100 until it is judged, a new operation 500 for its plan. */
const SMALL_ALLOWANCE = { RATE_LIMIT_CUSTOMER: '1', RATE_BURST_CUSTOMER: '1000' };

describe('a caller who has used up the allowance', () => {
  const RATE_LIMITED = {
    message: expect.stringMatching(
      /^You have used up your allowance of cost per minute. Try again in \d+ seconds.$/,
    ) as unknown,
  };

  const exhaust = async () => {
    const gateway = await startGateway(SMALL_ALLOWANCE);
    const ana = await gateway.authorize('ana')();
    const first = await gateway.send(ana);
    expect(first.body.extensions?.cost).toStrictEqual({ estimate: 0, budget: 20_000, remaining: 499 });
    for (let n = 1; n <= 4; n++)
      expect((await gateway.send(ana, { body: `{"query": "{ wrong${n} }"}` })).status).toBe(200);
    return { gateway, ana };
  };

  test('gets status 429 with Retry-After over POST, GET and for a stream; others are served', async () => {
    const { gateway, ana } = await exhaust();
    const search = '?query=%7Bplanets%7D';
    const get = { method: 'GET', search, body: null };
    for (const init of [
      {},
      { ...get, headers: { 'apollo-require-preflight': '1' } },
      { headers: { accept: 'text/event-stream' } },
      { headers: { accept: 'application/graphql-response+json' } },
    ]) {
      const { status, retryAfter, body } = await gateway.send(ana, init);
      expect(status).toBe(429);
      expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(body.errors?.[0]).toMatchObject({
        message: RATE_LIMITED.message,
        extensions: { code: 'RATE_LIMITED', retryAfter: Number(retryAfter) },
      });
      expect(body.errors?.[0]?.extensions).not.toHaveProperty('http');
    }
    const bea = await gateway.authorize('bea')();
    expect((await gateway.send(bea)).status).toBe(200);
  });

  test('gets an error for each operation on a WebSocket, which stays open', async () => {
    const { gateway, ana } = await exhaust();
    const socket = await openSocket(gateway.url, ana);
    await socket.next(({ type }) => type === 'connection_ack');
    socket.send({ id: '1', type: 'subscribe', payload: { query: '{ planets }' } });
    const error = await socket.next(({ id }) => id === '1');
    expect(error).toMatchObject({
      type: 'error',
      payload: [{ message: RATE_LIMITED.message, extensions: { code: 'RATE_LIMITED' } }],
    });
    socket.send({ type: 'ping' });
    await socket.next(({ type }) => type === 'pong');
  });

  test('is refused a large body before it is read, over HTTP and on a WebSocket', async () => {
    const gateway = await startGateway(SMALL_ALLOWANCE);
    const ana = await gateway.authorize('ana')();
    await gateway.send(ana);
    const large = { query: '{ planets }', extensions: { padding: 'x'.repeat(60_000) } };
    // It is not even JSON: the gateway has not parsed it.
    const unreadable = `x${JSON.stringify(large)}`;
    for (const headers of [{}, { accept: 'text/event-stream' }])
      expect((await gateway.send(ana, { body: unreadable, headers })).body.errors?.[0]).toMatchObject(
        RATE_LIMITED,
      );
    const compressed = gzipSync(unreadable);
    expect(compressed.length).toBeLessThan(2_048);
    const gzipped = await gateway.send(ana, { body: compressed, headers: { 'content-encoding': 'gzip' } });
    expect(gzipped.status).toBe(429);
    const socket = await openSocket(gateway.url, ana);
    await socket.next(({ type }) => type === 'connection_ack');
    socket.send({ id: '1', type: 'subscribe', payload: large });
    expect(await socket.closed()).toMatchObject({ code: 1013, reason: RATE_LIMITED.message });
  });

  test('is disconnected if it goes on to send small messages on a WebSocket, of any kind', async () => {
    const gateway = await startGateway(SMALL_ALLOWANCE);
    type Socket = Awaited<ReturnType<typeof openSocket>>;
    const kinds: Record<string, (socket: Socket, n: number) => void> = {
      pings: (socket) => socket.send({ type: 'ping' }),
      pongs: (socket) => socket.send({ type: 'pong' }),
      'ends of operations': (socket) => socket.send({ type: 'complete', id: '1' }),
      // A second operation with the id of one that is not refused yet would close the socket as well.
      'refused operations': (socket, n) =>
        socket.send({ type: 'subscribe', id: String(n), payload: { query: '{ wrong }' } }),
      'control frames': (socket) => socket.sendControlFrame('ping'),
      'answers to no control frame': (socket) => socket.sendControlFrame('pong'),
    };
    for (const [kind, sendSmallMessage] of Object.entries(kinds)) {
      const socket = await openSocket(gateway.url, await gateway.authorize(kind)());
      await socket.next(({ type }) => type === 'connection_ack');
      for (let n = 0; n < 120; n++) sendSmallMessage(socket, n);
      expect([kind, await socket.closed()]).toMatchObject([
        kind,
        { code: 1013, reason: RATE_LIMITED.message },
      ]);
    }
    const bea = await openSocket(gateway.url, await gateway.authorize('bea')());
    await bea.next(({ type }) => type === 'connection_ack');
  });

  test('who still sends large messages on a WebSocket is disconnected before they are parsed', async () => {
    const { gateway, ana } = await exhaust();
    const socket = await openSocket(gateway.url, ana);
    await socket.next(({ type }) => type === 'connection_ack');
    for (let n = 0; n < 20; n++) socket.send({ type: 'ping', payload: { padding: 'x'.repeat(100_000) } });
    expect(await socket.closed()).toMatchObject({
      code: 1013,
      reason: expect.stringContaining('used up your allowance') as string,
    });
  });

  test('has the allowance of the tier that the token names', () => {
    const config = readGatewayConfig({ RATE_LIMIT_TIERS: 'gold=10, trial=0.5' });
    expect([...config.RATE_LIMIT_TIERS]).toStrictEqual([
      ['gold', 10],
      ['trial', 0.5],
    ]);
    expect(() => readGatewayConfig({ RATE_LIMIT_TIERS: 'gold' })).toThrow('must be like gold=10');
  });
});

test('a large request costs more than a small one with the same operation', async () => {
  const gateway = await startGateway({ RATE_LIMIT_CUSTOMER: '1', RATE_BURST_CUSTOMER: '5000' });
  const ana = await gateway.authorize('ana')();
  const send = async (padding: readonly string[]) => {
    const body = JSON.stringify({ query: '{ planets }', extensions: { cost: true, padding } });
    const { remaining } = (await gateway.send(ana, { body })).body.extensions?.cost as { remaining: number };
    return remaining;
  };
  expect(await send([])).toBe(4_499);
  expect(await send([])).toBe(4_498);
  expect(await send(Array<string>(4).fill('x'.repeat(50 * 1_024)))).toBe(2_468);
});

describe('events of subscriptions', () => {
  async function* countForever() {
    for (let count = 1; ; count++) yield Promise.resolve(count);
  }
  const LIMITS = { RATE_LIMIT_CUSTOMER: '600', RATE_BURST_CUSTOMER: '700' };
  // The event is not covered; to subscribe again takes 100, which return in 10 seconds.
  const REFUSED = {
    message:
      'Your allowance of cost per minute does not cover the next event. Subscribe again in 10 seconds.',
    extensions: { code: 'RATE_LIMITED', retryAfter: 10 },
  };

  test('use the allowance, and end the subscription on a WebSocket when it is used up', async () => {
    const gateway = await startGateway(LIMITS, countForever);
    const socket = await openSocket(gateway.url, await gateway.authorize('ana')());
    await socket.next(({ type }) => type === 'connection_ack');
    socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { eclipse }' } });
    const received = new Set<object>();
    const end = await socket.next((message) => {
      if (message.type === 'next') received.add(message);
      return message.type === 'error';
    });
    expect(end).toStrictEqual({ id: '1', type: 'error', payload: [REFUSED] });
    // The socket has used 10, and planning 500.
    expect(received.size).toBeGreaterThanOrEqual(189);
  });

  test('do so in an event stream, which does not complete: its client opens it again', async () => {
    const gateway = await startGateway(LIMITS, countForever);
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: await gateway.authorize('ana')(),
      },
      body: JSON.stringify({ query: 'subscription { eclipse }' }),
    });
    const parts = (await response.text()).trim().split('\n\n');
    const [, data = ''] = /^event: next\ndata: (.*)$/.exec(parts.at(-1) ?? '') ?? [];
    expect(JSON.parse(data)).toStrictEqual({ errors: [REFUSED] });
  });
});

test('clients without a token share the allowance of their address', async () => {
  const gateway = await startGateway({
    PUBLIC_STATUS: 'true',
    RATE_LIMIT_ANONYMOUS: '1',
    RATE_BURST_ANONYMOUS: '600',
    TRUSTED_PROXIES: 'loopback',
  });
  const from = async (address: string) => {
    const headers = { 'x-forwarded-for': address };
    const body = '{"query": "{ services }"}';
    return (await gateway.send(undefined, { headers, body })).status;
  };
  expect(await from('2001:db8::1')).toBe(200);
  expect(await from('2001:db8::2')).toBe(429);
  expect(await from('2001:db8:0:1::1')).toBe(200);
});

describe('requests outside GraphQL', () => {
  const PATHS = [
    '/',
    '/graphiql',
    '/graphql',
    '/sign-in',
    '/sign-in/page.mjs',
    '/status.json',
    '/status/gateway.svg',
    '/nowhere',
  ];

  test('use the allowance of their address; health checks and identified callers do not', async () => {
    const gateway = await startGateway({
      TRUSTED_PROXIES: 'loopback',
      RATE_LIMIT_ANONYMOUS: '1',
      RATE_BURST_ANONYMOUS: '350',
    });
    const origin = new URL(gateway.url).origin;
    const request = (path: string, init: RequestInit = {}, address = '192.0.2.1') =>
      fetch(origin + path, {
        ...init,
        headers: { accept: 'text/html', 'x-forwarded-for': address, ...(init.headers as object) },
      });
    const readStatuses = async (address?: string) =>
      Promise.all(PATHS.map(async (path) => (await request(path, {}, address)).status));
    const served = await readStatuses();
    expect(served).toStrictEqual([200, 200, 200, 200, 200, 401, 401, 404]);
    const signIn = {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: '{"code":"wrong"}',
    };
    for (let n = 0; n < 3; n++) expect((await request('/sign-in', signIn)).status).toBe(403);
    const refused = await request('/sign-in', signIn);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    let last;
    do last = await request('/');
    while (last.status === 200);
    expect(await readStatuses()).toStrictEqual(PATHS.map(() => 429));
    expect(await readStatuses('192.0.2.2')).toStrictEqual(served);

    for (const path of ['/health', '/ready']) expect((await request(path)).status).toBe(200);
    const headers = { authorization: await gateway.authorize('ana')() };
    expect((await request('/status.json', { headers })).status).toBe(200);
    const secret = { 'x-installation-secret': gateway.secret };
    expect((await request('/sign-in-links', { method: 'POST', headers: secret })).status).toBe(201);
  });
});

/** To plan many operations can take long. */
const PATIENTLY = { timeout: 15_000 };

test('clients without a token share the connections to subgraphs by address', async () => {
  const gateway = await startGateway({
    PUBLIC_STATUS: 'true',
    TRUSTED_PROXIES: 'loopback',
    RATE_BURST_ANONYMOUS: '100000',
  });
  const from = (address: string, alias: string) =>
    gateway.send(undefined, {
      headers: { 'x-forwarded-for': address },
      body: JSON.stringify({ query: `{ ${alias}: services }` }),
    });
  const aliases = Array.from({ length: 21 }, (_, index) => `a${index}`);
  // Few new documents of a caller are executed at the same time.
  for (const alias of aliases) await from('192.0.2.1', alias);
  gateway.hold();
  // One caller has 20 connections.
  const first = aliases.map((alias) => from('192.0.2.1', alias));
  await expect.poll(() => gateway.pending.length, PATIENTLY).toBe(20);
  const other = from('192.0.2.2', 'b');
  await expect.poll(() => gateway.pending.length, PATIENTLY).toBe(21);
  gateway.release();
  for (const { status } of await Promise.all([...first, other])) expect(status).toBe(200);
});

test('an address that sends bad tokens is refused before they are verified; verified tokens still pass', async () => {
  const gateway = await startGateway({ MAX_BAD_TOKENS_PER_MINUTE: '3' });
  const [ana, bea] = [await gateway.authorize('ana')(), await gateway.authorize('bea')()];
  expect((await gateway.send(ana)).status).toBe(200);
  for (let n = 0; n < 3; n++) expect((await gateway.send(`${ana}${n}`)).status).toBe(401);
  const refused = await gateway.send(`${ana}x`);
  expect([refused.status, refused.retryAfter, refused.body.errors?.[0]?.extensions.code]).toStrictEqual([
    429,
    '20',
    'RATE_LIMITED',
  ]);
  expect((await gateway.send(bea)).status).toBe(429);
  expect((await gateway.send(ana)).status).toBe(200);
  const socket = await openSocket(gateway.url, `${ana}x`);
  expect(await socket.closed()).toMatchObject({
    code: 1013,
    reason: expect.stringContaining('too many invalid tokens') as unknown,
  });
});

describe('what one caller holds at the same time', () => {
  test('operations over all transports: one more is refused, others are served', async () => {
    const gateway = await startGateway({ MAX_OPERATIONS_PER_CALLER: '2' });
    const ana = await gateway.authorize('ana')();
    const bea = await gateway.authorize('bea')();
    const socket = await openSocket(gateway.url, ana);
    await socket.next(({ type }) => type === 'connection_ack');
    gateway.hold();
    const query = (n: number) => `{ a${n}: planets }`;
    const posted = gateway.send(ana, { body: JSON.stringify({ query: query(1) }) });
    socket.send({ id: '1', type: 'subscribe', payload: { query: query(2) } });
    await expect.poll(() => gateway.pending.length).toBe(2);
    const refused = await gateway.send(ana);
    expect([refused.status, refused.retryAfter, refused.body.errors?.[0]?.extensions.code]).toStrictEqual([
      429,
      '1',
      'TOO_MANY_OPERATIONS',
    ]);
    socket.send({ id: '2', type: 'subscribe', payload: { query: query(3) } });
    expect(await socket.next(({ id }) => id === '2')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS', retryAfter: 1 } }],
    });
    const other = gateway.send(bea, { body: JSON.stringify({ query: query(4) }) });
    await expect.poll(() => gateway.pending.length).toBe(3);
    gateway.release();
    expect((await posted).status).toBe(200);
    expect((await other).status).toBe(200);
    await socket.next(({ id, type }) => id === '1' && type === 'complete');
    expect((await gateway.send(ana)).status).toBe(200);
  });

  test('subscriptions over all transports: one more is refused until another one ends', async () => {
    const gateway = await startGateway({ MAX_SUBSCRIPTIONS_PER_CALLER: '2' });
    const ana = await gateway.authorize('ana')();
    const socket = await openSocket(gateway.url, ana);
    await socket.next(({ type }) => type === 'connection_ack');
    const query = 'subscription { eclipse }';
    const controller = new AbortController();
    const stream = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: ana },
      body: JSON.stringify({ query }),
      signal: controller.signal,
    });
    expect(stream.status).toBe(200);
    socket.send({ id: '1', type: 'subscribe', payload: { query } });
    socket.send({ id: '2', type: 'subscribe', payload: { query } });
    expect(await socket.next(({ id }) => id !== undefined)).toMatchObject({
      id: '2',
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    });
    const refused = await gateway.send(ana, {
      headers: { accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    });
    expect([refused.status, refused.body.errors?.[0]?.extensions.code]).toStrictEqual([
      429,
      'TOO_MANY_SUBSCRIPTIONS',
    ]);
    controller.abort();
    // The next one succeeds once the gateway has seen the end of the stream.
    for (let n = 3; ; n++) {
      socket.send({ id: String(n), type: 'subscribe', payload: { query } });
      socket.send({ id: `q${n}`, type: 'subscribe', payload: { query: '{ planets }' } });
      await socket.next(({ id, type }) => id === `q${n}` && type === 'complete');
      const isRefused = await Promise.race([
        socket.next(({ id }) => id === String(n)).then(() => true),
        new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
      ]);
      if (!isRefused) break;
    }
  });

  test('WebSockets: one more is closed with 1013', async () => {
    const gateway = await startGateway({ MAX_SOCKETS_PER_CALLER: '1' });
    const ana = await gateway.authorize('ana')();
    const first = await openSocket(gateway.url, ana);
    await first.next(({ type }) => type === 'connection_ack');
    const second = await openSocket(gateway.url, ana);
    expect(await second.closed()).toStrictEqual({
      code: 1013,
      reason: 'You have the maximum of 1 open WebSockets. Close one first.',
    });
    const bea = await openSocket(gateway.url, await gateway.authorize('bea')());
    await bea.next(({ type }) => type === 'connection_ack');
    first.close();
    await first.closed();
    const third = await openSocket(gateway.url, ana);
    await third.next(({ type }) => type === 'connection_ack');
  });

  test('WebSockets without connection_init, by address: one more handshake is refused', async () => {
    const gateway = await startGateway({ MAX_HANDSHAKES_PER_ADDRESS: '1' });
    const idle = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    cleanUp.push(() => idle.terminate());
    await once(idle, 'open');
    const refused = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    refused.on('error', () => undefined);
    const [, response] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(429);
    idle.terminate();
    await once(idle, 'close');
    const ana = await gateway.authorize('ana')();
    await expect
      .poll(async () =>
        (await openSocket(gateway.url, ana).catch(() => undefined))?.next(
          ({ type }) => type === 'connection_ack',
        ),
      )
      .toBeDefined();
  });
});

test('with AUTH=off, callers are not limited', async () => {
  const gateway = await startGateway({
    ...SMALL_ALLOWANCE,
    AUTH: 'off',
    RATE_LIMIT_OPERATOR: '1',
    RATE_BURST_OPERATOR: '1',
  });
  for (let n = 0; n < 3; n++) {
    const { status, body } = await gateway.send(undefined);
    expect([status, body.extensions?.cost]).toStrictEqual([
      200,
      { estimate: 0, budget: null, remaining: null },
    ]);
  }
});
