import { once } from 'node:events';
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createIdentityService } from './identity-service.js';
import { createHttpServer, type HttpServer } from './http-server.js';
import { NO_IDENTITY, recordLogs } from './testing/index.js';

let http: HttpServer;
afterEach(() => http.close());

async function start(identity = NO_IDENTITY) {
  http = createHttpServer({
    service: 'test',
    host: '127.0.0.1',
    port: 0,
    identity,
    readiness: () => ({ ready: true, checks: {} }),
    logger: recordLogs().logger,
  });
  await http.listen();
  return `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
}

test('a mounted listener gets the requests for its path, with a correlation id; the app gets all others', async () => {
  const origin = await start();
  http.mount('/graphql', ({ headers }, response) => response.end(headers['x-correlation-id']));
  for (const path of ['/graphql', '/graphql/', '/graphql?query=x']) {
    const response = await fetch(origin + path, { headers: { 'x-correlation-id': 'caller-12345678' } });
    expect([response.headers.get('x-correlation-id'), await response.text()]).toStrictEqual([
      'caller-12345678',
      'caller-12345678',
    ]);
  }
  expect((await fetch(`${origin}/graphql/more`)).status).toBe(404);
  expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({ service: 'test' });
});

test('browsers may not guess the type of any response', async () => {
  const origin = await start();
  http.mount('/graphql', (_request, response) => response.end('{}'));
  for (const path of ['/graphql', '/health', '/nothing']) {
    const { headers } = await fetch(origin + path);
    expect([path, headers.get('x-content-type-options')]).toStrictEqual([path, 'nosniff']);
  }
});

const AUTH_OFF = createIdentityService(
  { AUTH: 'off', HOST: '127.0.0.1', DATA_DIR: '/nowhere', AUTH_ROLE_CLAIM: 'role' },
  recordLogs().logger,
);

/** Sends a request, or a WebSocket handshake, with a `Host` header. Returns status and body. */
async function send(origin: string, host: string, upgrade: object = {}) {
  const sent = request(`${origin}/graphql`, { headers: { host, ...upgrade } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return [response.statusCode, (await response.toArray()).join('')];
}
const HANDSHAKE = { connection: 'upgrade', upgrade: 'websocket' };

test('with AUTH=off, a request and a WebSocket handshake must have a loopback Host header', async () => {
  const origin = await start(AUTH_OFF);
  http.mount('/graphql', (_request, response) => response.end('answered'));
  http.mountUpgrade('/graphql', (_request, connection) => {
    connection.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nopened');
  });
  const rejected = [403, expect.stringContaining('the Host header must be localhost') as string];
  for (const host of ['localhost', '127.0.0.1:4000', '[::1]:4000']) {
    expect(await send(origin, host)).toEqual([200, 'answered']);
    expect(await send(origin, host, HANDSHAKE)).toEqual([200, 'opened']);
  }
  expect(await send(origin, 'rebound.example.com:4000')).toEqual(rejected);
  expect(await send(origin, 'rebound.example.com:4000', HANDSHAKE)).toEqual(rejected);
});

test('with tokens, any Host header is accepted', async () => {
  const origin = await start();
  http.mount('/graphql', (_request, response) => response.end('answered'));
  expect(await send(origin, 'api.example.com')).toEqual([200, 'answered']);
});

test('close waits for requests in progress and then closes their connections', async () => {
  const origin = await start();
  const started = new Promise<ServerResponse>((resolve) =>
    http.mount('/slow', (_request, response) => resolve(response)),
  );
  const pending = request(`${origin}/slow`, { agent: new Agent({ keepAlive: true }) }).end();
  const answered = once(pending, 'response') as Promise<[IncomingMessage]>;
  const response = await started;
  const closed = http.close();
  response.end('late');
  const [answer] = await answered;
  expect((await answer.toArray()).join('')).toBe('late');
  await closed;
  await expect(fetch(origin)).rejects.toThrow();
});
