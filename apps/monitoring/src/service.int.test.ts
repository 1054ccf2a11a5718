import { createServer } from 'node:net';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findOutdatedZoneNotice } from '@seguridad-abc/evaluation';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMonitoringConfig } from './config.js';
import { createMonitoringService } from './service.js';

const folder = temporaryFolder();
let redis: TestRedis;
let base: string;
let port: number;
let service: ReturnType<typeof createMonitoringService>;

const config = (overrides: Record<string, string> = {}) =>
  readMonitoringConfig({
    REDIS_URL: redis.url,
    DATA_DIR: folder.path,
    MONITORING_PORT: String(port),
    LOG_LEVEL: 'silent',
    AUTH: 'off',
    ...overrides,
  });

beforeAll(async () => {
  redis = await startRedis();
  port = await freePort();
  base = `http://127.0.0.1:${port}`;
  service = createMonitoringService(config());
  await service.start();
});
afterAll(async () => {
  await service.stop();
  await redis.close();
  folder.remove();
});

interface GraphQLResponse {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
}

async function execute(query: string, variables: Record<string, unknown> = {}): Promise<GraphQLResponse> {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as GraphQLResponse;
}

const CREATE = `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id user { id } version timeZone severity enabled } } }`;

describe('the monitoring subgraph', () => {
  it('creates a rule with the defaults of the schema, and resolves entities in one batch', async () => {
    const input = { userId: 'ana', name: 'Shop door', opening: 'Shop', maxOpenSeconds: 60 };
    const { data } = await execute(CREATE, { input });
    const { rule } = data?.['createRule'] as { rule: { id: string } };
    expect(rule).toMatchObject({
      user: { id: 'ana' },
      version: 1,
      timeZone: 'America/Bogota',
      severity: 'WARNING',
      enabled: true,
    });
    const entities = await execute(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Rule { name } } }`,
      { of: [rule.id, 'nobody', rule.id].map((id) => ({ __typename: 'Rule', id })) },
    );
    expect(entities.data?.['_entities']).toStrictEqual([{ name: 'Shop door' }, null, { name: 'Shop door' }]);
  });

  it('rejects bad input with code and faults, and a scalar that is not a string with its path', async () => {
    const refused = await execute(CREATE, { input: { name: '', opening: 'Shop', opensAt: 'x' } });
    expect(refused.errors?.[0]).toMatchObject({
      path: ['createRule'],
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(refused.errors?.[0]?.extensions['faults']).toHaveLength(3);
    const number = await execute(CREATE, { input: { userId: 'ana', name: 'x', opening: 'y', opensAt: 8 } });
    expect(number.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    expect(number.errors?.[0]?.message).toMatch(/input\.opensAt/);
  });

  it('serves pages of the event log', async () => {
    const page = await fetch(`${base}/log?after=0&limit=1`).then((response) => response.json());
    expect(page).toMatchObject({ head: 1, entries: [{ position: 1, type: 'RuleCreated' }] });
    for (const query of ['after=-1', 'after=x', 'limit=0', 'limit=1001', 'after=1&after=2']) {
      expect((await fetch(`${base}/log?${query}`)).status).toBe(400);
    }
  });

  it('creates calendars, rules that name them, and exceptions', async () => {
    const created = await execute(
      `mutation ($input: CreateCalendarInput!) { createCalendar(input: $input) { calendar { id user { id } version dates { date label windows { opensAt closesAt openBy } } } } }`,
      {
        input: {
          userId: 'ana',
          name: 'Holidays',
          dates: [{ date: '2026-12-24', windows: [{ opensAt: '08:00', closesAt: '12:00' }] }],
          holidays: { country: 'DE', region: 'BY', years: [2026] },
        },
      },
    );
    const { calendar } = created.data?.['createCalendar'] as { calendar: { id: string; dates: object[] } };
    expect(calendar).toMatchObject({ user: { id: 'ana' }, version: 1 });
    expect(calendar.dates).toContainEqual({ date: '2026-01-06', label: 'Epiphany', windows: [] });
    expect(calendar.dates).toContainEqual({
      date: '2026-12-24',
      label: null,
      windows: [{ opensAt: '08:00', closesAt: '12:00', openBy: null }],
    });

    const window = { days: ['FRIDAY', 'MONDAY'], opensAt: '08:00', closesAt: '12:00', openBy: '09:00' };
    const input = { userId: 'ana', name: 'Office', opening: 'Office', calendarId: calendar.id };
    const rule = await execute(
      `mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id
        windows { days opensAt closesAt openBy } opensAt closesAt days calendar { id name } graceSeconds
        activeWindows { days opensAt closesAt openBy } silentAfterSeconds onTamper onBatteryLow } } }`,
      {
        input: {
          ...input,
          windows: [window, { opensAt: '16:00', closesAt: '20:00' }],
          activeWindows: [{ days: ['SUNDAY'], opensAt: '00:00', closesAt: '00:00' }],
        },
      },
    );
    const everyDay = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
    const { rule: office } = rule.data?.['createRule'] as { rule: { id: string } };
    expect(office).toMatchObject({
      windows: [
        { ...window, days: ['MONDAY', 'FRIDAY'] },
        { days: everyDay, opensAt: '16:00', closesAt: '20:00', openBy: null },
      ],
      opensAt: null,
      closesAt: null,
      days: everyDay,
      calendar: { id: calendar.id, name: 'Holidays' },
      graceSeconds: 0,
      activeWindows: [{ days: ['SUNDAY'], opensAt: '00:00', closesAt: '00:00', openBy: null }],
      silentAfterSeconds: null,
      onTamper: false,
      onBatteryLow: false,
    });

    const short = await execute(
      `mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { windows { openBy } opensAt closesAt days } } }`,
      { input: { id: office.id, windows: [window] } },
    );
    expect(short.data?.['updateRule']).toEqual({
      rule: {
        windows: [{ openBy: '09:00' }],
        opensAt: '08:00',
        closesAt: '12:00',
        days: ['MONDAY', 'FRIDAY'],
      },
    });
    const inUse = await execute(
      `mutation { deleteCalendar(input: { id: "${calendar.id}" }) { calendar { id } } }`,
    );
    expect(inUse.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', ruleIds: [office.id] });
    const entities = await execute(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Calendar { name } } }`,
      { of: [calendar.id, 'none'].map((id) => ({ __typename: 'Calendar', id })) },
    );
    expect(entities.data?.['_entities']).toStrictEqual([{ name: 'Holidays' }, null]);

    const exception = await execute(
      `mutation ($input: CreateExceptionInput!) { createException(input: $input) { clientMutationId exception { id user { id } openings effect reason cancelledAt } } }`,
      {
        input: {
          clientMutationId: 'e',
          userId: 'ana',
          effect: 'ALLOW',
          from: '2026-01-01T00:00:00Z',
          until: new Date(Date.now() + 60_000).toISOString(),
          reason: 'Stock-taking',
        },
      },
    );
    const payload = exception.data?.['createException'] as { exception: { id: string } };
    expect(payload).toMatchObject({
      clientMutationId: 'e',
      exception: {
        user: { id: 'ana' },
        openings: null,
        effect: 'ALLOW',
        reason: 'Stock-taking',
        cancelledAt: null,
      },
    });
    const cancelled = await execute(
      `mutation { cancelException(input: { id: "${payload.exception.id}" }) { exception { cancelledAt } } }`,
    );
    expect(cancelled.data?.['cancelException']).toMatchObject({
      exception: { cancelledAt: expect.stringMatching(/Z$/) as string },
    });
  });

  it('reports health and readiness, and returns the correlation id', async () => {
    const health = await fetch(`${base}/health`, { headers: { 'x-correlation-id': 'a-known-id' } });
    expect(health.headers.get('x-correlation-id')).toBe('a-known-id');
    const ready = await fetch(`${base}/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ checks: { timeZoneData: process.versions['tz'] } });
  });

  it('does not start if its port or its data folder is in use', async () => {
    await expect(createMonitoringService(config()).start()).rejects.toThrow(
      /already works in the data folder/,
    );
    const other = temporaryFolder();
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port: taken } = blocker.address() as { port: number };
    const second = createMonitoringService(config({ DATA_DIR: other.path, MONITORING_PORT: String(taken) }));
    await expect(second.start()).rejects.toThrow(/EADDRINUSE/);
    await second.stop();
    blocker.close();
    other.remove();
  });
});

it('stores the repeated refusals of the last minute when it stops', async () => {
  const ownFolder = temporaryFolder();
  const ownPort = await freePort();
  const url = `http://127.0.0.1:${ownPort}`;
  const start = async () => {
    const settings = { DATA_DIR: ownFolder.path, MONITORING_PORT: String(ownPort) };
    const started = createMonitoringService(config(settings));
    await started.start();
    return started;
  };
  const first = await start();
  const query = 'mutation { deleteRule(input: { id: "none" }) { rule { id } } }';
  for (let n = 0; n < 3; n++) {
    const headers = { 'content-type': 'application/json' };
    await (
      await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
    ).json();
  }
  await first.stop();
  const second = await start();
  const { entries } = (await (await fetch(`${url}/audit?order=ascending`)).json()) as {
    entries: { action: string; outcome: string; count: number }[];
  };
  await second.stop();
  ownFolder.remove();
  expect(entries).toMatchObject([
    { action: 'deleteRule', outcome: 'NOT_FOUND', count: 1 },
    { action: 'deleteRule', outcome: 'NOT_FOUND', count: 2 },
  ]);
});

it('confirms nothing after its database was deleted, and keeps a copy of what it had confirmed', async () => {
  const ownFolder = temporaryFolder();
  const ownPort = await freePort();
  const url = `http://127.0.0.1:${ownPort}`;
  const start = async () => {
    const started = createMonitoringService(
      config({ DATA_DIR: ownFolder.path, MONITORING_PORT: String(ownPort) }),
    );
    await started.start();
    return started;
  };
  const createRule = async (name: string) => {
    const input = { userId: 'ana', name, opening: 'Shop', maxOpenSeconds: 60 };
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: CREATE, variables: { input } }),
    });
    return (await response.json()) as GraphQLResponse;
  };
  const file = join(ownFolder.path, 'monitoring.sqlite');
  const copy = join(ownFolder.path, 'monitoring.rescued.sqlite');
  const first = await start();
  expect((await createRule('Saved')).errors).toBeUndefined();
  rmSync(file);
  const refused = await createRule('Lost');
  expect(refused.errors?.[0]?.extensions['code']).toBe('STORAGE_UNAVAILABLE');
  const ready = await fetch(`${url}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ checks: { storage: 'the file was deleted' } });
  await eventually(() => expect(existsSync(copy) && !existsSync(`${copy}-journal`)).toBe(true));
  await first.stop().catch(() => undefined);
  // An empty database must not take its place without a word.
  const empty = createMonitoringService(
    config({ DATA_DIR: ownFolder.path, MONITORING_PORT: String(ownPort) }),
  );
  await expect(empty.start()).rejects.toThrow(/monitoring\.rescued\.sqlite has its content: rename it/);
  renameSync(copy, file);
  const second = await start();
  expect((await createRule('Saved')).errors?.[0]?.extensions['code']).toBe('CONFLICT');
  expect((await createRule('Lost')).errors).toBeUndefined();
  await second.stop();
  ownFolder.remove();
});

describe('timeZoneNotice', () => {
  // Node.js 20 lacks the change of Casablanca; with newer data both are null.
  it.each(['Africa/Casablanca', 'America/Bogota'])(
    'says what the data of the zone %s lacks',
    async (timeZone) => {
      const input = { userId: 'zoe', name: timeZone, opening: 'Shop', maxOpenSeconds: 60, timeZone };
      const { data } = await execute(
        'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { timeZoneNotice } } }',
        { input },
      );
      expect(data).toEqual({
        createRule: { rule: { timeZoneNotice: findOutdatedZoneNotice(timeZone) ?? null } },
      });
    },
  );
});
