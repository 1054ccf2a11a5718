import { createGatewayService } from '@seguridad-abc/gateway';
import { readTestGatewayConfig } from '@seguridad-abc/gateway/testing';
import { createLogger, createRedisPubSubClient } from '@seguridad-abc/platform';
import { eventually, freePort, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { createClient, type Client } from 'graphql-ws';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import WebSocket from 'ws';
import { startShop } from './shop-subgraphs.mjs';
import { createShopSources } from './shop-sources.mjs';

const CHANNEL = 'test:orders';

/** The gateway over the shop's supergraph, with real subgraphs and a real Redis. */
export interface Federation {
  readonly shop: Awaited<ReturnType<typeof startShop>>;
  readonly redis: TestRedis;
  readonly origin: string;
  readonly url: string;
  readonly socketUrl: string;
  /** Creates a graphql-ws client that does not retry. */
  createClient(options?: Partial<Parameters<typeof createClient>[0]>): Client;
  /** Publishes a change of an order. */
  publish(order: object): Promise<void>;
  /** @returns the number of connections that subscribe to the channel in Redis: 0 or 1 */
  countRedisSubscribers(): Promise<number>;
  /** Resolves when this number of sources listens to changes of orders. */
  waitForListeners(count: number): Promise<void>;
  /** Number of running sources of `ticked`, `countdown` and `idle`. */
  readonly runningSources: number;
  stopGateway(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the three subgraphs, a Redis server and the gateway. */
export async function startFederation(settings: Readonly<Record<string, string>> = {}): Promise<Federation> {
  const server = await startRedis();
  const redis = new Redis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  const pubsub = createRedisPubSubClient(server.settings, createLogger('test', 'silent'));
  const shop = await startShop();
  const sources = createShopSources(pubsub, CHANNEL);
  const port = await freePort();
  const config = readTestGatewayConfig({
    GATEWAY_PORT: String(port),
    REDIS_URL: server.url,
    LOG_LEVEL: 'silent',
    AUTH: 'off',
    ...settings,
  });
  const gateway = createGatewayService(config, {
    supergraphSdl: shop.supergraphSdl,
    sources: sources.sources,
  });
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
    createClient(options = {}) {
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
    async countRedisSubscribers() {
      const [, count] = (await redis.pubsub('NUMSUB', CHANNEL)) as [string, number];
      return count;
    },
    waitForListeners: (count) => eventually(() => expect(sources.listeners).toBe(count)),
    get runningSources() {
      return sources.runningSources;
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
