import { once } from 'node:events';
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from './http-server.js';
import { NO_IDENTITY, recordLogs } from './testing/index.js';

let http: HttpServer;
afterEach(() => http.close());

async function start() {
  http = createHttpServer({
    service: 'test',
    host: '127.0.0.1',
    port: 0,
    identity: NO_IDENTITY,
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
