import { CONSISTENCY_HEADER, formatConsistencyToken } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildRuleCreated } from '../testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.js';

let platform: TestPlatform;
beforeEach(async () => {
  platform = await startTestPlatform();
  await platform.monitoring.publish(buildRuleCreated());
});
afterEach(() => platform.close());

const COUNT = '{ rules { totalCount } }';
const count = (totalCount: number) => ({ data: { rules: { totalCount } } });
/** A request that must see the log at a position, written an hour ago. */
const ask = (position: number, logId = 'log-1') =>
  platform.query(COUNT, {}, { [CONSISTENCY_HEADER]: token(position, logId) });
const token = (position: number, logId: string) =>
  formatConsistencyToken({ logId, position, at: Date.now() - 3_600_000 });

describe('a request that names the state which it must see', () => {
  it('is answered at once where the read model is there, or further', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    await platform.waitForPosition(1);
    expect(await ask(1)).toStrictEqual(count(1));
    expect(await ask(0)).toStrictEqual(count(1));
  });

  it('waits until it is there', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    const answer = ask(3);
    await platform.waitForPosition(1);
    await platform.monitoring.publish(buildRuleCreated({ id: 'b' }));
    await platform.waitForPosition(2);
    await platform.monitoring.publish(buildRuleCreated({ id: 'c' }));
    expect(await answer).toStrictEqual(count(3));
  });

  it('is answered with what there is, and how stale that is, after a bounded wait', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '30' });
    await platform.waitForPosition(1);
    const { data, extensions } = await ask(2);
    expect(data).toStrictEqual(count(1).data);
    expect(extensions?.['staleness']).toBeGreaterThanOrEqual(3_600_000);
    expect(extensions?.['staleness']).toBeLessThan(3_660_000);
  });

  it('waits for no entity after that: the state that it named has all that it can ask for', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    await platform.waitForPosition(1);
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Rule { id } } }';
    const of = [{ __typename: 'Rule', id: 'nobody' }];
    const headers = { [CONSISTENCY_HEADER]: token(1, 'log-1') };
    expect(await platform.query(query, { of }, headers)).toStrictEqual({ data: { _entities: [null] } });
    // Sooner than the wait for an entity would end.
  }, 8_000);

  it('does not wait for the state of another log', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    await platform.waitForPosition(1);
    expect(await ask(1, 'other')).toMatchObject({
      ...count(1),
      extensions: { staleness: expect.any(Number) as number },
    });
  }, 8_000);

  it('is let go when reports stops', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    await platform.waitForPosition(1);
    const waiting = ask(2);
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    await platform.stop();
    expect(await waiting).toMatchObject(count(1));
  }, 8_000);
});
