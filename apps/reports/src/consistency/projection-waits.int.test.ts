import { CONSISTENCY_TOKEN_HEADER, formatConsistencyToken } from '@seguridad-abc/contracts';
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

const COUNT_QUERY = '{ rules { totalCount } }';
const buildCountResponse = (totalCount: number) => ({ data: { rules: { totalCount } } });
/** Sends a query with the consistency token of an entry that was written an hour ago. */
const queryWithToken = (position: number, logId = 'log-1') =>
  platform.query(COUNT_QUERY, {}, { [CONSISTENCY_TOKEN_HEADER]: createToken(position, logId) });
const createToken = (position: number, logId: string) =>
  formatConsistencyToken({ logId, position, at: Date.now() - 3_600_000 });

describe('a request with a consistency token', () => {
  it('does not wait if the read model has reached the position', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    await platform.waitForPosition(1);
    expect(await queryWithToken(1)).toStrictEqual(buildCountResponse(1));
    expect(await queryWithToken(0)).toStrictEqual(buildCountResponse(1));
  });

  it('waits until the read model reaches the position', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    const response = queryWithToken(3);
    await platform.waitForPosition(1);
    await platform.monitoring.publish(buildRuleCreated({ id: 'b' }));
    await platform.waitForPosition(2);
    await platform.monitoring.publish(buildRuleCreated({ id: 'c' }));
    expect(await response).toStrictEqual(buildCountResponse(3));
  });

  it('returns the current data with its staleness after the maximum wait', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '30' });
    await platform.waitForPosition(1);
    const { data, extensions } = await queryWithToken(2);
    expect(data).toStrictEqual(buildCountResponse(1).data);
    expect(extensions?.['staleness']).toBeGreaterThanOrEqual(3_600_000);
    expect(extensions?.['staleness']).toBeLessThan(3_660_000);
  });

  it('does not wait for single entities', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    await platform.waitForPosition(1);
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Rule { id } } }';
    const of = [{ __typename: 'Rule', id: 'unknown' }];
    const headers = { [CONSISTENCY_TOKEN_HEADER]: createToken(1, 'log-1') };
    expect(await platform.query(query, { of }, headers)).toStrictEqual({ data: { _entities: [null] } });
    // The test's timeout is shorter than the maximum wait.
  }, 8_000);

  it('does not wait for a position of another log', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    await platform.waitForPosition(1);
    expect(await queryWithToken(1, 'other')).toMatchObject({
      ...buildCountResponse(1),
      extensions: { staleness: expect.any(Number) as number },
    });
  }, 8_000);

  it('stops waiting when the service stops', async () => {
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    await platform.waitForPosition(1);
    const waiting = queryWithToken(2);
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    await platform.stop();
    expect(await waiting).toMatchObject(buildCountResponse(1));
  }, 8_000);
});
