import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import type { HealthReport, HealthStatus } from '@seguridad-abc/contracts';
import { createGateway, readGatewayConfig } from '@seguridad-abc/gateway';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { createResumeLink } from '../examples/react/src/resume-link.js';
import { subscribeAndResume } from '../examples/react/src/subscribe-and-resume.js';
import { startSlowProxy } from './harness/slow-proxy.js';

const QUERY = `subscription ($after: String) {
  heartbeat(services: ["monitoring", "reports"], after: $after) { name status }
}`;
interface Told {
  readonly heartbeat: { readonly name: string; readonly status: string };
}

let redis: TestRedis;
const folder = temporaryFolder();
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => {
  // Apollo's link looks for a browser's; Node has it from version 22 on.
  vi.stubGlobal('WebSocket', WebSocket);
  redis = await startRedis();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await redis.close();
  folder.remove();
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** A monitor that is asked what it reports; gateways before it, and a way to them that can be cut. */
async function setUp() {
  const statuses = new Map<string, [HealthStatus, number]>();
  let sequence = 0;
  const report = (): HealthReport => ({
    v: 1,
    run: 'run',
    sequence: ++sequence,
    at: new Date().toISOString(),
    intervalMs: 400,
    services: [...statuses].map(([name, [status, since]]) => ({
      ...{
        name,
        status,
        reason: 'so',
        since: new Date(since).toISOString(),
        lastBeatAt: null,
        instances: [],
      },
    })),
  });
  const monitor = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(report()));
  }).listen(0, '127.0.0.1');
  await once(monitor, 'listening');
  cleanUp.push(() => monitor.close());
  const port = await freePort();
  const startGateway = async () => {
    const gateway = createGateway(
      readGatewayConfig({
        AUTH: 'off',
        DATA_DIR: folder.path,
        GATEWAY_PORT: String(port),
        HEARTBEAT_PORT: String((monitor.address() as AddressInfo).port),
        HEARTBEAT_INTERVAL_MS: '3000',
        LOG_LEVEL: 'silent',
        REDIS_URL: redis.url,
        SUPERGRAPH: fileURLToPath(new URL('../supergraph.graphql', import.meta.url)),
      }),
    );
    await gateway.start();
    return gateway;
  };
  let since = 0;
  const becomes = (name: string, status: HealthStatus) => statuses.set(name, [status, (since += 1_000)]);
  becomes('monitoring', 'UP');
  becomes('reports', 'UP');
  const gateway = await startGateway();
  let way = await startSlowProxy(port);
  cleanUp.push(() => way.close());
  return {
    becomes,
    gateway,
    startGateway,
    socketUrl: () => `ws://127.0.0.1:${way.port}/graphql`,
    cut: async () => {
      await way.close();
      way = await startSlowProxy(port);
    },
  };
}

const socketTo = (url: () => string): Client => {
  const socket = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
  });
  // It rejects where the connection was closed just before.
  cleanUp.push(() => Promise.resolve(socket.dispose()).catch(() => undefined));
  return socket;
};

test.each([
  {
    name: 'Apollo Client',
    subscribe: (socket: Client, hear: (told: Told | null | undefined) => void) => {
      const again = new RetryLink({
        delay: { initial: 20, max: 20 },
        attempts: { max: Infinity, retryIf: (error) => CombinedGraphQLErrors.is(error) },
      });
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([again, createResumeLink(), new GraphQLWsLink(socket)]),
      });
      cleanUp.push(() => client.stop());
      const running = client.subscribe<Told>({ query: gql(QUERY), fetchPolicy: 'no-cache' });
      const hearing = running.subscribe(({ data }) => hear(data));
      return () => hearing.unsubscribe();
    },
  },
  {
    name: 'graphql-ws',
    subscribe: (socket: Client, hear: (told: Told | null | undefined) => void) =>
      subscribeAndResume<Told>(socket, QUERY, {
        next: ({ data }) => hear(data),
        error: (error) => expect(error).toBeUndefined(),
        complete: () => undefined,
      }),
  },
])('$name goes on where it was, after a lost connection and in another gateway', async ({ subscribe }) => {
  const { becomes, gateway, startGateway, socketUrl, cut } = await setUp();
  const heard: string[] = [];
  const stop = subscribe(socketTo(socketUrl), (told) => {
    if (told) heard.push(`${told.heartbeat.name} ${told.heartbeat.status}`);
  });
  cleanUp.push(stop);
  const expected = ['monitoring UP', 'reports UP'];
  await eventually(() => expect(heard).toStrictEqual(expected));

  becomes('reports', 'LATE');
  await cut();
  expected.push('reports LATE');
  await eventually(() => expect(heard).toStrictEqual(expected));

  await gateway.stop();
  becomes('monitoring', 'DOWN');
  const other = await startGateway();
  cleanUp.push(() => other.stop());
  expected.push('monitoring DOWN');
  await eventually(() => expect(heard).toStrictEqual(expected));

  becomes('reports', 'UP');
  expected.push('reports UP');
  await eventually(() => expect(heard).toStrictEqual(expected));
});

test('docs/clients.md shows both as they are', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  for (const each of ['resume-link.ts', 'subscribe-and-resume.ts']) {
    expect(read('../docs/clients.md')).toContain(read(`../examples/react/src/${each}`).trim());
  }
});
