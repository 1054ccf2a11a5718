import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { findHaproxy } from '@seguridad-abc/cli';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { hasHaproxy, startHaproxy, type TestBalancer } from '../harness/haproxy.js';

/** A server in place of a gateway: it says its name and the address of its client. */
interface FakeGateway {
  readonly name: string;
  readonly server: Server;
  readonly sockets: WebSocketServer;
  readonly streams: ServerResponse[];
  /** Of requests that the test answers. */
  readonly slowResponses: ServerResponse[];
  readyStatus: number;
}

/** How long a request to the gateway may take after it has begun to drain, with a margin. */
const REQUEST_LIMIT_MS = 9_000;

const gateways: FakeGateway[] = [];
let balancer: TestBalancer | undefined;

async function startGateway(name: string): Promise<FakeGateway> {
  const server = createServer((request, response) => {
    if (request.url === '/ready') {
      response.writeHead(gateway.readyStatus).end();
      server.emit('checked');
    } else if (request.url === '/slow') {
      gateway.slowResponses.push(response);
      server.emit('slow');
    } else if (request.url === '/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
      gateway.streams.push(response);
    } else response.end(`${name} ${String(request.method)} ${String(request.headers['x-forwarded-for'])}`);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) =>
    socket.on('message', (data) => socket.send(`${name} ${(data as Buffer).toString()}`)),
  );
  const gateway: FakeGateway = { name, server, sockets, streams: [], slowResponses: [], readyStatus: 200 };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  gateways.push(gateway);
  return gateway;
}

const getAddress = ({ server }: FakeGateway) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

async function startBalanced(): Promise<{ origin: string; first: FakeGateway; second: FakeGateway }> {
  const first = await startGateway('first');
  const second = await startGateway('second');
  balancer = await startHaproxy({ 'gateway-1': getAddress(first), 'gateway-2': getAddress(second) });
  return { origin: balancer.origin, first, second };
}

async function closeGateway({ server, sockets }: FakeGateway): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  server.close();
  server.closeAllConnections();
  if (server.listening) await once(server, 'close');
}

afterEach(async () => {
  await balancer?.close();
  balancer = undefined;
  await Promise.all(gateways.splice(0).map(closeGateway));
});

const read = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();

describe.skipIf(!hasHaproxy())('the balancer (skipped without haproxy)', () => {
  test('its files in deploy/ are valid', () => {
    const { status, stderr } = spawnSync(findHaproxy() ?? '', ['-c', '-f', 'deploy/haproxy'], {
      encoding: 'utf8',
      env: { BALANCER_BIND: ':4000', GATEWAY_1: '10.0.0.11:4000', GATEWAY_2: '10.0.0.12:4000' },
    });
    expect([status, stderr]).toEqual([0, expect.not.stringMatching(/WARNING|ALERT/)]);
  });

  test('divides requests among gateways that are ready, and passes on the address of the client only', async () => {
    const { origin, second } = await startBalanced();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        read(`${origin}/graphql`, { headers: { 'x-forwarded-for': '1.2.3.4' } }),
      ),
    );
    expect([...new Set(answers)].sort()).toEqual(['first GET 127.0.0.1', 'second GET 127.0.0.1']);
    second.readyStatus = 503;
    // Its checks have no event.
    await eventually(async () => {
      const later = await Promise.all(Array.from({ length: 50 }, () => read(`${origin}/graphql`)));
      expect([...new Set(later)]).toEqual(['first GET 127.0.0.1']);
    }, 20_000);
  }, 30_000);

  test('a gateway that has just stopped loses no request, also no command', async () => {
    const { origin, second } = await startBalanced();
    await closeGateway(second);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => read(`${origin}/graphql`, { method: 'POST', body: '{}' })),
    );
    expect([...new Set(answers)]).toEqual(['first POST 127.0.0.1']);
  });

  test('a gateway that is about to close its port gets nothing new after one check, and keeps its streams', async () => {
    const { origin, first, second } = await startBalanced();
    const stream = await fetch(`${origin}/stream`);
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    const [stopping, other] = first.streams.length > 0 ? [first, second] : [second, first];
    // Connections that are idle then could be used again.
    await Promise.all(Array.from({ length: 20 }, () => read(`${origin}/graphql`)));
    // As the gateway does.
    stopping.readyStatus = 404;
    // The balancer has the result of the first check when it sends the second one.
    for (let count = 0; count < 2; count++) await once(stopping.server, 'checked');
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => read(`${origin}/graphql`, { method: 'POST', body: '{}' })),
    );
    expect([...new Set(answers)]).toEqual([`${other.name} POST 127.0.0.1`]);
    for (const response of stopping.streams) response.end('data: last\n\n');
    expect((await reader.read()).value).toBe('data: last\n\n');
  }, 30_000);

  test('a gateway that drains finishes a command that takes as long as the gateway allows', async () => {
    const { origin, first, second } = await startBalanced();
    // Before the second check, the balancer may not have the result of the first one, and one failure is enough.
    for (let count = 0; count < 2; count++)
      await Promise.all([first, second].map(({ server }) => once(server, 'checked')));
    const answer = fetch(`${origin}/slow`, { method: 'POST', body: '{}' });
    await Promise.race([once(first.server, 'slow'), once(second.server, 'slow')]);
    for (const { server, slowResponses } of [first, second]) {
      const [response] = slowResponses;
      if (!response) continue;
      // As the gateway does: the port is closed, open connections stay.
      server.close();
      await delay(REQUEST_LIMIT_MS);
      response.end('done');
    }
    expect(await (await answer).text()).toBe('done');
  }, 30_000);

  test('a WebSocket and a stream go on while the balancer drains, which accepts nothing new', async () => {
    const { origin, first, second } = await startBalanced();
    const socket = new WebSocket(origin.replace('http', 'ws'));
    await once(socket, 'open');
    const stream = await fetch(`${origin}/stream`);
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('data: first\n\n');

    const stopping = balancer?.stop();
    await eventually(() => expect(fetch(`${origin}/graphql`)).rejects.toThrow());
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toMatch(/^(first|second) hello$/);
    for (const response of [...first.streams, ...second.streams]) response.end('data: last\n\n');
    expect((await reader.read()).value).toBe('data: last\n\n');
    socket.close();
    await stopping;
  }, 30_000);

  test.each(['/metrics', '/METRICS', '/metrics/', '/%6detrics'])(
    'nobody reads %s through it',
    async (path) => {
      const { origin } = await startBalanced();
      expect((await fetch(`${origin}${path}`)).status).toBe(404);
    },
  );
});
