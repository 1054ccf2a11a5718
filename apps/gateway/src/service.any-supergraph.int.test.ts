import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { createLogger, createRedisPubSubClient } from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { parse } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createGatewayService } from './service.js';
import { readTestGatewayConfig } from './testing/gateway-config.js';

let redis: TestRedis;
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const compose = (typeDefs: string): string => {
  const { supergraphSdl, errors } = composeServices([
    { name: 'sky', url: 'http://127.0.0.1:1/', typeDefs: parse(typeDefs) },
  ]);
  if (supergraphSdl === undefined) throw new AggregateError(errors);
  return supergraphSdl;
};

/** Starts a gateway for a supergraph of another product, from a file. */
async function start(typeDefs: string, settings: Record<string, string> = {}) {
  const folder = temporaryFolder();
  cleanUp.push(() => folder.remove());
  const path = join(folder.path, 'sky.graphql');
  writeFileSync(path, compose(typeDefs));
  const port = await freePort();
  const gateway = createGatewayService(
    readTestGatewayConfig({
      AUTH: 'off',
      GATEWAY_PORT: String(port),
      DATA_DIR: folder.path,
      REDIS_URL: redis.url,
      LOG_LEVEL: 'silent',
      HEARTBEAT_INTERVAL_MS: '50',
      SUPERGRAPH: path,
      ...settings,
    }),
  );
  const logged: unknown[][] = [];
  for (const level of ['warn', 'error', 'info'] as const) {
    gateway.logger[level] = (...line: unknown[]) => void logged.push([level, ...line]);
  }
  cleanUp.push(() => gateway.stop());
  await gateway.start();
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  cleanUp.push(() => client.dispose());
  return {
    logged,
    client,
    gateway,
    replace: (text: string) => {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    },
  };
}

/** Subscribes and records the events and the end of the subscription. */
function subscribe(client: Client, query: string) {
  const values: unknown[] = [];
  let state: unknown = 'running';
  client.subscribe(
    { query },
    {
      next: ({ data }) => void values.push(data),
      error: (error) =>
        (state = (error as { extensions?: { code?: string } }[])[0]?.extensions?.code ?? error),
      complete: () => (state = 'complete'),
    },
  );
  return { values, state: () => state };
}

async function connectPublisher() {
  const pubsub = createRedisPubSubClient(redis.settings, createLogger('test', 'silent'));
  cleanUp.push(() => pubsub.close());
  await eventually(() => expect(pubsub.publisher.status).toBe('ready'));
  return {
    publish: (channel: string, message: unknown) => pubsub.publish(channel, message),
    expectListeners: async (channel: string, count: number) => {
      await eventually(async () => {
        const [, current] = (await pubsub.publisher.pubsub('NUMSUB', channel)) as [string, number];
        expect(current).toBe(count);
      });
    },
  };
}

const SKY = `
  type Star { name: String! magnitude: Float }
  type Query { planets: Int }
  type Subscription { flared(name: String!): Star seen(sky: String): Int other: Int }
`;
const CHANNELS = JSON.stringify({
  'Subscription.flared': { channel: 'flares:{name}', stateKey: 'name' },
  'Subscription.seen': 'seen:{sky}',
  'Subscription.added': 'added',
});

describe('a supergraph of another product', () => {
  test('gets its subscription events from the configured channels', async () => {
    const { client } = await start(SKY, { SUBSCRIPTION_CHANNELS: CHANNELS });
    const { publish, expectListeners } = await connectPublisher();
    const vega = subscribe(client, 'subscription { flared(name: "vega") { name magnitude } }');
    const seen = subscribe(client, 'subscription { seen(sky: "north") }');
    await eventually(async () => {
      await publish('flares:sirius', { name: 'sirius' });
      await publish('flares:vega', { name: 'vega', magnitude: 0.5 });
      await publish('seen:north', 3);
      expect(vega.values).toContainEqual({ flared: { name: 'vega', magnitude: 0.5 } });
      expect(seen.values).toContainEqual({ seen: 3 });
    });
    expect(vega.values).not.toContainEqual({ flared: { name: 'sirius', magnitude: null } });
    await publish('seen:north', { $end: true });
    await eventually(() => expect(seen.state()).toBe('complete'));
    await expectListeners('seen:north', 0);
    expect(vega.state()).toBe('running');
  });

  test('rejects subscriptions without a channel and without required arguments', async () => {
    const { client } = await start(SKY, { SUBSCRIPTION_CHANNELS: CHANNELS });
    const unmapped = subscribe(client, 'subscription { other }');
    await eventually(() => expect(unmapped.state()).toBe('SUBSCRIPTION_NOT_SUPPORTED'));
    const incomplete = subscribe(client, 'subscription { seen }');
    await eventually(() => expect(incomplete.state()).toBe('BAD_USER_INPUT'));
  });

  test('does not get the product’s sources for fields that only share their names', async () => {
    const { client } = await start(
      'type Query { a: Int } type Subscription { heartbeat: Int ruleChanged: Int }',
    );
    const own = subscribe(client, 'subscription { heartbeat }');
    await eventually(() => expect(own.state()).toBe('SUBSCRIPTION_NOT_SUPPORTED'));
  });

  test('needs no Redis without subscriptions', async () => {
    const { logged, gateway } = await start('type Query { planets: Int }', {
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    });
    // Several times as long as a heartbeat, or an attempt to connect, would take.
    await new Promise((resolve) => setTimeout(resolve, 400));
    await gateway.stop();
    const problems = logged.filter(([level]) => level !== 'info').map(([, ...line]) => line);
    expect(problems).toStrictEqual([[expect.stringMatching(/^AUTH=off/)]]);
  });
});

describe('a changed supergraph file', () => {
  test('is served: valid subscriptions continue, invalid ones end, new fields work', async () => {
    const { client, replace, logged } = await start(SKY, { SUBSCRIPTION_CHANNELS: CHANNELS });
    const { publish, expectListeners } = await connectPublisher();
    const vega = subscribe(client, 'subscription { flared(name: "vega") { name } }');
    const bright = subscribe(client, 'subscription { flared(name: "sirius") { name magnitude } }');
    await expectListeners('flares:vega', 1);
    await expectListeners('flares:sirius', 1);

    replace('type Nonsense');
    await eventually(() => expect(logged).toContainEqual(expect.arrayContaining(['error'])));
    const countEvents = () => vega.values.length;
    const expectNewEvent = async () => {
      const before = countEvents();
      await eventually(async () => {
        await publish('flares:vega', { name: 'vega', magnitude: 0.5 });
        expect(countEvents()).toBeGreaterThan(before);
      });
    };
    await expectNewEvent();

    replace(compose(SKY.replace('magnitude: Float', 'size: Int').replace('other', 'added')));
    await eventually(() => expect(bright.state()).toBe('SUBSCRIPTION_SCHEMA_RELOAD'));
    await expectNewEvent();
    expect(vega.state()).toBe('running');
    const added = subscribe(client, 'subscription { added }');
    await eventually(async () => {
      await publish('added', 5);
      expect(added.values).toContainEqual({ added: 5 });
    });
  });
});
