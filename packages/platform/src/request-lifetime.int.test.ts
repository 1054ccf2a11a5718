import { once } from 'node:events';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExpectedError } from './errors.js';
import { createRequestLifetime, type RequestLifetime } from './request-lifetime.js';

let server: Server;
let url: string;
/** Resolves with the lifetime of the next request. */
let received: Promise<RequestLifetime>;
let receive: (lifetime: RequestLifetime) => void;

beforeEach(async () => {
  received = new Promise((resolve) => (receive = resolve));
  const app = express();
  app.get('/', (incoming, response) => receive(createRequestLifetime(incoming.headers, response)));
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it('has no end without a deadline and with an open connection', async () => {
  const sent = request(url).on('error', () => undefined);
  sent.end();
  expect((await received).findEnd()).toBeUndefined();
  sent.destroy();
});

it('ends when the client closes the connection', async () => {
  const sent = request(url).on('error', () => undefined);
  sent.end();
  const lifetime = await received;
  sent.destroy();
  await expect.poll(() => lifetime.findEnd()?.extensions.code).toBe('REQUEST_CANCELLED');
});

it.each([
  ['0', 'DEADLINE_EXCEEDED'],
  ['60000', undefined],
  ['-1', undefined],
  ['soon', undefined],
])('reads the remaining time %j', async (header, code) => {
  const sent = request(url, { headers: { 'x-abc-deadline': header } }).on('error', () => undefined);
  sent.end();
  expect((await received).findEnd()?.extensions.code).toBe(code);
  sent.destroy();
});

it('responds with one error when it is abandoned, once', async () => {
  const response = fetch(url);
  const lifetime = await received;
  void lifetime.abandon(new ExpectedError('OPERATION_TOO_COSTLY', 'Too much.', { limit: 7 }));
  void lifetime.abandon(new ExpectedError('OTHER', 'Later.'));
  expect(await (await response).json()).toEqual({
    data: null,
    errors: [{ message: 'Too much.', extensions: { code: 'OPERATION_TOO_COSTLY', limit: 7 } }],
  });
});
