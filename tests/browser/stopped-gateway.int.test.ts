import { freePort } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { serveExample, type ExampleServer } from '../harness/example-page.js';

let gatewayPort: number;
let server: ExampleServer;
beforeAll(async () => {
  gatewayPort = await freePort();
  server = await serveExample([], await freePort(), { GATEWAY_PORT: String(gatewayPort) });
});
afterAll(() => server.close());

test('the server of the example page prints one line while the gateway is stopped', async () => {
  const url = `${server.url}graphql`;
  for (let tries = 0; tries < 2; tries++) {
    const socket = new WebSocket(url, 'graphql-transport-ws');
    socket.on('error', () => undefined);
    // `once` would reject with the error.
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await fetch(url, { method: 'POST' })).status).toBe(502);
  }
  const notice = `No gateway at http://127.0.0.1:${gatewayPort}: run npm start in another terminal.`;
  const [beforeAddress = '', ...afterAddress] = server.getOutput().trim().split(server.url);
  expect(beforeAddress.split(notice)).toHaveLength(2);
  expect(afterAddress.join('').trim()).toBe('');
  expect(server.getOutput()).not.toContain('configLoader');
});
