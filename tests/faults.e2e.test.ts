import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInstallationSecret } from '@seguridad-abc/platform';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectPayloads, createWebSocketClient, executeOperation } from './harness/graphql-clients.js';
import { startTestPlatform, type ServiceName, type TestPlatform } from './harness/test-platform.js';

let platform: TestPlatform;
beforeAll(async () => void (platform = await startTestPlatform()));
afterAll(() => platform.close());

let createdCount = 0;
async function createRule(userId: string) {
  const input = { userId, name: `Rule ${++createdCount}`, opening: 'Shop', maxOpenSeconds: 60 };
  return executeOperation<{ createRule: { rule: { id: string } } }>(
    platform.url,
    `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`,
    { input },
  );
}

interface RuleChangedPayload {
  readonly ruleChanged: { readonly rule: { readonly id: string } };
}

/** Reads what a service reports at `/ready` to its installation. */
async function readChecks(name: ServiceName): Promise<unknown> {
  const headers = { 'x-installation-secret': readInstallationSecret(platform.folder, undefined) };
  const response = await fetch(`${platform.getOrigin(name)}/ready`, { headers });
  return ((await response.json()) as { checks: unknown }).checks;
}

const countRules = async (userId: string) => {
  const { data } = await executeOperation<{ rules: { totalCount: number } }>(
    platform.url,
    `query ($filter: RuleFilter) { rules(filter: $filter) { totalCount } }`,
    { filter: { userId } },
  );
  return data?.rules.totalCount;
};

describe('no acknowledged command is lost', () => {
  it('if Redis is down: queries and subscribers have it at once, and again nothing twice when Redis is back', async () => {
    const client = createWebSocketClient(platform.webSocketUrl);
    const { payloads } = collectPayloads<RuleChangedPayload>(
      client,
      'subscription { ruleChanged(userId: "away") { kind rule { id } } }',
    );
    const listDelivered = () => payloads.flatMap(({ data }) => data?.ruleChanged.rule.id ?? []);
    // Subscriptions are not confirmed to the client: the first change that it receives shows that it is subscribed.
    await eventually(async () => {
      await createRule('away');
      expect(payloads.length).toBeGreaterThan(0);
    });
    const before = (await countRules('away')) ?? 0;
    await eventually(() => expect(listDelivered().length).toBeGreaterThanOrEqual(1));

    await platform.redis.kill();
    const created: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { data, errors } = await createRule('away');
      expect(errors).toBeUndefined();
      created.push(data?.createRule.rule.id ?? '');
    }
    await eventually(async () => expect(await countRules('away')).toBeGreaterThanOrEqual(before + 3));
    await eventually(() => expect(listDelivered().slice(-3)).toEqual(created));
    await eventually(async () => {
      expect(await readChecks('monitoring')).toMatchObject({ unrelayed: 3 });
      expect(await readChecks('reports')).toMatchObject({ behind: 0, reads: 'the log over HTTP' });
    });

    await platform.redis.start();
    const { data } = await createRule('away');
    created.push(data?.createRule.rule.id ?? '');
    await eventually(() => expect(listDelivered().slice(-4)).toEqual(created));
    expect(new Set(listDelivered()).size).toBe(listDelivered().length);
    await eventually(async () => {
      expect(await readChecks('monitoring')).toMatchObject({ unrelayed: 0 });
      expect(await readChecks('reports')).toMatchObject({ reads: 'the stream' });
    });
    await client.dispose();
  });

  it('if Redis loses its data', async () => {
    await createRule('forgotten');
    await eventually(async () => expect(await countRules('forgotten')).toBe(1));
    await platform.redis.kill();
    await createRule('forgotten');
    await platform.redis.start({ empty: true });
    await createRule('forgotten');
    await eventually(async () => expect(await countRules('forgotten')).toBe(3));
  });

  it('if monitoring is killed right after its responses', async () => {
    await Promise.all(Array.from({ length: 20 }, () => createRule('killed')));
    await platform.stop('monitoring');
    await platform.start('monitoring');
    await eventually(async () => expect(await countRules('killed')).toBe(20));
  });

  it('if reports is killed, stopped, or loses its read model', async () => {
    await createRule('reporting');
    await platform.stop('reports');
    await createRule('reporting');
    await platform.start('reports');
    await eventually(async () => expect(await countRules('reporting')).toBe(2));
    await platform.stop('reports');
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(platform.folder, `reports.sqlite${suffix}`), { force: true });
    await platform.start('reports');
    await eventually(async () => expect(await countRules('reporting')).toBe(2));
    expect(await countRules('killed')).toBe(20);
  });
});

describe('a damaged file that is derived from others is replaced', () => {
  it('at the start of reports and heartbeat', async () => {
    await platform.stop('reports');
    await platform.stop('heartbeat');
    for (const name of ['reports', 'heartbeat']) {
      for (const suffix of ['-wal', '-shm'])
        rmSync(join(platform.folder, `${name}.sqlite${suffix}`), { force: true });
      writeFileSync(join(platform.folder, `${name}.sqlite`), 'x'.repeat(20_000));
    }
    await Promise.all([platform.start('reports'), platform.start('heartbeat')]);
    await eventually(async () => expect(await countRules('killed')).toBe(20));
    expect(readdirSync(platform.folder).join()).toMatch(/heartbeat\.damaged-\w+\.sqlite/);
  });

  it('while reports runs, if it is deleted or cut', async () => {
    const file = join(platform.folder, 'reports.sqlite');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    await eventually(() => expect(existsSync(file)).toBe(true));
    expect(await countRules('killed')).toBe(20);
    truncateSync(file, 4_096);
    await eventually(async () => expect(await countRules('killed')).toBe(20), 20_000);
  });
});

describe('a subgraph that is down', () => {
  it('fails its own fields only, and the error does not contain its URL', async () => {
    await platform.stop('reports');
    const result = await executeOperation(platform.url, `{ services { name } rules { totalCount } }`);
    expect(result.data).toMatchObject({ rules: null });
    expect(result.data?.['services']).toHaveLength(4);
    expect(result.errors).toMatchObject([
      { extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'reports' } },
    ]);
    expect(JSON.stringify(result)).not.toMatch(/http|127\.0\.0\.1/);
    const command = await executeOperation(
      platform.url,
      `mutation { createRule(input: { userId: "partial", name: "x", opening: "y", maxOpenSeconds: 1 }) { rule { name user { rules { totalCount } } } } }`,
    );
    expect(command.data).toStrictEqual({ createRule: { rule: { name: 'x', user: { rules: null } } } });
    await platform.start('reports');
  });
});
