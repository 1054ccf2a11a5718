import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DEFAULT_REDIS_NAMES, heartbeatSchema, type Heartbeat } from '@seguridad-abc/contracts';
import {
  createHttpServer,
  createIdentityService,
  createLogger,
  createRedisPubSubClient,
  serveSubgraph,
} from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createGatewayService, type GatewayServiceOverrides } from './service.js';
import { readTestGatewayConfig } from './testing/gateway-config.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

const cleanUp: (() => unknown)[] = [];
let folder: ReturnType<typeof temporaryFolder>;
let ports: { readonly products: number; readonly reviews: number; readonly gateway: number };
beforeEach(async () => {
  folder = temporaryFolder();
  cleanUp.push(() => folder.remove());
  ports = { products: await freePort(), reviews: await freePort(), gateway: await freePort() };
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const logger = createLogger('test', 'silent');
/** With the subscription field `heartbeat`, so that the gateway sends heartbeats. */
const PRODUCTS = `
  ${readFileSync(new URL('../../heartbeat/schema.graphql', import.meta.url), 'utf8')}
  extend type Query { product: Product }
  type Product @key(fields: "id") { id: ID! name: String }
`;
const REVIEWS = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { review: String }
  type Product @key(fields: "id") { id: ID! rating: Int }
`;

/** Starts a subgraph of this installation, which requires the installation secret and a token. */
async function startSubgraph(name: 'products' | 'reviews', typeDefs: string) {
  const schemaFile = join(folder.path, `${name}.graphql`);
  writeFileSync(schemaFile, typeDefs);
  const identity = createIdentityService(readConfig(), logger);
  const http = createHttpServer({
    service: name,
    host: '127.0.0.1',
    port: ports[name],
    readiness: () => ({ ready: true, checks: {} }),
    identity,
    logger,
  });
  const server = await serveSubgraph({
    schemaFile: pathToFileURL(schemaFile),
    resolvers: {},
    identity,
    authenticate: identity.authenticate,
    createContext: () => ({}),
    http,
    logger,
  });
  await http.listen();
  const stop = () => server.stop();
  cleanUp.push(stop);
  return { stop };
}

const readConfig = () => {
  const configFile = join(folder.path, 'supergraph.yaml');
  writeFileSync(
    configFile,
    `subgraphs:
  products: { routing_url: 'http://127.0.0.1:${ports.products}/graphql' }
  reviews: { routing_url: 'http://127.0.0.1:${ports.reviews}/graphql' }
`,
  );
  return readTestGatewayConfig({
    GATEWAY_PORT: String(ports.gateway),
    DATA_DIR: folder.path,
    REDIS_URL: redis.url,
    LOG_LEVEL: 'silent',
    HEARTBEAT_INTERVAL_MS: '50',
    SUPERGRAPH: 'introspect',
    SUPERGRAPH_CONFIG: configFile,
    SUPERGRAPH_POLL_INTERVAL_MS: '100',
  });
};

function createGateway(overrides: GatewayServiceOverrides = {}) {
  const config = readConfig();
  const gateway = createGatewayService(config, overrides);
  cleanUp.push(() => gateway.stop());
  const base = `http://127.0.0.1:${config.GATEWAY_PORT}`;
  const { installationHeaders } = createIdentityService(config, logger);
  return {
    gateway,
    base,
    getCheck: async () => {
      const response = await fetch(`${base}/ready`, { headers: installationHeaders });
      const { checks } = (await response.json()) as { checks: { supergraph: string } };
      return { status: response.status, supergraph: checks.supergraph };
    },
    /** The fields of a type as clients see them. */
    getFields: async (typeName: string) => {
      const response = await fetch(`${base}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: `{ __type(name: "${typeName}") { fields { name } } }` }),
      });
      const { data } = (await response.json()) as { data?: { __type: { fields: { name: string }[] } } };
      return data?.__type.fields.map(({ name }) => name);
    },
  };
}

const startAll = async () => {
  const subgraphs = {
    products: await startSubgraph('products', PRODUCTS),
    reviews: await startSubgraph('reviews', REVIEWS),
  };
  const running = createGateway();
  await running.gateway.start();
  return { ...running, subgraphs };
};

/** Records the heartbeats of gateways. Returns a function that finds the last one. */
async function recordHeartbeats() {
  const pubsub = createRedisPubSubClient(redis.settings, logger);
  cleanUp.push(() => pubsub.close());
  const heartbeats: Heartbeat[] = [];
  await pubsub.subscribe(DEFAULT_REDIS_NAMES.heartbeatChannel, heartbeatSchema, (heartbeat) =>
    heartbeats.push(heartbeat),
  );
  return () => heartbeats.findLast(({ service }) => service === 'gateway');
}

test('waits for the subgraphs at start, and reports that meanwhile', async () => {
  await startSubgraph('products', PRODUCTS);
  const { gateway, base, getCheck, getFields } = createGateway();
  const started = gateway.start();
  await eventually(async () => {
    expect(await getCheck()).toEqual({
      status: 503,
      supergraph:
        'Couldn\'t load service definitions for "reviews": The subgraph "reviews" cannot be reached. Retry later. ' +
        `Reason: connect ECONNREFUSED 127.0.0.1:${ports.reviews}`,
    });
  });
  expect((await fetch(`${base}/health`)).status).toBe(200);
  const response = await fetch(`${base}/graphql`, { method: 'POST', body: '{}' });
  expect([response.status, await response.json()]).toMatchObject([
    503,
    { errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] },
  ]);
  await startSubgraph('reviews', REVIEWS);
  await started;
  expect(await getCheck()).toEqual({ status: 200, supergraph: 'current' });
  expect((await getFields('Product'))?.toSorted()).toEqual(['id', 'name', 'rating']);
});

test('stops while it waits for the subgraphs', async () => {
  const { gateway, getCheck } = createGateway();
  const started = gateway.start();
  const rejected = expect(started).rejects.toThrow('The gateway was stopped before it had a supergraph.');
  await eventually(async () => expect((await getCheck()).status).toBe(503));
  await gateway.stop();
  await rejected;
  await expect(getCheck()).rejects.toThrow();
});

test('serves the changed schema of a restarted subgraph', async () => {
  const { subgraphs, getFields } = await startAll();
  await subgraphs.reviews.stop();
  await startSubgraph('reviews', REVIEWS.replace('rating: Int', 'rating: Int stars: Int'));
  await eventually(async () => expect(await getFields('Product')).toContain('stars'));
});

test('keeps the supergraph while a subgraph is unreachable, and reports the problem in its health', async () => {
  const { subgraphs, getCheck, getFields } = await startAll();
  const getLastHeartbeat = await recordHeartbeats();
  await eventually(() => expect(getLastHeartbeat()).toMatchObject({ status: 'ok' }));

  await subgraphs.reviews.stop();
  const problem = 'Couldn\'t load service definitions for "reviews"';
  await eventually(async () => {
    expect(await getCheck()).toEqual({ status: 200, supergraph: expect.stringContaining(problem) as string });
    expect(getLastHeartbeat()).toMatchObject({
      status: 'error',
      detail:
        'the supergraph may be outdated: the running subgraphs cannot be composed. See the log of the gateway',
    });
  });
  expect(await getFields('Product')).toContain('rating');

  // The schema of products changes while no composition is possible.
  await subgraphs.products.stop();
  await startSubgraph('products', PRODUCTS.replace('name: String }', 'name: String title: String }'));
  await startSubgraph('reviews', REVIEWS);
  await eventually(async () => {
    expect(await getFields('Product')).toContain('title');
    expect(await getCheck()).toEqual({ status: 200, supergraph: 'current' });
    expect(getLastHeartbeat()).toMatchObject({ status: 'ok' });
  });
});

test('keeps the supergraph while the schemas do not compose, and names no field in its health', async () => {
  const { subgraphs, getCheck, getFields } = await startAll();
  const getLastHeartbeat = await recordHeartbeats();
  await subgraphs.reviews.stop();
  const conflicting = await startSubgraph(
    'reviews',
    REVIEWS.replace('rating: Int', 'rating: Int name: String'),
  );
  await eventually(async () => {
    expect((await getCheck()).supergraph).toContain('Non-shareable field "Product.name"');
    expect(getLastHeartbeat()).toMatchObject({ status: 'error' });
  });
  expect(getLastHeartbeat()?.detail).not.toContain('Product');
  expect(await getFields('Product')).toContain('rating');
  await conflicting.stop();
  await startSubgraph('reviews', REVIEWS.replace('rating: Int', 'rating: Int stars: Int'));
  await eventually(async () => expect(await getFields('Product')).toContain('stars'));
});

test('does not send the installation secret across a redirect', async () => {
  await startSubgraph('products', PRODUCTS);
  const received: unknown[] = [];
  const other = createServer((request, response) => {
    received.push(request.headers);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  cleanUp.push(() => other.close());
  const redirecting = createServer((_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end();
  }).listen(ports.reviews, '127.0.0.1');
  await once(redirecting, 'listening');
  cleanUp.push(() => {
    redirecting.closeAllConnections();
    redirecting.close();
  });
  const { gateway, getCheck } = createGateway();
  void gateway.start().catch(() => undefined);
  await eventually(async () => expect((await getCheck()).supergraph).toContain('with the HTTP status 302.'));
  expect(received).toEqual([]);
});

test('a gateway that shares its socket listens when it has a supergraph, so that it refuses no operation', async () => {
  const asked = createServer((_request, response) => response.writeHead(503).end());
  asked.listen(ports.products, '127.0.0.1');
  cleanUp.push(() => asked.close());
  const { gateway, base, getFields } = createGateway({ isSocketShared: true });
  const started = gateway.start();
  await once(asked, 'request');
  await expect(fetch(`${base}/health`)).rejects.toThrow('fetch failed');
  asked.closeAllConnections();
  asked.close();
  await once(asked, 'close');
  await startSubgraph('products', PRODUCTS);
  await startSubgraph('reviews', REVIEWS);
  await started;
  expect(await getFields('Product')).toEqual(['id', 'name', 'rating']);
});
