import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from '@seguridad-abc/platform';
import { freePort, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startTestGateway } from './testing/test-gateway.js';

const SUBSCRIPTION = 'subscription { heartbeat(services: ["gateway"]) { name } }';

let redis: TestRedis;
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function start(settings: Record<string, string> = {}) {
  const gateway = await startTestGateway({
    HEARTBEAT_PORT: String(await freePort()),
    REDIS_URL: redis.url,
    ...settings,
  });
  cleanUp.push(() => gateway.stop());
  const { origin, dataFolder } = gateway;
  const { host, port } = new URL(origin);

  /** Sends a request with exactly these headers. `fetch` would not send some of them. */
  async function send(
    method: string,
    path: string,
    headers: IncomingHttpHeaders,
    body?: object,
  ): Promise<Answer> {
    const json = body && { 'content-type': 'application/json' };
    const sent = request(`${origin}${path}`, { method, headers: { ...json, ...headers } });
    sent.end(body && JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }
  const secret = settings['AUTH'] === 'off' ? '' : readInstallationSecret(dataFolder, undefined);
  const createLink = (headers: IncomingHttpHeaders = {}, caller?: object) =>
    send('POST', '/sign-in-links', { [INSTALLATION_SECRET_HEADER]: secret, ...headers }, caller);
  const createCode = async (caller?: object) => {
    const { url } = JSON.parse((await createLink({}, caller)).body) as { url: string };
    const [page, code = ''] = url.split('#code=');
    expect(page).toBe(`${origin}/sign-in`);
    return code;
  };
  const signIn = (code: string, headers: IncomingHttpHeaders = { origin }) =>
    send('POST', '/sign-in', headers, { code });
  /** Signs in. Returns the header `Cookie`. */
  const createCookie = async (caller?: object) => {
    const { headers } = await signIn(await createCode(caller));
    return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  };
  return { port, host, origin, send, createLink, createCode, signIn, createCookie };
}

/** Subscribes over a WebSocket. Returns the first payload, or the code with which the socket is closed. */
async function subscribe(
  url: string,
  headers: Record<string, string>,
  payload: object = {},
): Promise<unknown> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
  cleanUp.push(() => socket.terminate());
  await once(socket, 'open');
  return new Promise((resolve) => {
    socket.on('close', (code) => resolve(code));
    socket.on('message', (data: Buffer) => {
      const { type, payload: received } = JSON.parse(data.toString()) as { type: string; payload?: unknown };
      if (type === 'connection_ack') {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } }));
      } else if (type !== 'ping') resolve(received);
    });
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
  });
}

const getCode = ({ body }: Answer) =>
  (JSON.parse(body) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;

test('only a process of the installation creates a link', async () => {
  const { createLink, send } = await start();
  expect((await createLink()).status).toBe(201);
  for (const headers of [{}, { [INSTALLATION_SECRET_HEADER]: 'wrong' }]) {
    const answer = await send('POST', '/sign-in-links', headers);
    expect([answer.status, getCode(answer)]).toStrictEqual([401, 'UNAUTHENTICATED']);
  }
});

test('a link signs in once, with a cookie that scripts and other sites cannot use', async () => {
  const { createCode, signIn, port } = await start();
  const code = await createCode();
  const answer = await signIn(code);
  expect([answer.status, answer.body]).toStrictEqual([204, '']);
  expect(answer.headers['set-cookie']).toStrictEqual([
    expect.stringMatching(
      new RegExp(`^abc-session-${port}=eyJ[^;]+; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict$`),
    ),
  ]);
  const again = await signIn(code);
  expect([again.status, getCode(again), again.headers['set-cookie']]).toStrictEqual([
    403,
    'SIGN_IN_FAILED',
    undefined,
  ]);
});

test('a link can be for a customer, and for no device', async () => {
  const { createLink, createCookie, send } = await start();
  const cookie = await createCookie({ id: 'ana', role: 'customer' });
  const session = await send('GET', '/console/session', { cookie, 'sec-fetch-site': 'same-origin' });
  expect(JSON.parse(session.body)).toStrictEqual({ caller: { id: 'ana', role: 'customer' } });
  for (const body of [
    { id: 'ana', role: 'device' },
    { id: ' ', role: 'customer' },
    { id: 'a'.repeat(500), role: 'customer' },
    [],
  ]) {
    const answer = await createLink({}, body);
    expect([answer.status, getCode(answer)]).toStrictEqual([400, 'BAD_REQUEST']);
  }
});

test('a page of another origin, and a program without Origin, can neither sign in nor sign out', async () => {
  const { createCode, signIn, send, origin } = await start();
  const code = await createCode();
  for (const foreign of [
    'http://localhost:5173',
    origin.replace('127.0.0.1', 'localhost'),
    'null',
    undefined,
  ]) {
    const headers = foreign === undefined ? {} : { origin: foreign };
    for (const answer of [await signIn(code, headers), await send('POST', '/sign-out', headers)]) {
      expect([foreign, answer.status, getCode(answer), answer.headers['set-cookie']]).toStrictEqual([
        foreign,
        403,
        'FORBIDDEN',
        undefined,
      ]);
    }
  }
  expect((await signIn(code)).status).toBe(204);
});

test('texts that are no code do not sign in', async () => {
  const { send, origin } = await start();
  for (const body of [{}, { code: 1 }, { code: 'a'.repeat(500) }, { code: '' }]) {
    const answer = await send('POST', '/sign-in', { origin }, body);
    expect([answer.status, getCode(answer)]).toStrictEqual([403, 'SIGN_IN_FAILED']);
  }
  expect((await send('POST', '/sign-in', { origin }, { code: 'a'.repeat(2_000) })).status).toBe(413);
});

describe('a browser that has signed in', () => {
  const post = { query: '{ services { name } }' };
  const GET = `/graphql?query=${encodeURIComponent(post.query)}`;
  const STREAM = `/graphql?query=${encodeURIComponent(SUBSCRIPTION)}`;
  const noPreflight = { 'apollo-require-preflight': '1' };

  test('sends HTTP requests, event streams and WebSockets as an operator, from pages of the gateway', async () => {
    const { send, createCookie, origin, host } = await start();
    const cookie = await createCookie();
    // The subgraph does not run. The gateway has accepted the caller.
    const posted = await send('POST', '/graphql', { cookie, origin }, post);
    expect(getCode(posted)).toBe('SUBGRAPH_UNAVAILABLE');
    const got = await send('GET', GET, { cookie, 'sec-fetch-site': 'same-origin', ...noPreflight });
    expect(getCode(got)).toBe('SUBGRAPH_UNAVAILABLE');
    expect(await subscribe(`ws://${host}/graphql`, { cookie, origin })).toMatchObject({
      data: { heartbeat: { name: 'gateway' } },
    });

    const stream = request(`${origin}${STREAM}`, {
      headers: { cookie, accept: 'text/event-stream', 'sec-fetch-site': 'same-origin', ...noPreflight },
    }).end();
    const [response] = (await once(stream, 'response')) as [IncomingMessage];
    let received = '';
    for await (const chunk of response) {
      received += String(chunk);
      if (received.includes('"name":"gateway"')) break;
    }
    expect(response.statusCode).toBe(200);
  });

  test('is anonymous in pages of other origins and without Origin', async () => {
    const { send, createCookie, host } = await start();
    const cookie = await createCookie();
    for (const foreign of ['http://localhost:5173', 'http://127.0.0.1:5173', `https://${host}`, 'null']) {
      const headers = { cookie, origin: foreign, ...noPreflight };
      const answers = [
        await send('POST', '/graphql', headers, post),
        await send('GET', GET, headers),
        await send('GET', STREAM, { ...headers, accept: 'text/event-stream' }),
      ];
      expect([foreign, ...answers.map(({ status }) => status)]).toStrictEqual([foreign, 401, 401, 401]);
    }
    const withoutOrigin = [
      await send('POST', '/graphql', { cookie, 'sec-fetch-site': 'same-origin' }, post),
      await send('GET', GET, { cookie, 'sec-fetch-site': 'same-site', ...noPreflight }),
      await send('GET', GET, { cookie, ...noPreflight }),
    ];
    expect(withoutOrigin.map(({ status }) => status)).toStrictEqual([401, 401, 401]);
    // Pages of other ports may open a WebSocket, but need a token in connection_init.
    const url = `ws://${host}/graphql`;
    expect(await subscribe(url, { cookie, origin: 'http://127.0.0.1:5173' })).toBe(4403);
    expect(await subscribe(url, { cookie })).toBe(4403);
  });

  test('a token of the request wins over the cookie', async () => {
    const { send, createCookie, origin, host } = await start();
    const cookie = await createCookie();
    const answer = await send('POST', '/graphql', { cookie, origin, authorization: 'Bearer wrong' }, post);
    expect([answer.status, getCode(answer)]).toStrictEqual([401, 'UNAUTHENTICATED']);
    const payload = { authorization: 'Bearer wrong' };
    expect(await subscribe(`ws://${host}/graphql`, { cookie, origin }, payload)).toBe(4403);
  });

  test('is refused with a second cookie of the name, and keeps its own', async () => {
    const { send, createCookie, origin, host, port } = await start();
    const cookie = `abc-session-${port}=other; ${await createCookie()}`;
    const posted = await send('POST', '/graphql', { cookie, origin }, post);
    expect([posted.status, getCode(posted)]).toStrictEqual([401, 'UNAUTHENTICATED']);
    expect(posted.body).toContain('several session cookies');
    expect(await subscribe(`ws://${host}/graphql`, { cookie, origin })).toBe(4403);
    const session = await send('GET', '/sign-in/session', { cookie, 'sec-fetch-site': 'same-origin' });
    expect(JSON.parse(session.body)).toStrictEqual({
      signedIn: false,
      problem: expect.stringContaining('Delete the cookies of this host') as string,
    });
    expect(session.headers['set-cookie']).toBeUndefined();
  });

  test('sees its session, and signs out', async () => {
    const { send, createCookie, origin, port } = await start();
    const cookie = await createCookie();
    const readSession = async (headers: IncomingHttpHeaders) => {
      const { body } = await send('GET', '/sign-in/session', { 'sec-fetch-site': 'same-origin', ...headers });
      return JSON.parse(body) as unknown;
    };
    expect(await readSession({ cookie })).toMatchObject({ signedIn: true, id: 'operator', role: 'operator' });
    expect(await readSession({})).toStrictEqual({ signedIn: false });
    expect(await readSession({ cookie: `abc-session-${port}=eyJ.invalid.token` })).toStrictEqual({
      signedIn: false,
    });
    const { status, headers } = await send('POST', '/sign-out', { cookie, origin });
    expect([status, headers['set-cookie']]).toStrictEqual([
      204,
      [`abc-session-${port}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict`],
    ]);
  });
});

test.each([
  ['with AUTH=off', { AUTH: 'off' }],
  ['in production', { NODE_ENV: 'production' }],
  [
    'with another issuer',
    { AUTH_JWKS_URL: 'http://127.0.0.1:1/jwks', AUTH_ISSUER: 'https://id.example', AUTH_AUDIENCE: 'abc' },
  ],
])('there are no links %s, and the answer says why', async (_, settings: Record<string, string>) => {
  const { createLink, send, origin } = await start(settings);
  const answer = await createLink();
  expect([answer.status, getCode(answer)]).toStrictEqual([409, 'SIGN_IN_DISABLED']);
  for (const [method, path] of [
    ['GET', '/sign-in'],
    ['POST', '/sign-in'],
    ['POST', '/sign-out'],
  ] as const) {
    expect([path, (await send(method, path, { origin })).status]).toStrictEqual([path, 404]);
  }
});

test('behind a proxy with TLS, link, cookie and headers are for the public origin', async () => {
  const PUBLIC_ORIGIN = 'https://doors.example.com';
  const { createLink, signIn, send } = await start({ PUBLIC_ORIGIN });
  const { url } = JSON.parse((await createLink()).body) as { url: string };
  const [page, code = ''] = url.split('#code=');
  expect(page).toBe(`${PUBLIC_ORIGIN}/sign-in`);
  const answer = await signIn(code, { origin: PUBLIC_ORIGIN, host: 'doors.example.com' });
  expect(answer.headers['set-cookie']).toStrictEqual([
    expect.stringMatching(/^__Host-abc-session=.*; Secure$/),
  ]);
  for (const path of ['/', '/graphql', '/health']) {
    const { headers } = await send('GET', path, { accept: 'text/html' });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  }
});

test('every page has strict security headers and contains no token', async () => {
  const { send } = await start({ PUBLIC_STATUS: 'true' });
  for (const path of ['/', '/graphiql', '/graphql', '/sign-in', '/status/gateway.svg']) {
    const { status, headers, body } = await send('GET', path, { accept: 'text/html' });
    expect([path, status]).toStrictEqual([path, 200]);
    const policy = headers['content-security-policy'] ?? '';
    expect([path, policy]).toStrictEqual([
      path,
      expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
    ]);
    expect([path, policy]).not.toStrictEqual([
      path,
      expect.stringMatching(/script-src[^;]*unsafe|unsafe-eval|\*/),
    ]);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': expect.stringMatching(/^same-origin/) as string,
      'permissions-policy': expect.stringContaining('camera=()') as string,
    });
    expect(headers['strict-transport-security']).toBeUndefined();
    expect([path, body]).not.toStrictEqual([path, expect.stringMatching(/eyJ|Bearer ey/)]);
  }
});
