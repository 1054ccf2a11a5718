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
import { createGatewayService } from '@seguridad-abc/gateway';
import { readTestGatewayConfig } from '@seguridad-abc/gateway/testing';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { createResumeLink } from '../examples/react/src/resume-link.js';
import { subscribeAndResume } from '../examples/react/src/subscribe-and-resume.js';
import { startSlowProxy } from './harness/slow-proxy.js';

const QUERY = `subscription ($after: String) {
  heartbeat(services: ["monitoring", "reports"], after: $after) { name status }
}`;
interface HealthPayload {
  readonly heartbeat: { readonly name: string; readonly status: string };
}

let redis: TestRedis;
const folder = temporaryFolder();
const cleanUps: (() => unknown)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
// Apollo's link uses the global WebSocket, which Node has since version 22.
beforeEach(() => void vi.stubGlobal('WebSocket', WebSocket));
afterAll(async () => {
  await redis.close();
  folder.remove();
});
afterEach(async () => {
  for (const undo of cleanUps.splice(0).reverse()) await undo();
});

/** Starts a gateway with a fake heartbeat service, and a proxy through which clients reach the gateway. */
async function startScenario() {
  const statuses = new Map<string, [HealthStatus, number]>();
  let sequence = 0;
  const createReport = (): HealthReport => ({
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
  const heartbeat = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(createReport()));
  }).listen(0, '127.0.0.1');
  await once(heartbeat, 'listening');
  cleanUps.push(() => heartbeat.close());
  const port = await freePort();
  const startGateway = async () => {
    const gateway = createGatewayService(
      readTestGatewayConfig({
        AUTH: 'off',
        DATA_DIR: folder.path,
        GATEWAY_PORT: String(port),
        HEARTBEAT_PORT: String((heartbeat.address() as AddressInfo).port),
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
  const setStatus = (name: string, status: HealthStatus) => statuses.set(name, [status, (since += 1_000)]);
  setStatus('monitoring', 'UP');
  setStatus('reports', 'UP');
  const gateway = await startGateway();
  let proxy = await startSlowProxy(port);
  cleanUps.push(() => proxy.close());
  return {
    setStatus,
    gateway,
    startGateway,
    getWebSocketUrl: () => `ws://127.0.0.1:${proxy.port}/graphql`,
    dropConnections: async () => {
      await proxy.close();
      proxy = await startSlowProxy(port);
    },
  };
}

const createReconnectingClient = (url: () => string): Client => {
  const socket = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
  });
  // `dispose` rejects if the connection was closed just before.
  cleanUps.push(() => Promise.resolve(socket.dispose()).catch(() => undefined));
  return socket;
};

test.each([
  {
    name: 'Apollo Client',
    subscribe: (socket: Client, onPayload: (payload: HealthPayload | null | undefined) => void) => {
      const retryLink = new RetryLink({
        delay: { initial: 20, max: 20 },
        attempts: { max: Infinity, retryIf: (error) => CombinedGraphQLErrors.is(error) },
      });
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([retryLink, createResumeLink(), new GraphQLWsLink(socket)]),
      });
      cleanUps.push(() => client.stop());
      const observable = client.subscribe<HealthPayload>({ query: gql(QUERY), fetchPolicy: 'no-cache' });
      const subscription = observable.subscribe(({ data }) => onPayload(data));
      return () => subscription.unsubscribe();
    },
  },
  {
    name: 'graphql-ws',
    subscribe: (socket: Client, onPayload: (payload: HealthPayload | null | undefined) => void) =>
      subscribeAndResume<HealthPayload>(socket, QUERY, {
        next: ({ data }) => onPayload(data),
        error: (error) => expect(error).toBeUndefined(),
        complete: () => undefined,
      }),
  },
])('$name resumes after a lost connection, and with another gateway', async ({ subscribe }) => {
  const { setStatus, gateway, startGateway, getWebSocketUrl, dropConnections } = await startScenario();
  const received: string[] = [];
  const stop = subscribe(createReconnectingClient(getWebSocketUrl), (payload) => {
    if (payload) received.push(`${payload.heartbeat.name} ${payload.heartbeat.status}`);
  });
  cleanUps.push(stop);
  const expected = ['monitoring UP', 'reports UP'];
  await eventually(() => expect(received).toStrictEqual(expected));

  setStatus('reports', 'LATE');
  await dropConnections();
  expected.push('reports LATE');
  await eventually(() => expect(received).toStrictEqual(expected));

  await gateway.stop();
  setStatus('monitoring', 'DOWN');
  const other = await startGateway();
  cleanUps.push(() => other.stop());
  expected.push('monitoring DOWN');
  await eventually(() => expect(received).toStrictEqual(expected));

  setStatus('reports', 'UP');
  expected.push('reports UP');
  await eventually(() => expect(received).toStrictEqual(expected));
});

test('docs/clients.md contains the source of both', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  for (const file of ['resume-link.ts', 'subscribe-and-resume.ts']) {
    expect(read('../docs/clients.md')).toContain(read(`../examples/react/src/${file}`).trim());
  }
});
