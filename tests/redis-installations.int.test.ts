import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startRedis, eventually, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  collectPayloads,
  createTestCaller,
  createWebSocketClient,
  executeOperation,
  getErrorCodes,
} from './harness/graphql-clients.js';
import { startServices, type RunningServices } from './harness/running-services.js';
import { SERVICES } from './harness/test-platform.js';

/** The ACL users of the services, as an operator copies them. */
const USERS = readFileSync(fileURLToPath(new URL('../ops/redis/users.conf', import.meta.url)), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('user '));
const PREFIXES = { shop: 'shop:', seguridad: 'seguridad:' } as const;
type Name = keyof typeof PREFIXES;
const NAMES = ['seguridad', 'shop'] as const;

/** The users of one installation: `seguridad-monitoring` and so on. */
const getUserRules = (installation: Name): string[][] =>
  USERS.map((line) =>
    line
      .replaceAll('seguridad:', PREFIXES[installation])
      .replace(/^user /, `${installation}-`)
      .split(' '),
  );

const CREATE_RULE = 'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id name } } }';
const READ_RULES = '{ rules { nodes { name } } }';
const READ_SERVICES = '{ services { name status instances { id } } }';

let redis: TestRedis;
let admin: Redis;
const installations = new Map<Name, RunningServices>();
const getInstallation = (name: Name): RunningServices => {
  const services = installations.get(name);
  if (!services) throw new Error(`${name} does not run.`);
  return services;
};

beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
  for (const installation of NAMES) {
    for (const [user = '', ...rules] of getUserRules(installation))
      await admin.acl('SETUSER', user, ...rules);
    const services = await startServices((name) => ({
      REDIS_URL: `redis://${installation}-${name}:${name.toUpperCase()}_PASSWORD@127.0.0.1:${redis.port}`,
      REDIS_PREFIX: PREFIXES[installation],
      INSTANCE_ID: `${installation}-${name}`,
      HEARTBEAT_INTERVAL_MS: '500',
      RATE_LIMIT_CUSTOMER: '1',
      RATE_BURST_CUSTOMER: '1000',
    }));
    installations.set(installation, services);
  }
});
afterAll(async () => {
  for (const services of installations.values()) await services.stop();
  admin.disconnect();
  await redis.close();
});

describe('two installations on one Redis, with the least rights', () => {
  test('see only their own events, health and changes', async () => {
    const subscriptions = NAMES.map((name) => {
      const client = createWebSocketClient(getInstallation(name).webSocketUrl);
      const rules = collectPayloads<{ ruleChanged: { rule: { name: string } } }>(
        client,
        'subscription { ruleChanged(userId: "ana") { rule { name } } }',
      );
      return { client, rules };
    });
    for (const prefix of Object.values(PREFIXES))
      await eventually(async () =>
        expect(await admin.pubsub('CHANNELS', `${prefix}*`)).toContain(`${prefix}rule-changes`),
      );
    for (const name of NAMES) {
      const input = { userId: 'ana', name: `Rule of ${name}`, opening: 'Door', maxOpenSeconds: 60 };
      const result = await executeOperation(getInstallation(name).url, CREATE_RULE, { input });
      expect(result.errors).toBeUndefined();
    }
    for (const [index, name] of NAMES.entries()) {
      const { url } = getInstallation(name);
      const { client, rules } = subscriptions[index]!;
      await rules.waitFor(({ data }) => data?.ruleChanged.rule.name === `Rule of ${name}`);
      expect(rules.payloads).toHaveLength(1);
      rules.unsubscribe();
      await client.dispose();
      const { data } = await executeOperation(url, READ_RULES);
      expect(data).toStrictEqual({ rules: { nodes: [{ name: `Rule of ${name}` }] } });
      await eventually(async () => {
        const health = await executeOperation<{
          services: { name: string; status: string; instances: { id: string }[] }[];
        }>(url, READ_SERVICES);
        expect(
          health.data?.services.map((service) => [
            service.status,
            service.instances.map(({ id }) => id).join(),
          ]),
        ).toStrictEqual([...SERVICES].sort().map((service) => ['UP', `${name}-${service}`]));
      });
    }
  });

  test('have separate rate limits', async () => {
    const [used, other] = await Promise.all(
      NAMES.map((name) => createTestCaller(getInstallation(name), { id: 'ana', role: 'customer' })),
    );
    await eventually(async () =>
      expect(getErrorCodes((await used?.execute(READ_RULES)) ?? {})).toStrictEqual(['RATE_LIMITED']),
    );
    await eventually(async () => expect(await admin.keys('seguridad:shares:*')).not.toHaveLength(0));
    expect(getErrorCodes((await other?.execute(READ_RULES)) ?? {})).toStrictEqual([]);
  });

  test('use no name without their prefix, and were refused nothing', async () => {
    const names = [...(await admin.keys('*')), ...((await admin.pubsub('CHANNELS')) as string[])];
    for (const prefix of Object.values(PREFIXES)) {
      const own = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
      expect(own).toEqual(expect.arrayContaining(['log', 'beats', 'probes']));
    }
    expect(names.filter((name) => !/^(seguridad|shop):/.test(name))).toStrictEqual([]);
    // An erasure does not reach names in the files of Redis.
    expect(names.filter((name) => name.includes('ana'))).toStrictEqual([]);
    const refusals = (await admin.acl('LOG')) as string[][];
    expect(refusals).toStrictEqual([]);
  });
});

test('a service may not use what belongs to another one', async () => {
  const url = (user: string) =>
    `redis://${user}:${user.replace(/^.*-/, '').toUpperCase()}_PASSWORD@127.0.0.1:${redis.port}`;
  const attempts: [string, (client: Redis) => Promise<unknown>][] = [
    ['seguridad-reports', (client) => client.xadd('seguridad:log', '*', 'data', 'forged')],
    ['seguridad-gateway', (client) => client.publish('seguridad:rule-changes', '{}')],
    ['seguridad-monitoring', (client) => client.xlen('shop:log')],
    ['seguridad-gateway', (client) => client.set('seguridad:log', '')],
    ['shop-gateway', (client) => client.get('seguridad:shares:a')],
    ['shop-heartbeat', (client) => client.subscribe('seguridad:beats')],
    ['seguridad-heartbeat', (client) => client.xlen('seguridad:log')],
    ['seguridad-monitoring', (client) => client.config('GET', '*')],
    ['seguridad-monitoring', (client) => client.flushall()],
  ];
  for (const [user, attempt] of attempts) {
    const client = new Redis(url(user), { disableClientInfo: true });
    await expect(attempt(client), user).rejects.toThrow('NOPERM');
    client.disconnect();
  }
});

test('a service may do what it does seldom', async () => {
  const commands: [string, ...string[]][] = [
    ['monitoring', 'XTRIM', 'seguridad:log', 'MAXLEN', '1'],
    ['monitoring', 'DEL', 'seguridad:log'],
    ['monitoring', 'BGREWRITEAOF'],
    ['monitoring', 'BGSAVE'],
    ['monitoring', 'SELECT', '1'],
    ['gateway', 'DEL', 'seguridad:shares:a'],
  ];
  for (const [user, ...command] of commands)
    expect(await admin.call('ACL', 'DRYRUN', `seguridad-${user}`, ...command), command.join(' ')).toBe('OK');
});
