import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createGatewayService } from '@seguridad-abc/gateway';
import { readTestGatewayConfig } from '@seguridad-abc/gateway/testing';
import { createMonitoringService, readMonitoringConfig } from '@seguridad-abc/monitoring';
import { issueEmbeddedToken, type Service } from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { createReportsService, readReportsConfig } from '@seguridad-abc/reports';
import { createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { executeOperation } from './harness/graphql-clients.js';

/*
 * Two gateways, monitoring and reports, each with its own data folder, as on different machines. They have in common: one
 * Redis, and INSTALLATION_SECRET.
 */
const INSTALLATION_SECRET = 'a secret that all machines of this installation have';
/** Cost that a customer may use at once. It returns so slowly that nothing returns during a test. */
const BURST = 2_000;
const folders = Array.from({ length: 4 }, () => temporaryFolder());
const services: Service[] = [];
const cleanUps: (() => unknown)[] = [];
let redis: TestRedis;
let urls: readonly [string, string];

beforeAll(async () => {
  redis = await startRedis();
  const ports = await Promise.all(folders.map(() => freePort()));
  const [monitoringPort, reportsPort, ...gatewayPorts] = ports.map(String);
  const createEnv = (index: number) => ({
    DATA_DIR: folders[index]?.path ?? '',
    INSTALLATION_SECRET,
    LOG_LEVEL: 'silent',
    REDIS_URL: redis.url,
    MONITORING_PORT: monitoringPort ?? '',
    REPORTS_PORT: reportsPort ?? '',
  });
  services.push(
    createMonitoringService(readMonitoringConfig(createEnv(0))),
    createReportsService(readReportsConfig(createEnv(1)), {
      timing: { blockMs: 100, idleCheckMs: 200, retryMs: 20, maxRetryMs: 100 },
    }),
    ...gatewayPorts.map((port, index) =>
      createGatewayService(
        readTestGatewayConfig({
          ...createEnv(2 + index),
          GATEWAY_PORT: port,
          RATE_BURST_CUSTOMER: String(BURST),
          RATE_LIMIT_CUSTOMER: '1',
          SUPERGRAPH: fileURLToPath(new URL('../supergraph.graphql', import.meta.url)),
        }),
      ),
    ),
  );
  for (const service of services) await service.start();
  const [first = '', second = ''] = gatewayPorts.map((port) => `http://127.0.0.1:${port}/graphql`);
  urls = [first, second];
});
afterEach(async () => {
  for (const undo of cleanUps.splice(0).reverse()) await undo();
});
afterAll(async () => {
  for (const service of services.reverse()) await service.stop();
  await redis.close();
  for (const folder of folders) folder.remove();
});

/** The headers of a user, with a token that the machine of the first gateway has issued. */
const authorize = async (id: string, role: 'operator' | 'customer' = 'operator') => ({
  authorization: `Bearer ${await issueEmbeddedToken(
    folders[2]?.path ?? '',
    { id, role },
    3_600_000,
    INSTALLATION_SECRET,
  )}`,
});

let ruleCount = 0;
/** Creates a rule of a user at a gateway. @returns its name, and the consistency token of the response */
async function createRule(url: string, userId: string) {
  const name = `Rule ${++ruleCount}`;
  const { errors, extensions } = await executeOperation(
    url,
    'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }',
    { input: { userId, name, opening: name, maxOpenSeconds: 60 } },
    { headers: await authorize('olga') },
  );
  expect(errors).toBeUndefined();
  return { name, consistencyToken: extensions?.consistencyToken };
}

test('a gateway accepts tokens of the other machine, and waits for an effect that the other gateway has confirmed', async () => {
  for (const [writer, reader] of [urls, [urls[1], urls[0]] as const]) {
    const { name, consistencyToken } = await createRule(writer, 'eva');
    const { data, errors } = await executeOperation(
      reader,
      '{ viewer { rules { nodes { name } } } }',
      {},
      { headers: await authorize('eva', 'customer'), consistencyToken },
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      viewer: { rules: { nodes: expect.arrayContaining([{ name }]) as unknown } },
    });
  }
});

const SUBSCRIPTION =
  'subscription ($userId: ID, $after: String) { ruleChanged(userId: $userId, after: $after) { rule { name } } }';

/** What a subscriber has received: the names of rules, and the last cursor. */
interface Received {
  readonly names: string[];
  cursor: string;
}

/** Each subscribes at a gateway, after the cursor. @returns a function that breaks the connection */
const SUBSCRIBERS = {
  async webSocket(url: string, userId: string, received: Received) {
    const client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: await authorize('olga'),
      retryAttempts: 0,
    });
    const request = { query: SUBSCRIPTION, variables: { userId, after: received.cursor } };
    client.subscribe<{ ruleChanged: { rule: { name: string } } }>(request, {
      next({ data, extensions }) {
        if (data) received.names.push(data.ruleChanged.rule.name);
        received.cursor = (extensions as { cursor: string }).cursor;
      },
      error: () => undefined,
      complete: () => undefined,
    });
    return () => client.terminate();
  },

  async serverSentEvents(url: string, userId: string, received: Received) {
    const controller = new AbortController();
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...(await authorize('olga')),
        'content-type': 'application/json',
        accept: 'text/event-stream',
        // As a browser does. The first subscription asks for a cursor.
        ...(received.cursor && { 'last-event-id': received.cursor }),
      },
      body: JSON.stringify({ query: SUBSCRIPTION, variables: { userId, after: '' } }),
      signal: controller.signal,
    });
    void (async () => {
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk as Uint8Array).toString();
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          received.cursor = /^id: ?(.+)$/m.exec(event)?.[1] ?? received.cursor;
          const name = /"name":"(.+?)"/.exec(event)?.[1];
          if (name !== undefined) received.names.push(name);
        }
      }
    })().catch(() => undefined);
    return () => controller.abort();
  },
} as const;

test.each(Object.entries(SUBSCRIBERS))(
  'over %s, a client that connects to the other gateway resumes without a loss or a repetition',
  async (transport, subscribe) => {
    const userId = `ana of ${transport}`;
    const received: Received = { names: [], cursor: '' };
    const created: string[] = [];
    const [a, b] = urls;
    for (const url of [a, b, a]) {
      const leave = await subscribe(url, userId, received);
      cleanUps.push(leave);
      await eventually(() => expect(received.cursor).not.toBe(''));
      created.push((await createRule(a, userId)).name, (await createRule(b, userId)).name);
      await eventually(() => expect(received.names).toEqual(created));
      leave();
      // While the client has no connection.
      created.push((await createRule(b, userId)).name);
    }
  },
);

test('the limits of a caller hold at both gateways together, within 5 % of the burst for each gateway', async () => {
  const headers = { ...(await authorize('limited', 'customer')), 'content-type': 'application/json' };
  let used = 0;
  const refused = new Set<string>();
  for (let count = 0; refused.size < 2; count++) {
    const url = urls[count % 2] ?? '';
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        query: '{ viewer { rules(first: 40) { nodes { id } } } }',
        extensions: { cost: true },
      }),
    });
    const { extensions } = (await response.json()) as {
      extensions?: { cost: { estimate: number; operation?: number } };
    };
    if (response.status === 429) refused.add(url);
    else used += extensions?.cost.estimate ?? 0;
  }
  expect(used).toBeGreaterThan(BURST / 2);
  expect(used).toBeLessThanOrEqual(BURST * 1.1);
});

test('a gateway that is gone takes nothing with it: the other one goes on with the subscriptions of its clients', async () => {
  const [a, b] = urls;
  const received: Received = { names: [], cursor: '' };
  cleanUps.push(await SUBSCRIBERS.webSocket(b, 'zoe', received));
  await eventually(() => expect(received.cursor).not.toBe(''));
  const socket = new WebSocket(b.replace('http', 'ws'), 'graphql-transport-ws');
  const [code] = await Promise.all([
    once(socket, 'close').then(([closeCode]) => closeCode as number),
    once(socket, 'open').then(() => services.splice(3, 1)[0]?.stop()),
  ]);
  expect(code).toBe(1001);
  const { name } = await createRule(a, 'zoe');
  cleanUps.push(await SUBSCRIBERS.webSocket(a, 'zoe', received));
  await eventually(() => expect(received.names).toEqual([name]));
});
