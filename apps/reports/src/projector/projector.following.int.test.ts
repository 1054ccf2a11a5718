import { join } from 'node:path';
import { eventually } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildRuleCreated, buildRuleDeleted, buildRuleUpdated } from '../testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.js';

let platform: TestPlatform;
beforeEach(async () => void (platform = await startTestPlatform()));
afterEach(() => platform.close());

const names = async () => {
  const { data } = await platform.query('{ rules(first: 200) { nodes { id name version } } }');
  return (data?.['rules'] as { nodes: { id: string; name: string; version: number }[] }).nodes.map(
    ({ id, name, version }) => `${id} ${name} v${version}`,
  );
};

/** Opens the database of reports directly. */
function withDatabase<T>(use: (db: Database.Database) => T): T {
  const db = new Database(join(platform.folder, 'reports.sqlite'));
  try {
    return use(db);
  } finally {
    db.close();
  }
}

describe('the projector', () => {
  it('projects the entries on the stream, then follows it', async () => {
    const many = Array.from({ length: 1_200 }, (_, i) =>
      buildRuleCreated({ id: `r${i}`, name: `Rule ${i}` }),
    );
    await platform.monitoring.publish(...many);
    await platform.start();
    await platform.waitForPosition(1_200);
    await platform.monitoring.publish(
      buildRuleUpdated({ id: 'r7', name: 'Seven' }),
      buildRuleDeleted({ id: 'r8' }),
    );
    await platform.waitForPosition(1_202);
    expect((await names()).slice(0, 2)).toEqual(['r1199 Rule 1199 v1', 'r1198 Rule 1198 v1']);
    const { data } = await platform.query(
      '{ rules { totalCount } rule(id: "r7") { name } gone: rule(id: "r8") { id } }',
    );
    expect(data).toEqual({ rules: { totalCount: 1_199 }, rule: { name: 'Seven' }, gone: null });
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
  });

  it('continues from its checkpoint after a restart, also if the log cannot be read', async () => {
    await platform.monitoring.publish(buildRuleCreated());
    await platform.start();
    await platform.waitForPosition(1);
    await platform.stop();
    await platform.monitoring.stopServer();
    await platform.monitoring.publish(buildRuleUpdated(), buildRuleCreated({ id: 'other' }));
    await platform.start();
    await platform.waitForPosition(3);
    expect(await names()).toEqual(['other Front door at night v1', 'rule-1 Front door at night v2']);
    await eventually(() => expect(platform.ruleChanges.map(({ position }) => position)).toEqual([2, 3]));
  });

  it('does not change the read model if the stream repeats every entry', async () => {
    const entries = await platform.monitoring.publish(
      buildRuleCreated(),
      buildRuleUpdated({ name: 'Back door' }),
    );
    await platform.start();
    await platform.waitForPosition(2);
    const before = await names();
    await platform.redisClient.flushall();
    await platform.monitoring.addToStream(...entries);
    await platform.monitoring.publish(buildRuleCreated({ id: 'next' }));
    await platform.waitForPosition(3);
    expect((await names()).slice(1)).toEqual(before);
    await eventually(() => expect(platform.ruleChanges.map(({ position }) => position)).toEqual([3]));
  });

  it('publishes each change in log order, once queries can read it', async () => {
    await platform.start();
    const seen: unknown[] = [];
    const reader = new Database(join(platform.folder, 'reports.sqlite'), { readonly: true });
    const version = reader.prepare<[string]>('select version, deleted_at from rules where id = ?');
    const listener = platform.redisClient.duplicate();
    await listener.subscribe('seguridad:rule-changes');
    listener.on('message', (_, message: string) => {
      const { rule } = JSON.parse(message) as { rule: { id: string } };
      seen.push(version.get(rule.id));
    });
    await platform.monitoring.publish(buildRuleCreated());
    await platform.waitForPosition(1);
    await platform.monitoring.publish(
      buildRuleUpdated(),
      buildRuleDeleted({ version: 3 }),
      buildRuleCreated({ id: 'b' }),
    );
    await eventually(() => expect(platform.ruleChanges).toHaveLength(4));
    expect(platform.ruleChanges.map(({ kind, position, rule }) => [kind, position, rule.id])).toEqual([
      ['CREATED', 1, 'rule-1'],
      ['UPDATED', 2, 'rule-1'],
      ['DELETED', 3, 'rule-1'],
      ['CREATED', 4, 'b'],
    ]);
    await eventually(() => expect(seen).toHaveLength(4));
    expect(seen[0]).toMatchObject({ version: 1 });
    expect(seen[2]).toMatchObject({ version: 3, deleted_at: expect.any(String) as string });
    expect(seen[3]).toMatchObject({ version: 1 });
    listener.disconnect();
    reader.close();
  });

  it('sets aside entries that it cannot read, reports them, and continues', async () => {
    await platform.start();
    await platform.monitoring.publish(
      buildRuleCreated(),
      { type: 'RuleSung', version: 1, data: { song: 'la' } },
      { ...buildRuleUpdated(), version: 3 },
      buildRuleCreated({ id: 'next' }),
    );
    await platform.waitForPosition(4);
    expect(await names()).toHaveLength(2);
    const reported = platform.logLines
      .filter(({ level }) => level === 'error')
      .map(({ position }) => position);
    expect(reported).toEqual([2, 3]);
    await eventually(() =>
      expect(platform.heartbeats.at(-1)).toMatchObject({
        status: 'error',
        detail: '2 log entries set aside, first at position 2 (npm run dead-letters)',
      }),
    );
    await platform.stop();
    await platform.start();
    expect((await platform.getReadiness()).checks).toMatchObject({ setAside: 2 });
  });

  it('applies entries that were set aside after an upgrade, and overwrites nothing newer', async () => {
    const [first, second, third] = await platform.monitoring.publish(
      buildRuleCreated({ id: 'a' }),
      buildRuleUpdated({ id: 'a', name: 'Set aside' }),
      buildRuleCreated({ id: 'b', name: 'Set aside too' }),
    );
    await platform.monitoring.publish(buildRuleUpdated({ id: 'a', version: 3, name: 'Newer' }));
    // The state that an older version leaves if it cannot read the second and third entry.
    await platform.start();
    await platform.waitForPosition(4);
    await platform.stop();
    withDatabase((db) => {
      db.exec(`delete from rules where id = 'b'`);
      const insert = db.prepare(
        'insert into set_aside (position, log_id, type, version, at, data, reason) values (?, ?, ?, ?, ?, ?, ?)',
      );
      for (const { position, logId, type, version, at, data } of [second!, third!]) {
        insert.run(position, logId, type, version, at, JSON.stringify(data), 'unknown');
      }
      insert.run(99, first!.logId, 'RuleSung', 1, first!.at, '{}', 'unknown');
    });
    platform.ruleChanges.length = 0;
    await platform.start();
    expect(await names()).toEqual(['b Set aside too v1', 'a Newer v3']);
    expect(withDatabase((db) => db.prepare('select position from set_aside').pluck().all())).toEqual([99]);
  });

  it('waits for entries without polling', async () => {
    await platform.start();
    await platform.monitoring.publish(buildRuleCreated());
    await platform.waitForPosition(1);
    const [before, asked, beats] = [
      await countRedisCommands(),
      platform.monitoring.requestCount,
      platform.heartbeats.length,
    ];
    await eventually(() => expect(platform.heartbeats.length).toBeGreaterThan(beats + 10));
    // Ten heartbeats: each publishes and reads the stream's end; every second one also has a read of the stream.
    expect((await countRedisCommands()) - before).toBeLessThan(100);
    expect(platform.monitoring.requestCount - asked).toBeLessThan(10);
  });
});

const countRedisCommands = async () => {
  const stats = await platform.redisClient.info('stats');
  return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1]);
};
