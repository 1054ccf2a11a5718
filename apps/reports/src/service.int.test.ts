import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { RuleState } from '@seguridad-abc/contracts';
import { eventually, recordLogs, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createReportsService, readReportsConfig } from './index.js';
import {
  buildCalendarEvent,
  buildRuleCreated,
  buildRuleDeleted,
  buildRuleState,
  buildRuleUpdated,
} from './testing/log-entries.js';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.js';

const CONDITIONS = {
  windows: [
    { days: ['SUNDAY'], opensAt: '09:00', closesAt: '13:00', openBy: '09:30' },
    { days: ['MONDAY'], opensAt: '22:00', closesAt: '06:00', openBy: null },
  ],
  calendarId: 'calendar-1',
  graceSeconds: 30,
  maxOpenSeconds: 90,
  activeWindows: [{ days: [], opensAt: '22:00', closesAt: '06:00' }],
  silentAfterSeconds: 3_600,
  onTamper: true,
} satisfies Partial<RuleState>;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.start();
  await platform.monitoring.publish(
    buildRuleCreated(),
    buildRuleUpdated({
      name: 'Front door by day',
      ...CONDITIONS,
    }),
    buildRuleCreated({ id: 'rule-2', userId: 'luis', name: 'Window' }),
    buildRuleCreated({ id: 'rule-3' }),
    buildRuleDeleted({ id: 'rule-3' }),
    buildRuleCreated({ id: 'rule-4', userId: 'eva' }),
    buildRuleDeleted({ id: 'rule-4', userId: 'eva' }),
    buildCalendarEvent(),
  );
  await platform.waitForPosition(8);
});
afterAll(() => platform.close());
beforeEach(() => void (platform.statements.length = 0));

const ENTITIES_QUERY = `query ($of: [_Any!]!) {
  _entities(representations: $of) {
    ... on Rule { id name version deletedAt }
    ... on User { id rules(first: 5) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage } } }
  }
}`;
const queryEntities = async (...of: { __typename: string; id: string }[]) => {
  const { data, errors } = await platform.query(ENTITIES_QUERY, { of });
  expect(errors).toBeUndefined();
  return data?.['_entities'] as (Record<string, unknown> | null)[];
};
const ruleReference = (id: string) => ({ __typename: 'Rule', id });
const userReference = (id: string) => ({ __typename: 'User', id });

describe('rule queries', () => {
  it('return every field of a rule', async () => {
    const window = '{ days opensAt closesAt openBy }';
    const selections: Record<string, string> = {
      userId: 'user { id }',
      windows: `windows ${window}`,
      calendarId: 'calendar { id name }',
      activeWindows: `activeWindows ${window}`,
    };
    const fields = Object.keys(buildRuleState()).map((field) => selections[field] ?? field);
    const { data, errors } = await platform.query(
      `{ rule(id: "rule-1") { __typename ${fields.join(' ')} opensAt closesAt days } }`,
    );
    expect(errors).toBeUndefined();
    const { userId, calendarId, activeWindows, ...state } = buildRuleState({
      version: 2,
      name: 'Front door by day',
      ...CONDITIONS,
    });
    expect(data).toEqual({
      rule: {
        __typename: 'Rule',
        user: { id: userId },
        ...state,
        calendar: { id: calendarId, name: 'Holidays' },
        activeWindows: activeWindows?.map((each) => ({ ...each, openBy: null })),
        opensAt: null,
        closesAt: null,
        days: ['MONDAY', 'SUNDAY'],
      },
    });
    // The short form of a rule with one window.
    const { data: short } = await platform.query(
      '{ rule(id: "rule-2") { opensAt closesAt days windows { openBy } calendar { id } activeWindows { openBy } } }',
    );
    expect(short).toEqual({
      rule: {
        opensAt: '08:00',
        closesAt: '18:00',
        days: ['MONDAY', 'FRIDAY'],
        windows: [{ openBy: null }],
        calendar: null,
        activeWindows: null,
      },
    });
  });

  it('return null for a deleted rule, an unknown rule and an unknown user, but find a user whose rules are deleted', async () => {
    const { data } = await platform.query(`{
      deleted: rule(id: "rule-3") { id }
      unknown: rule(id: "rule-9") { id }
      unknownUser: user(id: "unknown") { id }
      eva: user(id: "eva") { id rules { totalCount } }
    }`);
    expect(data).toEqual({
      deleted: null,
      unknown: null,
      unknownUser: null,
      eva: { id: 'eva', rules: { totalCount: 0 } },
    });
  });

  it('return pages of a connection', async () => {
    const PAGE_QUERY = `query ($after: String) {
      rules(first: 1, after: $after) {
        totalCount nodes { id } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`;
    interface Page {
      edges: { cursor: string }[];
      pageInfo: Record<string, unknown>;
    }
    const first = (await platform.query(PAGE_QUERY)).data?.['rules'] as Page;
    const cursor = first.edges[0]!.cursor;
    expect(first).toEqual({
      totalCount: 2,
      nodes: [{ id: 'rule-2' }],
      edges: [{ cursor, node: { id: 'rule-2' } }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: cursor, endCursor: cursor },
    });
    const second = (await platform.query(PAGE_QUERY, { after: cursor })).data?.['rules'];
    expect(second).toMatchObject({
      nodes: [{ id: 'rule-1' }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
    const empty = await platform.query(
      '{ user(id: "eva") { rules { edges { cursor } pageInfo { startCursor endCursor } } } }',
    );
    expect(empty.data).toEqual({
      user: { rules: { edges: [], pageInfo: { startCursor: null, endCursor: null } } },
    });
  });

  it('reject invalid pagination arguments with every fault, and only in that field', async () => {
    const { data, errors } = await platform.query(
      '{ rules(first: 201, last: 1, after: "x") { totalCount } user(id: "ana") { id rules(first: 0) { totalCount } } }',
    );
    expect(data).toEqual({ rules: null, user: { id: 'ana', rules: null } });
    expect(errors).toMatchObject([
      {
        path: ['rules'],
        extensions: {
          code: 'BAD_USER_INPUT',
          faults: [
            { path: ['first'], code: 'OUT_OF_RANGE', message: 'first must be from 1 to 200; it is 201.' },
            { path: ['after'], code: 'INVALID' },
            { path: ['last'], code: 'NOT_TOGETHER' },
          ],
        },
      },
      { path: ['user', 'rules'], extensions: { code: 'BAD_USER_INPUT', faults: [{ path: ['first'] }] } },
    ]);
  });

  it('read the rules of many users with as many statements as those of one', async () => {
    const { data } = await platform.query(
      '{ rules { nodes { user { rules { totalCount nodes { user { id } } } } } } }',
    );
    expect(data).toMatchObject({ rules: { nodes: [{ user: { rules: { totalCount: 1 } } }, {}] } });
    expect(platform.statements).toHaveLength(3);
  });
});

describe('entities', () => {
  it('are read with one statement for any number of references', async () => {
    const found = await queryEntities(
      ruleReference('rule-1'),
      ruleReference('rule-3'),
      ruleReference('rule-2'),
      ruleReference('rule-1'),
    );
    expect(found.map((entity) => entity?.['id'])).toEqual(['rule-1', 'rule-3', 'rule-2', 'rule-1']);
    expect(platform.statements).toHaveLength(1);
  });

  it('include deleted rules', async () => {
    expect(await queryEntities(ruleReference('rule-3'))).toEqual([
      { id: 'rule-3', name: buildRuleState().name, version: 2, deletedAt: buildRuleState().createdAt },
    ]);
  });

  it('reads entities of many users with as many statements as of one', async () => {
    await queryEntities(userReference('ana'));
    const { length } = platform.statements;
    platform.statements.length = 0;
    expect(
      await queryEntities(userReference('luis'), userReference('ana'), userReference('eva')),
    ).toMatchObject([
      { id: 'luis', rules: { totalCount: 1, nodes: [{ id: 'rule-2' }] } },
      { id: 'ana', rules: { totalCount: 1, nodes: [{ id: 'rule-1' }] } },
      { id: 'eva', rules: { totalCount: 0, nodes: [] } },
    ]);
    expect(platform.statements).toHaveLength(length);
  });

  it('that are not projected yet are awaited', async () => {
    await platform.stop();
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    const waiting = queryEntities(
      ruleReference('late-1'),
      ruleReference('rule-1'),
      ruleReference('late-2'),
      userReference('late-user'),
    );
    await eventually(() =>
      expect(platform.statements.some((sql) => sql.includes('from "users"'))).toBe(true),
    );
    await platform.monitoring.publish(buildRuleCreated({ id: 'late-1', userId: 'late-user' }));
    await platform.monitoring.publish(buildRuleCreated({ id: 'late-2' }));
    expect(await waiting).toMatchObject([
      { id: 'late-1' },
      { id: 'rule-1' },
      { id: 'late-2' },
      { id: 'late-user', rules: { totalCount: 1, nodes: [{ id: 'late-1' }] } },
    ]);
  });

  it('that do not arrive are null, except for users', async () => {
    await platform.stop();
    await platform.start({ PROJECTION_WAIT_MS: '30' });
    platform.statements.length = 0;
    expect(
      await queryEntities(
        ruleReference('never-1'),
        ruleReference('rule-1'),
        userReference('unknown'),
        ruleReference('never-2'),
      ),
    ).toMatchObject([null, { id: 'rule-1' }, { id: 'unknown', rules: { totalCount: 0, nodes: [] } }, null]);
    // Two lookups of each kind, then the list and its count.
    expect(platform.statements.filter((sql) => sql.startsWith('select'))).toHaveLength(6);
  });
});

describe('the reports process', () => {
  it('sends heartbeats, and a last one when it stops', async () => {
    await eventually(() =>
      expect(platform.heartbeats.at(-1)).toMatchObject({
        service: 'reports',
        status: 'ok',
        lag: { entries: 0, what: 'log entries behind' },
      }),
    );
    await platform.stop();
    await eventually(() => expect(platform.heartbeats.at(-1)).toMatchObject({ status: 'stopping' }));
    await platform.start();
  });

  it('ends waiting requests when it stops', async () => {
    await platform.stop();
    await platform.start({ PROJECTION_WAIT_MS: '10000' });
    const waiting = queryEntities(ruleReference('never'));
    platform.statements.length = 0;
    await eventually(() => expect(platform.statements).not.toHaveLength(0));
    await platform.stop();
    expect(await waiting).toEqual([null]);
    await platform.start();
    // The test's timeout is shorter than the maximum wait.
  }, 8_000);

  it('stops cleanly after a failed start', async () => {
    const folder = temporaryFolder();
    const otherServer = createServer().listen(0, '127.0.0.1');
    await once(otherServer, 'listening');
    const REPORTS_PORT = String((otherServer.address() as AddressInfo).port);
    const config = readReportsConfig({ DATA_DIR: folder.path, REPORTS_PORT, REDIS_URL: platform.redis.url });
    const reports = createReportsService(config, { logger: recordLogs().logger });
    await expect(reports.start()).rejects.toThrow('EADDRINUSE');
    await reports.stop();
    otherServer.close();
    folder.remove();
  });

  it('refuses a data folder that another process uses', async () => {
    const config = readReportsConfig({ DATA_DIR: platform.folder });
    const second = createReportsService(config, { logger: recordLogs().logger });
    await expect(second.start()).rejects.toThrow('Another reports process already works');
    await second.stop();
  });
});
