import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { buildSchema } from 'graphql';
import { afterEach, expect, test } from 'vitest';
import { createRouteCharges } from '../requests/route-charges.js';
import { serveGraphiql, type GraphiqlRoutesOptions } from './graphiql-routes.js';

const charges = createRouteCharges(undefined, () => '192.0.2.1');

const SCHEMA = buildSchema(
  'type Query { other: Int } type Subscription { heartbeat: Health } type Health { name: ID status: ID reason: ID since: ID }',
);
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function start(options: Partial<GraphiqlRoutesOptions> = {}) {
  const app = express();
  app.disable('etag');
  serveGraphiql({
    charges,
    http: { app },
    schema: SCHEMA,
    access: 'sign-in',
    ...options,
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The settings that the page's script reads. */
const parsePageSettings = (html: string): unknown =>
  JSON.parse(/<script type="application\/json" id="settings">(.*?)<\/script>/s.exec(html)?.[1] ?? '');

test('the page may load from its own server only, and not in a frame', async () => {
  const response = await fetch(`${await start()}/graphiql`);
  expect(response.status).toBe(200);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
});

test('the page says how operations are authorized and contains no token', async () => {
  const response = await fetch(`${await start({ access: 'token' })}/graphiql`);
  const html = await response.text();
  expect(parsePageSettings(html)).toMatchObject({ endpoint: '/graphql', access: 'token' });
  expect(html).not.toContain('eyJ');
});

test('the tabs are the sample operations that are valid in the schema', async () => {
  const { defaultTabs } = parsePageSettings(await (await fetch(`${await start()}/graphiql`)).text()) as {
    defaultTabs: { query: string }[];
  };
  expect(defaultTabs.map(({ query }) => /^\w+ \w+/m.exec(query)?.[0])).toStrictEqual(['subscription Health']);
});

test('every asset of the page exists and is revalidated by its etag', async () => {
  const origin = await start();
  const html = await (await fetch(`${origin}/graphiql`)).text();
  const names = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path ?? '');
  expect(names).toHaveLength(3);
  for (const path of [...names, '/graphiql/json.js', '/graphiql/graphql-ws/client.js']) {
    const response = await fetch(`${origin}${path}`);
    expect([path, response.status]).toStrictEqual([path, 200]);
    expect((await response.text()).length).toBeGreaterThan(1000);
    const again = await fetch(`${origin}${path}`, {
      headers: { 'if-none-match': response.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    });
    expect([path, again.status]).toStrictEqual([path, 304]);
  }
  expect((await fetch(`${origin}/graphiql/nothing.js`)).status).toBe(404);
});
