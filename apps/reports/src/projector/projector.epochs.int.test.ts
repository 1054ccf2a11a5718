import { DEFAULT_REDIS_NAMES, type LogEntry } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildRuleCreated } from '../testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.js';

let platform: TestPlatform;
beforeEach(async () => void (platform = await startTestPlatform()));
afterEach(() => platform.close());

const rules = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, i) => buildRuleCreated({ id: `${prefix}${i}` }));

const withMarks = (entries: readonly LogEntry[], history: string): LogEntry[] =>
  entries.map((entry) => ({ ...entry, mark: entry.mark ?? `${history}${entry.position}` }));

/** Appends rules to the log, with marks that tell histories apart. */
function appendRules(count: number, history: string): LogEntry[] {
  const { monitoring } = platform;
  const { length } = monitoring.entries;
  monitoring.appendToLog(...rules(count, history));
  monitoring.entries = withMarks(monitoring.entries, history);
  return monitoring.entries.slice(length);
}

/** Replaces the log by its first entries, under another log id. */
function restoreLog(length: number): void {
  const { monitoring } = platform;
  monitoring.formerLogIds = [monitoring.logId];
  monitoring.logId = 'log-2';
  monitoring.entries = monitoring.entries
    .slice(0, length)
    .map((entry) => ({ ...entry, logId: monitoring.logId }));
}

async function findRuleIds(): Promise<string[]> {
  const { data } = await platform.query('{ rules(first: 50) { nodes { id } } }');
  return (data?.['rules'] as { nodes: { id: string }[] }).nodes.map(({ id }) => id).reverse();
}

const untilRules = (ids: readonly string[]) =>
  eventually(async () => expect(await findRuleIds()).toStrictEqual(ids));

async function startWithLostHistory() {
  const entries = appendRules(5, 'lost');
  await platform.monitoring.addToStream(...entries);
  await platform.start();
  await platform.waitForPosition(5);
}

describe('a read model whose log was restored', () => {
  it('loses the rows that the log has lost, also on an idle stream of the same length', async () => {
    await startWithLostHistory();
    restoreLog(3);
    appendRules(2, 'new');
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.monitoring.addToStream(...platform.monitoring.entries);
    await untilRules(['lost0', 'lost1', 'lost2', 'new0', 'new1']);
    expect((await platform.getReadiness()).checks).not.toHaveProperty('hindrance');
  });

  it('follows a log that is longer than the lost one', async () => {
    await startWithLostHistory();
    await platform.stop();
    restoreLog(3);
    appendRules(4, 'new');
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.start();
    await untilRules(['lost0', 'lost1', 'lost2', 'new0', 'new1', 'new2', 'new3']);
    // Subscribers ask for the new state.
    expect(platform.ruleChanges.map(({ rule }) => rule.id)).not.toContain('new0');
    await platform.monitoring.addToStream(...appendRules(1, 'later'));
    await eventually(() => expect(platform.ruleChanges.at(-1)?.rule.id).toBe('later0'));
  });

  it('stays as it is if the log has lost no entry that it has', async () => {
    await startWithLostHistory();
    restoreLog(5);
    const { length } = platform.statements;
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.monitoring.addToStream(...platform.monitoring.entries, ...appendRules(1, 'new'));
    await platform.waitForPosition(6);
    expect(platform.statements.slice(length).filter((text) => text.startsWith('delete'))).toStrictEqual([]);
  });

  it('follows the log with its old id that ends earlier', async () => {
    await startWithLostHistory();
    await platform.stop();
    platform.monitoring.entries = platform.monitoring.entries.slice(0, 2);
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.start();
    await untilRules(['lost0', 'lost1']);
  });

  it('says that answers may be incomplete until it has followed the restored log to its end', async () => {
    await startWithLostHistory();
    let releasePage = (): void => undefined;
    const page = new Promise<void>((resolve) => (releasePage = resolve));
    platform.monitoring.maxPageSize = 2;
    platform.monitoring.holdPage = (after) => (after === 2 ? page : undefined);
    restoreLog(3);
    appendRules(2, 'new');
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.waitForPosition(2);
    const { data, extensions } = await platform.query('{ rules { totalCount } }');
    expect(data).toEqual({ rules: { totalCount: 2 } });
    expect(extensions?.['staleness']).toBeGreaterThan(0);
    expect((await platform.getReadiness()).status).toBe(503);
    expect((await platform.get('/rule-changes?after=5')).status).toBe(503);

    releasePage();
    await platform.waitForPosition(5);
    expect(await platform.query('{ rules { totalCount } }')).toEqual({ data: { rules: { totalCount: 5 } } });
    expect((await platform.get('/rule-changes?after=5')).status).toBe(200);
  });

  it('answers a token of the earlier epoch at once, and says how old it is', async () => {
    await startWithLostHistory();
    restoreLog(3);
    await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    await platform.waitForPosition(3);
    const token = `${String(5).padStart(15, '0')}.log-1.${Date.now() - 60_000}`;
    const response = await platform.query('{ rules { totalCount } }', {}, { 'x-consistency-token': token });
    expect(response.data).toEqual({ rules: { totalCount: 3 } });
    expect(response.extensions?.['staleness']).toBeGreaterThanOrEqual(60_000);
  });
});
