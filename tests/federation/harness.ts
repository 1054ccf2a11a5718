import { createGateway, readGatewayConfig } from '@seguridad-abc/gateway';
import { createLogger, createPubSub } from '@seguridad-abc/platform';
import { eventually, freePort, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { createClient, type Client } from 'graphql-ws';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import WebSocket from 'ws';
import { startShop } from './shop.mjs';
import { createShopSources } from './sources.mjs';

const CHANNEL = 'test:orders';

export interface Federation {
  readonly shop: Awaited<ReturnType<typeof startShop>>;
  readonly redis: TestRedis;
  readonly origin: string;
  readonly url: string;
  readonly socketUrl: string;
  /** A graphql-ws client that gives up where it cannot connect. */
  client(options?: Partial<Parameters<typeof createClient>[0]>): Client;
  /** Tells every subscriber of an order. */
  publish(order: object): Promise<void>;
  /** How many connections Redis knows to listen to the orders' channel: 0 or 1. */
  connections(): Promise<number>;
  /** Resolves when so many subscribers hear whatever is published from now on. */
  listeners(count: number): Promise<void>;
  /** Sources that the test's own sources have open. */
  readonly running: number;
  stopGateway(): Promise<void>;
  close(): Promise<void>;
}

/** The shop's three subgraphs, a Redis and a gateway before them, for real. */
export async function startFederation(settings: Readonly<Record<string, string>> = {}): Promise<Federation> {
  const server = await startRedis();
  const redis = new Redis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  const pubsub = createPubSub(server.url, createLogger('test', 'silent'));
  const shop = await startShop();
  const sources = createShopSources(pubsub, CHANNEL);
  const port = await freePort();
  const config = readGatewayConfig({
    GATEWAY_PORT: String(port),
    REDIS_URL: server.url,
    LOG_LEVEL: 'silent',
    AUTH: 'off',
    ...settings,
  });
  const gateway = createGateway(config, { supergraphSdl: shop.supergraphSdl, sources: sources.sources });
  await gateway.start();
  const clients: Client[] = [];
  let stopped: Promise<void> | undefined;
  const stopGateway = () => (stopped ??= gateway.stop());

  return {
    shop,
    redis: server,
    origin: `http://127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/graphql`,
    socketUrl: `ws://127.0.0.1:${port}/graphql`,
    client(options = {}) {
      const url = `ws://127.0.0.1:${port}/graphql`;
      const client = createClient({
        url,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        onNonLazyError: () => undefined,
        ...options,
      });
      clients.push(client);
      return client;
    },
    async publish(order) {
      await redis.publish(CHANNEL, JSON.stringify(order));
    },
    async connections() {
      const [, count] = (await redis.pubsub('NUMSUB', CHANNEL)) as [string, number];
      return count;
    },
    listeners: (count) => eventually(() => expect(sources.listeners).toBe(count)),
    get running() {
      return sources.running;
    },
    stopGateway,
    async close() {
      for (const client of clients) await client.dispose();
      await stopGateway();
      await shop.close();
      pubsub.close();
      redis.disconnect();
      await server.close();
    },
  };
}
