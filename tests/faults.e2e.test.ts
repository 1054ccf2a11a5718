import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './harness/clients.js';
import { startPlatform, type Platform } from './harness/platform.js';

let platform: Platform;
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());

let made = 0;
async function create(userId: string) {
  const input = { userId, name: `Rule ${++made}`, opening: 'Shop', maxOpenSeconds: 60 };
  return ask<{ createRule: { rule: { id: string } } }>(
    platform.url,
    `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`,
    { input },
  );
}

const counted = async (userId: string) => {
  const { data } = await ask<{ rules: { totalCount: number } }>(
    platform.url,
    `query ($of: RuleFilter) { rules(filter: $of) { totalCount } }`,
    { of: { userId } },
  );
  return data?.rules.totalCount;
};

describe('nothing acknowledged is lost', () => {
  it('while Redis is away: commands go on, and reports has them when it is back', async () => {
    await platform.redis.kill();
    for (let i = 0; i < 3; i++) expect((await create('away')).errors).toBeUndefined();
    await platform.redis.start();
    await eventually(async () => expect(await counted('away')).toBe(3));
  });

  it('when Redis forgets everything', async () => {
    await create('forgotten');
    await eventually(async () => expect(await counted('forgotten')).toBe(1));
    await platform.redis.kill();
    await create('forgotten');
    await platform.redis.start({ empty: true });
    await create('forgotten');
    await eventually(async () => expect(await counted('forgotten')).toBe(3));
  });

  it('when monitoring is killed right after its answers', async () => {
    await Promise.all(Array.from({ length: 20 }, () => create('killed')));
    await platform.end('monitoring');
    await platform.start('monitoring');
    await eventually(async () => expect(await counted('killed')).toBe(20));
  });

  it('when reports is killed, away, or loses its read model', async () => {
    await create('reporting');
    await platform.end('reports');
    await create('reporting');
    await platform.start('reports');
    await eventually(async () => expect(await counted('reporting')).toBe(2));
    await platform.end('reports');
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(platform.folder, `reports.sqlite${suffix}`), { force: true });
    await platform.start('reports');
    await eventually(async () => expect(await counted('reporting')).toBe(2));
    expect(await counted('killed')).toBe(20);
  });
});

describe('a subgraph that is down', () => {
  it('costs its own part only, and is named without its URL', async () => {
    await platform.end('reports');
    const answer = await ask(platform.url, `{ services { name } rules { totalCount } }`);
    expect(answer.data).toMatchObject({ rules: null });
    expect(answer.data?.['services']).toHaveLength(4);
    expect(answer.errors).toMatchObject([
      { extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'reports' } },
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/http|127\.0\.0\.1/);
    const command = await ask(
      platform.url,
      `mutation { createRule(input: { userId: "partial", name: "x", opening: "y", maxOpenSeconds: 1 }) { rule { name user { rules { totalCount } } } } }`,
    );
    expect(command.data).toStrictEqual({ createRule: { rule: { name: 'x', user: { rules: null } } } });
    await platform.start('reports');
  });
});
