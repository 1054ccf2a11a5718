import {
  DEFAULT_REDIS_NAMES,
  parseStreamEntry,
  parseLogEvent,
  type AlarmState,
} from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  collectPayloads,
  createTestCaller,
  type GraphQLResult,
  type TestCaller,
} from './harness/graphql-clients.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';

const SECOND_MS = 1_000;

let platform: TestPlatform;
let redis: Redis;
let ana: TestCaller;
let ben: TestCaller;
let sensor: TestCaller;
beforeAll(async () => {
  platform = await startTestPlatform();
  redis = new Redis(platform.redis.url);
  ana = await createTestCaller(platform, { id: 'ana', role: 'customer' });
  ben = await createTestCaller(platform, { id: 'ben', role: 'customer' });
  sensor = await createTestCaller(platform, { id: 'ana', role: 'device' });
});
afterAll(async () => {
  redis.disconnect();
  await platform.close();
});

const createRule = (opening: string, maxOpenSeconds: number) =>
  ana.execute<{ createRule: { rule: { id: string } } }>(
    `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }`,
    { input: { name: `${opening} left open`, opening, maxOpenSeconds, severity: 'CRITICAL' } },
  );

const RECORD = `mutation ($input: RecordReadingsInput!) {
  recordReadings(input: $input) { accepted duplicates refused { id index code message } }
}`;
const recordReading = async (
  id: string,
  opening: string,
  state: 'OPEN' | 'CLOSED',
  at: number,
  caller: TestCaller = sensor,
) => {
  const { data, errors } = await caller.execute<{ recordReadings: unknown }>(RECORD, {
    input: { readings: [{ id, opening, state, at: new Date(at).toISOString() }] },
  });
  return data?.recordReadings ?? errors;
};
const ACCEPTED = { accepted: 1, duplicates: 0, refused: [] };

/** The alarm events of an opening in the event log, in order. */
async function readAlarmEvents(opening: string): Promise<{ type: string; at: string; alarm: AlarmState }[]> {
  const entries = await redis.xrange(DEFAULT_REDIS_NAMES.logStream, '-', '+');
  return entries.flatMap(([id, fields]) => {
    const entry = parseStreamEntry(id, fields);
    const read = parseLogEvent(entry);
    if (!read.ok) throw new Error(read.reason);
    if (!('alarm' in read.event.data) || read.event.data.alarm.opening !== opening) return [];
    return [{ type: entry.type, at: entry.at, alarm: read.event.data.alarm }];
  });
}

const ACKNOWLEDGE = `mutation ($id: ID!) { acknowledgeAlarm(input: { id: $id, note: "Seen." }) {
  alarm { id status severity acknowledgedBy note rule { name opening } user { id } }
} }`;

describe('an opening that stays open', () => {
  it('raises an alarm when the timer ends, without another reading', async () => {
    await createRule('Door', 1);
    const opened = Date.now();
    expect(await recordReading('d1', 'Door', 'OPEN', opened)).toEqual(ACCEPTED);
    await eventually(async () => expect(await readAlarmEvents('Door')).toHaveLength(1));
    const [raised] = await readAlarmEvents('Door');
    expect(raised).toMatchObject({
      type: 'AlarmRaised',
      alarm: {
        status: 'ACTIVE',
        raisedAt: new Date(opened + SECOND_MS).toISOString(),
        severity: 'CRITICAL',
      },
    });

    const { id } = raised!.alarm;
    expect((await ben.execute(ACKNOWLEDGE, { id })).errors?.[0]?.extensions?.['code']).toBe('NOT_FOUND');
    expect((await sensor.execute(ACKNOWLEDGE, { id })).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    expect((await ana.execute(ACKNOWLEDGE, { id })).data).toEqual({
      acknowledgeAlarm: {
        alarm: {
          id,
          status: 'ACTIVE',
          severity: 'CRITICAL',
          acknowledgedBy: 'ana',
          note: 'Seen.',
          rule: { name: 'Door left open', opening: 'Door' },
          user: { id: 'ana' },
        },
      },
    });
    expect((await ana.execute(ACKNOWLEDGE, { id })).errors?.[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      acknowledgedBy: 'ana',
    });

    const closed = Date.now();
    await recordReading('d2', 'Door', 'CLOSED', closed);
    await eventually(async () => expect(await readAlarmEvents('Door')).toHaveLength(3));
    expect((await readAlarmEvents('Door')).at(-1)).toMatchObject({
      type: 'AlarmCleared',
      alarm: { status: 'CLEARED', clearedAt: new Date(closed).toISOString(), note: 'Seen.' },
    });
  });

  it('raises an alarm with the correct instant if the timer ends while monitoring is down', async () => {
    await createRule('Gate', 2);
    const opened = Date.now();
    expect(await recordReading('g1', 'Gate', 'OPEN', opened)).toEqual(ACCEPTED);
    await platform.stop('monitoring', 'SIGKILL');
    const due = opened + 2 * SECOND_MS;
    // The timer ends before monitoring starts again.
    await eventually(() => expect(Date.now()).toBeGreaterThan(due + SECOND_MS));
    expect(await readAlarmEvents('Gate')).toEqual([]);
    const restarted = new Date().toISOString();
    await platform.start('monitoring');
    await eventually(async () => expect(await readAlarmEvents('Gate')).toHaveLength(1));
    const [raised] = await readAlarmEvents('Gate');
    expect(raised?.alarm).toMatchObject({
      status: 'ACTIVE',
      raisedAt: new Date(due).toISOString(),
      version: 1,
    });
    expect(raised!.at >= restarted).toBe(true);
    // The reading was stored before its response.
    expect(await recordReading('g1', 'Gate', 'OPEN', opened)).toEqual({
      accepted: 0,
      duplicates: 1,
      refused: [],
    });
  });
});

describe('the handling of an alarm', () => {
  const QUEUE = 'query { alarmQueue(filter: { userId: "ana" }) { totalCount nodes { id } } }';
  const ALARM_FIELDS = `id status claimedBy commentCount isQueued resolution { code note by }
    timeline(last: 2) { nodes { kind by text code } }`;
  const handle = (name: string, input = '') =>
    `mutation ($id: ID!) { ${name}(input: { id: $id ${input} }) { alarm { ${ALARM_FIELDS} } } }`;
  const CLAIM = handle('claimAlarm');
  const listQueued = async (caller: TestCaller) => {
    const { data } = await caller.execute<{ alarmQueue: { nodes: { id: string }[] } }>(QUEUE);
    return data?.alarmQueue.nodes.map(({ id }) => id);
  };

  it('has one winner of a claim, and its user and subscribers see how it ends', async () => {
    const [olga, omar] = await Promise.all(
      ['olga', 'omar'].map((id) => createTestCaller(platform, { id, role: 'operator' })),
    );
    if (!olga || !omar) throw new Error('no operators');
    // With a cursor from the start, no change is missed however late the subscription starts.
    const changes = collectPayloads<{ alarmChanged: { kind: string; alarm: { opening: string } } }>(
      ana.webSocketClient,
      `subscription { alarmChanged(after: "") { kind alarm { opening ${ALARM_FIELDS} } } }`,
    );
    await changes.waitFor(({ data, extensions }) => data === null && extensions?.['cursor'] !== undefined);
    await createRule('Office', 1);
    await recordReading('o1', 'Office', 'OPEN', Date.now() - 10 * SECOND_MS);
    await eventually(async () => expect(await readAlarmEvents('Office')).toHaveLength(1));
    const { id } = (await readAlarmEvents('Office'))[0]!.alarm;
    await eventually(async () => expect(await listQueued(olga)).toContain(id));

    const claims = await Promise.all([olga, omar].map((caller) => caller.execute(CLAIM, { id })));
    const isRefused = ({ errors }: GraphQLResult) => errors !== undefined;
    const [winner, loser] = isRefused(claims[0]!) ? [omar, olga] : [olga, omar];
    const winnerId = winner === olga ? 'olga' : 'omar';
    expect(claims.map(isRefused).sort()).toEqual([false, true]);
    expect(claims.find(isRefused)?.errors?.[0]).toMatchObject({
      path: ['claimAlarm'],
      extensions: { code: 'CONFLICT', claimedBy: winnerId, faults: [{ path: ['input', 'id'] }] },
    });
    expect(
      (await loser.execute(handle('resolveAlarm', 'code: TEST'), { id })).errors?.[0]?.extensions,
    ).toMatchObject({ code: 'CONFLICT', claimedBy: winnerId });
    expect((await ana.execute(CLAIM, { id })).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    expect((await ana.execute(QUEUE)).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');

    await ana.execute(handle('commentAlarm', 'text: "It is the cleaner."'), { id });
    const resolved = {
      id,
      status: 'ACTIVE',
      claimedBy: null,
      commentCount: 1,
      isQueued: false,
      resolution: { code: 'USER_ERROR', note: 'Called her.', by: winnerId },
      timeline: {
        nodes: [
          { kind: 'COMMENTED', by: 'ana', text: 'It is the cleaner.', code: null },
          { kind: 'RESOLVED', by: winnerId, text: 'Called her.', code: 'USER_ERROR' },
        ],
      },
    };
    // Fields that reports alone knows have the effect of the command already.
    const RESOLVE = handle('resolveAlarm', 'code: USER_ERROR, note: "Called her."');
    expect(await winner.execute(RESOLVE, { id })).toMatchObject({
      data: { resolveAlarm: { alarm: resolved } },
    });
    expect(await ana.execute(`query ($id: ID!) { alarm(id: $id) { ${ALARM_FIELDS} } }`, { id })).toEqual({
      data: { alarm: resolved },
    });
    expect(await listQueued(olga)).not.toContain(id);

    const last = await changes.waitFor(({ data }) => data?.alarmChanged.kind === 'RESOLVED');
    expect(last.data?.alarmChanged.alarm).toEqual({ opening: 'Office', ...resolved });
    const kinds = changes.payloads.flatMap(({ data }) =>
      data?.alarmChanged.alarm.opening === 'Office' ? [data.alarmChanged.kind] : [],
    );
    expect(kinds).toEqual(['RAISED', 'CLAIMED', 'COMMENTED', 'RESOLVED']);
    changes.unsubscribe();
  });
});

describe('readings', () => {
  it('can be recorded for the caller only, except by an operator', async () => {
    const input = {
      userId: 'ana',
      readings: [{ id: 'x', opening: 'Door', state: 'OPEN', at: new Date().toISOString() }],
    };
    const refused = await ben.execute(RECORD, { input });
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      faults: [{ path: ['input', 'userId'] }],
    });
    const olga = await createTestCaller(platform, { id: 'olga', role: 'operator' });
    expect((await olga.execute(RECORD, { input })).data).toEqual({ recordReadings: ACCEPTED });
    // Ben's door is a different opening from Ana's door.
    expect(await recordReading('x', 'Door', 'CLOSED', Date.now(), ben)).toEqual(ACCEPTED);
  });

  it('are accepted or refused one by one; only their number can fail the whole request', async () => {
    const now = Date.now();
    const readings = [
      { id: 'a', opening: 'Safe', state: 'OPEN', at: 'yesterday' },
      { id: 'b', opening: 'Safe', state: 'OPEN', at: new Date(now).toISOString() },
      { id: 'b', opening: 'Safe', state: 'CLOSED', at: new Date(now).toISOString() },
      { id: 'c', opening: 'Safe', state: 'OPEN', at: new Date(now + 3_600 * SECOND_MS).toISOString() },
    ];
    expect((await sensor.execute(RECORD, { input: { readings } })).data).toMatchObject({
      recordReadings: {
        accepted: 1,
        duplicates: 1,
        refused: [
          { id: 'a', index: 0, code: 'INVALID' },
          { id: 'c', index: 3, code: 'READING_IN_FUTURE' },
        ],
      },
    });
    for (const invalid of [[], Array.from({ length: 1_001 }, () => readings[1])]) {
      const { errors } = await sensor.execute(RECORD, { input: { readings: invalid } });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        faults: [{ path: ['input', 'readings'], code: 'OUT_OF_RANGE' }],
      });
    }
  });
});
