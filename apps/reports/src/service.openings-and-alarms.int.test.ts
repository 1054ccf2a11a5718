import { alarmChangesPageSchema } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  buildAlarmEvent,
  buildAlarmState,
  buildRuleCreated,
  buildRuleDeleted,
  buildReadingsRecorded,
} from './testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.js';

const AT = '2026-03-01T08:00:00.000Z';
const LATER = '2026-03-01T09:00:00.000Z';
const resolution = { code: 'USER_ERROR', note: 'Called her.', by: 'olga', at: LATER } as const;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.start();
  const closed = { signal: 'OPEN', startId: 'reading-1', startedAt: AT, endedAt: LATER } as const;
  await platform.monitoring.publish(
    buildRuleCreated(),
    buildRuleCreated({ id: 'rule-2' }),
    buildRuleDeleted({ id: 'rule-2' }),
    buildReadingsRecorded(),
    buildAlarmEvent(),
    buildReadingsRecorded({ state: 'CLOSED', since: LATER, intervals: [closed] }),
    buildAlarmEvent('AlarmCleared', { version: 2, status: 'CLEARED', clearedAt: LATER }),
    buildAlarmEvent('AlarmRaised', { id: 'alarm-2', ruleId: 'rule-2', raisedAt: LATER }),
    buildAlarmEvent('AlarmRetracted', {
      id: 'alarm-2',
      ruleId: 'rule-2',
      status: 'RETRACTED',
      raisedAt: LATER,
      version: 2,
    }),
    buildReadingsRecorded({ userId: 'luis', opening: 'Window' }),
    buildAlarmEvent('AlarmRaised', { id: 'alarm-3', userId: 'luis', opening: 'Window' }),
    buildAlarmEvent('AlarmResolved', { version: 3, status: 'CLEARED', clearedAt: LATER, resolution }),
  );
  await platform.waitForPosition(12);
});
afterAll(() => platform.close());
beforeEach(() => void (platform.statements.length = 0));

describe('opening queries', () => {
  it('return openings of readings and rules, with the rules that are not deleted', async () => {
    const { data } = await platform.query(`{
      ana: user(id: "ana") { openings { name state since rules { id } } }
      luis: user(id: "luis") { openings { name state since rules { id } } }
      unknown: user(id: "unknown") { id }
    }`);
    expect(data).toEqual({
      ana: { openings: [{ name: 'Front door', state: 'CLOSED', since: LATER, rules: [{ id: 'rule-1' }] }] },
      luis: { openings: [{ name: 'Window', state: 'OPEN', since: AT, rules: [] }] },
      unknown: null,
    });
  });
});

describe('alarm queries', () => {
  it('return every field of an alarm, and its rule even if deleted', async () => {
    const state = Object.entries(buildAlarmState({ status: 'CLEARED', clearedAt: LATER, resolution })).filter(
      ([field]) =>
        !['userId', 'ruleId', 'claimCount', 'needsResolution', 'updatedAt', 'version'].includes(field),
    );
    const fields = state
      .map(([field]) => (field === 'resolution' ? 'resolution { code note by at }' : field))
      .join(' ');
    const { data, errors } = await platform.query(`{
      alarm(id: "alarm-1") { __typename user { id } rule { id } isQueued ${fields} }
      retracted: alarm(id: "alarm-2") { status rule { id deletedAt } }
      unknown: alarm(id: "alarm-9") { id }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      alarm: {
        __typename: 'Alarm',
        user: { id: 'ana' },
        rule: { id: 'rule-1' },
        isQueued: false,
        ...Object.fromEntries(state),
      },
      retracted: { status: 'RETRACTED', rule: { id: 'rule-2', deletedAt: AT } },
      unknown: null,
    });
  });

  it('return the queue of operators and the timelines of alarms', async () => {
    const { data, errors } = await platform.query(`{
      alarmQueue(first: 5) { totalCount nodes { id timeline { nodes { kind text } } } pageInfo { hasNextPage } }
      alarm(id: "alarm-1") {
        timeline(last: 1) { totalCount edges { cursor node { kind at by status text code } } }
      }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      alarmQueue: {
        totalCount: 1,
        nodes: [{ id: 'alarm-3', timeline: { nodes: [{ kind: 'RAISED', text: buildAlarmState().reason }] } }],
        pageInfo: { hasNextPage: false },
      },
      alarm: {
        timeline: {
          totalCount: 3,
          edges: [
            {
              cursor: expect.any(String) as string,
              node: {
                kind: 'RESOLVED',
                at: AT,
                by: 'olga',
                status: 'CLEARED',
                text: 'Called her.',
                code: 'USER_ERROR',
              },
            },
          ],
        },
      },
    });
  });

  it("return pages of all alarms and of a user's", async () => {
    const { data } = await platform.query(`{
      alarms(first: 1, filter: { status: [CLEARED] }) {
        totalCount nodes { id } edges { node { id } } pageInfo { hasNextPage hasPreviousPage }
      }
      user(id: "ana") { alarms(filter: { raisedFrom: "2026-03-01T09:00:00Z" }) { totalCount nodes { id } } }
    }`);
    expect(data).toEqual({
      alarms: {
        totalCount: 1,
        nodes: [{ id: 'alarm-1' }],
        edges: [{ node: { id: 'alarm-1' } }],
        pageInfo: { hasNextPage: false, hasPreviousPage: false },
      },
      user: { alarms: { totalCount: 1, nodes: [{ id: 'alarm-2' }] } },
    });
  });

  it('count the alarms of rules and find the last one with one statement each', async () => {
    const query = `query ($of: [_Any!]!) {
      _entities(representations: $of) {
        ... on Rule { id alarmCount all: alarmCount(status: [ACTIVE, CLEARED, RETRACTED]) lastAlarm { id } }
      }
    }`;
    const of = ['rule-1', 'rule-2'].map((id) => ({ __typename: 'Rule', id }));
    expect((await platform.query(query, { of })).data?.['_entities']).toEqual([
      { id: 'rule-1', alarmCount: 2, all: 2, lastAlarm: { id: 'alarm-3' } },
      { id: 'rule-2', alarmCount: 0, all: 1, lastAlarm: null },
    ]);
    // The rules, two counts and the last alarms.
    expect(platform.statements).toHaveLength(4);
  });

  it('await an alarm that another subgraph refers to and that is not projected yet', async () => {
    await platform.stop();
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Alarm { id status } } }';
    const waiting = platform.query(query, { of: [{ __typename: 'Alarm', id: 'late' }] });
    await eventually(() =>
      expect(platform.statements.some((sql) => sql.includes('from "alarms"'))).toBe(true),
    );
    const [entry] = await platform.monitoring.publish(
      buildAlarmEvent('AlarmRaised', { id: 'late', userId: 'eva' }),
    );
    expect((await waiting).data?.['_entities']).toEqual([{ id: 'late', status: 'ACTIVE' }]);
    await platform.waitForPosition(entry!.position);
  });
});

describe('a rule simulation', () => {
  const SIMULATE_QUERY = `query ($rule: SimulatedRuleInput!, $to: DateTime!) {
    simulateRule(rule: $rule, from: "2026-03-01T00:00:00Z", to: $to) {
      intervals openSeconds alarms { kind opening raisedAt clearedAt }
    }
  }`;
  const rule = { userId: 'ana', opening: 'Front door', maxOpenSeconds: 60 };

  it('evaluates the rule on recorded readings', async () => {
    const { data } = await platform.query(SIMULATE_QUERY, { rule, to: '2026-03-02T00:00:00Z' });
    expect(data?.['simulateRule']).toEqual({
      intervals: 1,
      openSeconds: 3_600,
      alarms: [
        {
          kind: 'OPEN_TOO_LONG',
          opening: 'Front door',
          raisedAt: '2026-03-01T08:01:00.000Z',
          clearedAt: LATER,
        },
      ],
    });
  });

  it('rejects invalid arguments with every fault, and only in that field', async () => {
    const { data, errors } = await platform.query(SIMULATE_QUERY, {
      rule: { ...rule, opensAt: 'x' },
      to: '2030-01-01T00:00:00Z',
    });
    expect(data).toEqual({ simulateRule: null });
    expect(errors).toMatchObject([
      {
        path: ['simulateRule'],
        extensions: {
          code: 'BAD_USER_INPUT',
          faults: [
            { path: ['rule', 'opensAt'], code: 'INVALID' },
            { path: ['rule', 'closesAt'], code: 'HALF_HOURS' },
            { path: ['to'], code: 'OUT_OF_RANGE' },
          ],
        },
      },
    ]);
  });
});

describe('alarm changes', () => {
  it('are published in log order', () =>
    expect(
      platform.alarmChanges.slice(0, 6).map(({ kind, position, alarm }) => [kind, position, alarm.id]),
    ).toEqual([
      ['RAISED', 5, 'alarm-1'],
      ['CLEARED', 7, 'alarm-1'],
      ['RAISED', 8, 'alarm-2'],
      ['RETRACTED', 9, 'alarm-2'],
      ['RAISED', 11, 'alarm-3'],
      ['RESOLVED', 12, 'alarm-1'],
    ]));

  const getChanges = async (query: string) => {
    const { status, body } = await platform.get(`/alarm-changes${query}`);
    const page = status === 200 ? alarmChangesPageSchema.parse(body) : undefined;
    return {
      status,
      page,
      summaries: page?.changes.map(({ kind, position, alarm }) => [kind, position, alarm.id]),
    };
  };

  it('can be read again after a position, as the last change of each alarm', async () => {
    const all = await getChanges('');
    expect(all.page).toMatchObject({ logId: 'log-1', position: 13 });
    expect(all.summaries?.slice(0, 3)).toEqual([
      ['RETRACTED', 9, 'alarm-2'],
      ['RAISED', 11, 'alarm-3'],
      ['RESOLVED', 12, 'alarm-1'],
    ]);
    expect((await getChanges('?after=7&limit=1')).summaries).toEqual([['RETRACTED', 9, 'alarm-2']]);
    expect((await getChanges('?after=7&user=luis')).summaries).toEqual([['RAISED', 11, 'alarm-3']]);
    expect((await getChanges('?after=11&user=luis')).page).toEqual({
      logId: 'log-1',
      position: 13,
      changes: [],
    });
  });

  it.each(['?after=-1', '?after=x', '?limit=0', '?limit=1001', '?user=a&user=b'])(
    'are not returned for the invalid query %s',
    async (query) => expect((await getChanges(query)).status).toBe(400),
  );
});
