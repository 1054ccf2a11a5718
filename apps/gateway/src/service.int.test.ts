import { createServer } from 'node:http';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { DEFAULT_REDIS_NAMES, heartbeatSchema, type Heartbeat } from '@seguridad-abc/contracts';
import { createLogger, createRedisPubSubClient } from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createGatewayService } from './service.js';
import { readTestGatewayConfig } from './testing/gateway-config.js';

const PRODUCT_SUPERGRAPH = new URL('../../../supergraph.graphql', import.meta.url);

let redis: TestRedis;
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function start(settings: Record<string, string>) {
  const port = await freePort();
  const config = readTestGatewayConfig({
    GATEWAY_PORT: String(port),
    REDIS_URL: redis.url,
    LOG_LEVEL: 'silent',
    AUTH: 'off',
    HEARTBEAT_INTERVAL_MS: '200',
    ...settings,
  });
  const gateway = createGatewayService(config);
  cleanUp.push(() => gateway.stop());
  await gateway.start();
  return { url: `http://127.0.0.1:${port}/graphql`, socketUrl: `ws://127.0.0.1:${port}/graphql`, gateway };
}

const fetchGraphQL = async (url: string, query: string): Promise<unknown> => {
  const body = JSON.stringify({ query });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return response.json();
};

/** Starts a subgraph that gives every request the same response. Returns its port. */
async function startSubgraph(result: object): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify(result))).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return String((server.address() as AddressInfo).port);
}

test("serves the product's supergraph and sends requests to the configured port of a subgraph", async () => {
  const REPORTS_PORT = await startSubgraph({ data: { rules: { totalCount: 3 } } });
  const { url } = await start({ SUPERGRAPH: PRODUCT_SUPERGRAPH.pathname, REPORTS_PORT });
  expect(await fetchGraphQL(url, '{ rules { totalCount } }')).toStrictEqual({
    data: { rules: { totalCount: 3 } },
  });
});

test('heartbeat delivers statuses without a monitor and without Redis', async () => {
  const [HEARTBEAT_PORT, unusedPort] = [String(await freePort()), String(await freePort())];
  const { socketUrl } = await start({
    SUPERGRAPH: PRODUCT_SUPERGRAPH.pathname,
    HEARTBEAT_PORT,
    REDIS_URL: `redis://127.0.0.1:${unusedPort}`,
  });
  const client = createClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  cleanUp.push(() => client.dispose());
  const query =
    'subscription { heartbeat(services: ["reports", "heartbeat"]) { name status reason instances { id } } }';
  const states = [];
  for await (const { data } of client.iterate<{ heartbeat: object }>({ query })) {
    states.push(data?.heartbeat);
    if (states.length === 3) break;
  }
  expect(states).toMatchObject([
    { name: 'heartbeat', status: 'UNKNOWN', reason: 'no health report received yet', instances: [] },
    { name: 'reports', status: 'UNKNOWN', reason: 'no health report received yet' },
    { name: 'heartbeat', status: 'DOWN' },
  ]);
});

test.each([
  ['development', 200],
  ['production', 404],
])('GraphiQL in %s: %i', async (NODE_ENV, status) => {
  const { url } = await start({ SUPERGRAPH: PRODUCT_SUPERGRAPH.pathname, NODE_ENV });
  expect((await fetch(url.replace(/graphql$/, 'graphiql'))).status).toBe(status);
});

test('sends heartbeats, and a last one when it stops', async () => {
  const pubsub = createRedisPubSubClient(redis.settings, createLogger('test', 'silent'));
  cleanUp.push(() => pubsub.close());
  const heartbeats: Heartbeat[] = [];
  await pubsub.subscribe(DEFAULT_REDIS_NAMES.heartbeatChannel, heartbeatSchema, (heartbeat) =>
    heartbeats.push(heartbeat),
  );
  const { gateway } = await start({ SUPERGRAPH: PRODUCT_SUPERGRAPH.pathname, INSTANCE_ID: 'here' });
  await eventually(() =>
    expect(heartbeats[0]).toMatchObject({ service: 'gateway', instance: 'here', status: 'ok' }),
  );
  await gateway.stop();
  await eventually(() => expect(heartbeats.at(-1)?.status).toBe('stopping'));
});

test('serves another supergraph, without the subscriptions of this product', async () => {
  const port = await startSubgraph({ data: { planets: 8 } });
  const { supergraphSdl } = composeServices([
    {
      name: 'sky',
      url: `http://127.0.0.1:${port}`,
      typeDefs: parse('type Query { planets: Int } type Subscription { eclipse: Int }'),
    },
  ]);
  const folder = temporaryFolder();
  cleanUp.push(() => folder.remove());
  const file = join(folder.path, 'sky.graphql');
  writeFileSync(file, supergraphSdl ?? '');
  const { url, socketUrl } = await start({ SUPERGRAPH: file });
  expect(await fetchGraphQL(url, '{ planets }')).toStrictEqual({ data: { planets: 8 } });
  const client = createClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  cleanUp.push(() => client.dispose());
  await expect(client.iterate({ query: 'subscription { eclipse }' }).next()).rejects.toMatchObject([
    { extensions: { code: 'SUBSCRIPTION_NOT_SUPPORTED' } },
  ]);
});

test.each([
  [
    'a missing supergraph file',
    '/nowhere/supergraph.graphql',
    /^The supergraph file \/nowhere.*cannot be read: .*\.$/,
  ],
  [
    'a file that is not a supergraph',
    new URL('../../reports/schema.graphql', import.meta.url).pathname,
    /^The supergraph .*cannot be served: /,
  ],
])('%s prevents the start, with a message for the operator', async (_, SUPERGRAPH, message) => {
  const error = await start({ SUPERGRAPH }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'StartError', message: expect.stringMatching(message) as string });
});

test('a port in use prevents the start', async () => {
  const GATEWAY_PORT = await startSubgraph({});
  await expect(start({ SUPERGRAPH: PRODUCT_SUPERGRAPH.pathname, GATEWAY_PORT })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
