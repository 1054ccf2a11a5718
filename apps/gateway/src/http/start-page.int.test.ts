import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { buildSchema } from 'graphql';
import { afterEach, expect, test } from 'vitest';
import { createRouteCharges } from '../requests/route-charges.js';
import { serveGraphiql } from './graphiql-routes.js';
import { serveStartPage, type StartPageOptions } from './start-page.js';

const charges = createRouteCharges(undefined, () => '192.0.2.1');

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function start(options: Partial<StartPageOptions> = {}) {
  const app = express();
  app.disable('x-powered-by');
  serveGraphiql({
    charges,
    http: { app },
    schema: buildSchema('type Query { a: Int }'),
    access: 'sign-in',
  });
  serveStartPage({ http: { app }, charges, hasDeveloperPages: true, doesStatusNeedToken: true, ...options });
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the start page links to the pages of the gateway, and has neither a token nor a script', async () => {
  const response = await fetch(`${await start()}/`);
  expect([response.status, response.headers.get('content-type')]).toStrictEqual([
    200,
    'text/html; charset=utf-8',
  ]);
  const html = await response.text();
  const paths = [...html.matchAll(/<a href="([^"]*)"/g)].map(([, path]) => path);
  expect(paths).toStrictEqual(['/graphiql', '/graphql']);
  expect(html).not.toMatch(/Bearer|eyJ|<script/);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'/);
  expect(policy).not.toContain('unsafe');
});

test('the start page links to the status if a browser can open it, and otherwise names the command', async () => {
  const read = async (doesStatusNeedToken: boolean) =>
    (await fetch(`${await start({ doesStatusNeedToken })}/`)).text();
  expect(await read(false)).toContain('<a href="/status.json">');
  const html = await read(true);
  expect(html).not.toContain('/status.json');
  expect(html).toContain('<code>npm run status</code>');
});

test('without pages for developers, the start page is as unknown as any other path', async () => {
  const origin = await start({ hasDeveloperPages: false });
  const answers = ['/', '/graphiq', '/.env'].map(async (path) => {
    const response = await fetch(`${origin}${path}`, { headers: { accept: 'text/html' } });
    return [response.status, response.headers.get('content-type'), await response.text()];
  });
  const unknown = [
    404,
    'application/json; charset=utf-8',
    '{"errors":[{"message":"There is nothing at this address.","extensions":{"code":"NOT_FOUND"}}]}',
  ];
  expect(await Promise.all(answers)).toStrictEqual([unknown, unknown, unknown]);
});
