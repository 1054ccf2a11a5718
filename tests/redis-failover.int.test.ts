import { DEFAULT_REDIS_NAMES, parseStreamEntry } from '@seguridad-abc/contracts';
import {
  eventually,
  startRedisSentinels,
  type TestRedisNode,
  type TestRedisSentinels,
} from '@seguridad-abc/platform/testing';
import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createShareNames } from '../apps/gateway/src/shares/share-names.js';
import {
  collectPayloads,
  createTestCaller,
  createWebSocketClient,
  executeOperation,
  type CollectedPayloads,
} from './harness/graphql-clients.js';
import { startServices, type RunningServices } from './harness/running-services.js';

const { logStream, callerSharePrefix } = DEFAULT_REDIS_NAMES;
const INSTALLATION_SECRET = 'the secret of a test installation';
const getShareName = createShareNames(callerSharePrefix, INSTALLATION_SECRET);
/** A process is DOWN after 5 intervals of silence. */
const HEARTBEAT_INTERVAL_MS = 1_000;
const WAIT_MS = 30_000;
const TEST_TIMEOUT_MS = 90_000;

interface Subscriptions {
  readonly rules: CollectedPayloads<{
    data?: { ruleChanged: { rule: { name: string } } } | null | undefined;
  }>;
  readonly health: CollectedPayloads<{
    data?: { heartbeat: { name: string; status: string } } | null | undefined;
  }>;
}

let servers: TestRedisSentinels;
let services: RunningServices;
let client: Client;
let subscriptions: Subscriptions;
let ruleCount = 0;

beforeAll(async () => {
  servers = await startRedisSentinels();
  services = await startServices(() => ({
    ...servers.variables,
    INSTALLATION_SECRET,
    HEARTBEAT_INTERVAL_MS: String(HEARTBEAT_INTERVAL_MS),
    // What is used returns so slowly that Redis still knows it when the test looks.
    RATE_LIMIT_CUSTOMER: '60',
  }));
  client = createWebSocketClient(services.webSocketUrl);
  subscriptions = {
    rules: collectPayloads(client, 'subscription { ruleChanged(userId: "ana") { rule { name } } }'),
    health: collectPayloads(client, 'subscription { heartbeat { name status } }'),
  };
  const { admin } = await servers.getMaster();
  const { ruleChangesChannel } = DEFAULT_REDIS_NAMES;
  await eventually(async () => expect(await admin.pubsub('CHANNELS')).toContain(ruleChangesChannel));
  await createRules(1);
  await waitForRules();
  await subscriptions.health.waitFor(({ data }) => data?.heartbeat.status === 'UP');
});
afterAll(async () => {
  await client.dispose();
  await services.stop();
  await servers.close();
});
beforeEach(async () => {
  const master = await servers.getMaster();
  await servers.waitForReplica(servers.getOther(master));
});

async function createRules(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const input = { userId: 'ana', name: `Rule ${++ruleCount}`, opening: 'Door', maxOpenSeconds: 60 };
    const { errors } = await executeOperation(
      services.url,
      'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }',
      { input },
    );
    expect(errors).toBeUndefined();
  }
}

/** Reads the positions of the entries on the stream of a server. */
async function readPositions({ admin }: TestRedisNode): Promise<readonly number[]> {
  const entries = await admin.xrange(logStream, '-', '+');
  return entries.map(([id, fields]) => parseStreamEntry(id, fields).position);
}

const listNumbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Resolves when reports returns each rule once, and subscribers have received each once, in order. */
async function waitForRules(): Promise<void> {
  const names = listNumbers(ruleCount).map((n) => `Rule ${n}`);
  await eventually(async () => {
    const { data } = await executeOperation<{ rules: { nodes: { name: string }[] } }>(
      services.url,
      '{ rules(first: 100) { nodes { name } } }',
    );
    expect(data?.rules.nodes.map(({ name }) => name).reverse()).toStrictEqual(names);
    expect(
      subscriptions.rules.payloads.map(({ data: change }) => change?.ruleChanged.rule.name),
    ).toStrictEqual(names);
  }, WAIT_MS);
}

const waitForPositions = (node: TestRedisNode) =>
  eventually(async () => expect(await readPositions(node)).toStrictEqual(listNumbers(ruleCount)), WAIT_MS);

/** Sends a request of a customer, whose cost the gateway settles over Redis. */
async function useAllowance(userId: string): Promise<void> {
  const caller = await createTestCaller(services, { id: userId, role: 'customer' });
  const { errors } = await caller.execute('{ rules { totalCount } }');
  expect(errors).toBeUndefined();
}

const hasSettled = async ({ admin }: TestRedisNode, userId: string): Promise<boolean> =>
  (await admin.exists(getShareName(`customer:${userId}`))) === 1;

/** The statuses that subscribers have received since an index. */
const listStatuses = (from: number) =>
  subscriptions.health.payloads.slice(from).map(({ data }) => data?.heartbeat.status);

async function waitUntilHealthy(): Promise<void> {
  await eventually(async () => {
    const { data } = await executeOperation<{ services: { name: string; status: string }[] }>(
      services.url,
      '{ services { name status } }',
    );
    expect(data?.services.map(({ status }) => status)).toStrictEqual(['UP', 'UP', 'UP', 'UP']);
  }, WAIT_MS);
}

test(
  'a failover is no more than a gap: every event arrives once, and no service becomes DOWN',
  async () => {
    const from = subscriptions.health.payloads.length;
    await createRules(2);
    const next = await servers.failOver();
    await createRules(2);
    await waitForRules();
    await waitForPositions(next);
    await useAllowance('bea');
    await eventually(async () => expect(await hasSettled(next, 'bea')).toBe(true));
    await waitUntilHealthy();
    expect(listStatuses(from)).not.toContain('DOWN');
  },
  TEST_TIMEOUT_MS,
);

test(
  'the log fills the hole after a failover that lost the newest entries; the former master brings back nothing',
  async () => {
    const from = subscriptions.health.payloads.length;
    const master = await servers.getMaster();
    const next = servers.getOther(master);
    // The replica cannot log in at the master any more.
    await next.admin.config('SET', 'masteruser', 'nobody');
    await next.admin.config('SET', 'masterauth', 'nothing');
    await next.admin.client('KILL', 'TYPE', 'master');
    const kept = ruleCount;
    await createRules(5);
    await waitForPositions(master);
    await waitForRules();
    expect(await readPositions(next)).toStrictEqual(listNumbers(kept));
    await useAllowance('eva');
    await eventually(async () => expect(await hasSettled(master, 'eva')).toBe(true));

    await master.kill();
    await servers.waitForMaster(next);
    await waitForPositions(next);
    // What callers had used is lost with the entries: the gateway that has seen it still counts it, others do not.
    expect(await hasSettled(next, 'eva')).toBe(false);
    await useAllowance('eva');
    await eventually(async () => expect(await hasSettled(next, 'eva')).toBe(true), WAIT_MS);
    await createRules(2);
    await waitForRules();
    await waitForPositions(next);

    // It starts with entries that the new master has from the log, not from it.
    await next.admin.config('SET', 'masteruser', '');
    await next.admin.config('SET', 'masterauth', '');
    await master.start();
    await servers.waitForReplica(master);
    await waitForPositions(master);
    expect(await servers.failOver()).toBe(master);
    await createRules(2);
    await waitForRules();
    await waitForPositions(master);
    await waitUntilHealthy();
    expect(listStatuses(from)).not.toContain('DOWN');
  },
  TEST_TIMEOUT_MS,
);
