import { join } from 'node:path';
import { createUnreadableEntry, deadLetterPageSchema } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildRuleCreated, buildRuleUpdated } from '../testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.js';

let platform: TestPlatform;
beforeEach(async () => void (platform = await startTestPlatform()));
afterEach(() => platform.close());

/** Runs a statement on the database of reports, while reports uses it. */
function runStatement(statement: string) {
  const db = new Database(join(platform.folder, 'reports.sqlite'));
  db.exec(statement);
  db.close();
}
/** From now on the database refuses rules with the name `poison`. */
const refusePoison = () =>
  runStatement(
    `create trigger poison before insert on rules when new.name = 'poison' begin select raise(abort, 'poison'); end`,
  );
const acceptPoison = () => runStatement('drop trigger poison');

const send = async (method: string, path: string) => {
  const response = await fetch(new URL(path, platform.url), { method });
  return { status: response.status, body: await response.json() };
};
const listDeadLetters = async () => {
  const { count, deadLetters } = deadLetterPageSchema.parse((await send('GET', '/dead-letters')).body);
  expect(count).toBe(deadLetters.length);
  return deadLetters;
};
const listRules = async () => {
  const { data } = await platform.query('{ rules { nodes { id name version } } }');
  return (data?.['rules'] as { nodes: { id: string; name: string; version: number }[] }).nodes.map(
    ({ id, name, version }) => `${id} ${name} v${version}`,
  );
};
const poison = (id: string) => buildRuleCreated({ id, name: 'poison' });

test('an entry whose projection fails is set aside with its cause, and the others are projected', async () => {
  await platform.start();
  refusePoison();
  await platform.monitoring.publish(
    buildRuleCreated({ id: 'a', name: 'A' }),
    poison('b'),
    buildRuleCreated({ id: 'c', name: 'C' }),
  );
  await platform.waitForPosition(3);
  expect(await listRules()).toEqual(['c C v1', 'a A v1']);
  expect(await listDeadLetters()).toMatchObject([
    { entry: { position: 2, type: 'RuleCreated' }, cause: 'SqliteError: poison', attempts: 3 },
  ]);
  await eventually(() =>
    expect(platform.heartbeats.at(-1)).toMatchObject({
      status: 'error',
      detail: '1 log entry set aside, first at position 2 (npm run dead-letters)',
    }),
  );

  // An entry that fails for a known cause is not tried again. Later events of the same rule carry its complete state.
  await platform.monitoring.publish(poison('d'), buildRuleUpdated({ id: 'b', name: 'B' }));
  await platform.waitForPosition(5);
  expect(await listRules()).toEqual(['b B v2', 'c C v1', 'a A v1']);
  expect(await listDeadLetters()).toMatchObject([
    { attempts: 3 },
    { entry: { position: 4 }, cause: 'SqliteError: poison', attempts: 1 },
  ]);

  // Reports tries them when it starts, and starts although one fails. The other takes nothing from the later state of its rule.
  await platform.stop();
  await platform.start();
  expect(await listDeadLetters()).toMatchObject([{ entry: { position: 4 }, attempts: 2 }]);
  expect(await listRules()).toEqual(['c C v1', 'b B v2', 'a A v1']);
  expect(await send('PUT', '/dead-letters/retry')).toEqual({ status: 200, body: { applied: 0, failed: 1 } });

  acceptPoison();
  platform.ruleChanges.length = 0;
  expect(await send('PUT', '/dead-letters/retry?positions=4,99')).toEqual({
    status: 200,
    body: { applied: 1, failed: 0 },
  });
  expect(await listRules()).toEqual(['d poison v1', 'c C v1', 'b B v2', 'a A v1']);
  await eventually(() => expect(platform.ruleChanges.map(({ rule }) => rule.id)).toEqual(['d']));
  expect(await listDeadLetters()).toEqual([]);
  await eventually(() => expect(platform.heartbeats.at(-1)).toMatchObject({ status: 'ok' }));
});

test('subscribers receive what is applied while Redis is away, when it is back', async () => {
  await platform.start();
  refusePoison();
  await platform.monitoring.publish(poison('a'), poison('b'));
  await platform.waitForPosition(2);
  acceptPoison();
  await platform.redis.kill();
  await eventually(async () =>
    expect((await platform.getReadiness()).checks).not.toMatchObject({ redis: 'ready' }),
  );
  expect((await send('PUT', '/dead-letters/retry?positions=1')).body).toEqual({ applied: 1, failed: 0 });
  await platform.redis.start();
  await eventually(() => expect(platform.ruleChanges.map(({ rule }) => rule.id)).toEqual(['a']), 15_000);

  // At the start, reports has no connection to Redis yet.
  await platform.stop();
  await platform.start();
  await eventually(() => expect(platform.ruleChanges.map(({ rule }) => rule.id)).toEqual(['a', 'b']), 15_000);
});

test('a damaged entry is read from the log again when it is retried', async () => {
  await platform.start();
  const [first, second, third] = platform.monitoring.appendToLog(
    buildRuleCreated({ id: 'a', name: 'A' }),
    buildRuleCreated({ id: 'b', name: 'B' }),
    buildRuleCreated({ id: 'c', name: 'C' }),
  );
  const damaged = createUnreadableEntry(second!, 'Unexpected end of JSON input');
  platform.monitoring.entries = [first!, damaged, third!];
  await platform.monitoring.addToStream(first!, damaged, third!);
  await platform.waitForPosition(3);
  expect(await listDeadLetters()).toMatchObject([
    {
      entry: { position: 2, type: 'EventUnreadable' },
      attempts: 0,
      cause: expect.stringMatching('Unexpected end of JSON') as string,
    },
  ]);
  expect(await send('PUT', '/dead-letters/retry')).toMatchObject({ body: { applied: 0, failed: 1 } });
  platform.monitoring.entries = [first!, second!, third!];
  expect(await send('PUT', '/dead-letters/retry')).toMatchObject({ body: { applied: 1, failed: 0 } });
  expect(await listRules()).toEqual(['c C v1', 'b B v1', 'a A v1']);
});

test('a page of the log with a damaged entry is projected, but for that entry', async () => {
  const entries = platform.monitoring.appendToLog(...['a', 'b', 'c'].map((id) => buildRuleCreated({ id })));
  platform.monitoring.entries = [entries[0]!, { ...entries[1]!, at: 'yesterday' }, entries[2]!];
  await platform.start();
  await platform.waitForPosition(3);
  expect(await listRules()).toHaveLength(2);
  expect(await listDeadLetters()).toMatchObject([{ entry: { position: 2, type: 'EventUnreadable' } }]);
});

test('dead letters are listed in pages and dropped by their positions', async () => {
  await platform.start();
  await platform.monitoring.publish(
    ...[1, 2, 3].map((verse) => ({ type: 'RuleSung', version: 1, data: { verse } })),
  );
  await platform.waitForPosition(3);
  expect((await send('GET', '/dead-letters?after=1&limit=1')).body).toMatchObject({
    count: 3,
    deadLetters: [{ entry: { position: 2, data: { verse: 2 } }, attempts: 0 }],
  });
  expect(await send('DELETE', '/dead-letters?positions=1,3,99')).toEqual({
    status: 200,
    body: { dropped: 2 },
  });
  expect(await listDeadLetters()).toMatchObject([{ entry: { position: 2 } }]);
  for (const path of ['/dead-letters', '/dead-letters?positions=', '/dead-letters?positions=1,x'])
    expect((await send('DELETE', path)).status).toBe(400);
});
