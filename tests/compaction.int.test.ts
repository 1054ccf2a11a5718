import { join } from 'node:path';
import { createMonitoringService, readMonitoringConfig } from '@seguridad-abc/monitoring';
import {
  createLogClient,
  createReportsService,
  readReportsConfig,
  verifyReadModel,
} from '@seguridad-abc/reports';
import { copySqliteFile, createLogger, openDatabaseFile, type Service } from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { DEFAULT_REDIS_NAMES, alarmChangesPageSchema } from '@seguridad-abc/contracts';
import { Redis } from 'ioredis';
import { copyFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { executeOperation } from './harness/graphql-clients.js';

const SECRET = 'a secret of an installation of a test';
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const BEGIN_MS = Date.parse('2026-03-02T12:00:00.000Z');
const PROJECTOR_TIMING = { blockMs: 100, idleCheckMs: 200, retryMs: 20, maxRetryMs: 100 };

let redis: TestRedis;
let redisClient: Redis;
let folder: ReturnType<typeof temporaryFolder>;
let ports: { readonly monitoring: string; readonly reports: string };
let clockMs: number;
const running = new Map<'monitoring' | 'reports', Service>();
beforeAll(async () => {
  redis = await startRedis();
  redisClient = new Redis(redis.url);
});
afterAll(async () => {
  redisClient.disconnect();
  await redis.close();
});
beforeEach(async () => {
  await redisClient.flushall();
  folder = temporaryFolder();
  ports = { monitoring: String(await freePort()), reports: String(await freePort()) };
  clockMs = BEGIN_MS;
  calendar = undefined;
});
afterEach(async () => {
  await stop('reports', 'monitoring');
  folder.remove();
});

async function start(...names: ('monitoring' | 'reports')[]) {
  for (const name of names) {
    const env = {
      AUTH: 'off',
      DATA_DIR: folder.path,
      INSTALLATION_SECRET: SECRET,
      LOG_LEVEL: 'silent',
      MONITORING_PORT: ports.monitoring,
      REDIS_URL: redis.url,
      REPORTS_PORT: ports.reports,
    };
    const service =
      name === 'monitoring'
        ? createMonitoringService(readMonitoringConfig(env), { now: () => new Date(clockMs).toISOString() })
        : createReportsService(readReportsConfig(env), { timing: PROJECTOR_TIMING });
    await service.start();
    running.set(name, service);
  }
}

async function stop(...names: ('monitoring' | 'reports')[]) {
  for (const name of names) {
    await running.get(name)?.stop();
    running.delete(name);
  }
}

const getUrl = (name: 'monitoring' | 'reports', path = '/graphql') =>
  `http://127.0.0.1:${ports[name]}${path}`;

async function mutate(query: string, input: Record<string, unknown>): Promise<unknown> {
  const { data, errors } = await executeOperation(getUrl('monitoring'), query, { input });
  expect(errors).toBeUndefined();
  return data;
}

const createRule = (opening: string) =>
  mutate('mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }', {
    userId: 'ana',
    name: opening,
    opening,
    maxOpenSeconds: 60,
    effectiveFrom: '2020-01-01T00:00:00.000Z',
  });

const getReadingId = (minute: number, state: string | null) => `${clockMs} ${minute} ${state ?? ''}`;

/** A reading: its minute, its state, and what it says about the sensor. */
type MinuteReading = readonly [minute: number, state: string | null, signals?: Record<string, boolean>];

const record = (opening: string, readings: readonly MinuteReading[]) =>
  mutate(
    'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted refused { code } } }',
    {
      userId: 'ana',
      readings: readings.map(([minute, state, signals]) => ({
        id: getReadingId(minute, state),
        opening,
        state,
        ...signals,
        at: new Date(clockMs + minute * MINUTE_MS).toISOString(),
      })),
    },
  );

const withdraw = (opening: string, readings: readonly MinuteReading[]) =>
  mutate('mutation ($input: WithdrawReadingsInput!) { withdrawReadings(input: $input) { withdrawn } }', {
    userId: 'ana',
    opening,
    ids: readings.map(([minute, state]) => getReadingId(minute, state)),
    reason: 'a test',
  });

/** The last calendar, which each day changes. */
let calendar: { readonly id: string } | undefined;

/** A calendar that changes, a deleted one, and exceptions of which one is cancelled. */
async function changeDefinitions(): Promise<void> {
  const dates = [{ date: new Date(clockMs).toISOString().slice(0, 10), windows: [] }];
  const create = async (name: string) => {
    const query =
      'mutation ($input: CreateCalendarInput!) { createCalendar(input: $input) { calendar { id } } }';
    const data = await mutate(query, { userId: 'ana', name, dates });
    return (data as { createCalendar: { calendar: { id: string } } }).createCalendar.calendar;
  };
  if (calendar) {
    const query =
      'mutation ($input: UpdateCalendarInput!) { updateCalendar(input: $input) { calendar { id } } }';
    await mutate(query, { id: calendar.id, dates });
  } else calendar = await create('Holidays');
  const { id } = await create(`Of ${clockMs}`);
  await mutate(
    'mutation ($input: DeleteCalendarInput!) { deleteCalendar(input: $input) { calendar { id } } }',
    {
      id,
    },
  );
  const period = (minutes: number) => new Date(clockMs + minutes * MINUTE_MS).toISOString();
  for (const isCancelled of [false, true]) {
    const query =
      'mutation ($input: CreateExceptionInput!) { createException(input: $input) { exception { id } } }';
    const data = await mutate(query, {
      ...{ userId: 'ana', openings: ['Gate'], effect: 'ALLOW', reason: 'a test' },
      ...{ from: period(1), until: period(60) },
    });
    const { exception } = (data as { createException: { exception: { id: string } } }).createException;
    const cancel =
      'mutation ($input: CancelExceptionInput!) { cancelException(input: $input) { exception { id } } }';
    if (isCancelled) await mutate(cancel, { id: exception.id });
  }
}

/** A day with ended and moved intervals, a removed one, and alarms that are cleared, retracted and active. */
async function recordDay(): Promise<void> {
  await changeDefinitions();
  await record('Gate', [
    [-5, 'CLOSED', { tampered: true }],
    [-4, null, { tampered: false, batteryLow: true }],
    [-3, null, { batteryLow: true }],
    [-2, 'CLOSED'],
  ]);
  // One instant has another reading, the others have none any more.
  await record('Gate', [[-3, 'CLOSED']]);
  await withdraw('Gate', [
    [-4, null],
    [-3, 'CLOSED'],
    [-2, 'CLOSED'],
  ]);
  await record('Safe', [[-4, 'OPEN']]);
  await record('Door', [
    [-50, 'OPEN'],
    [-30, 'CLOSED'],
    [-20, 'OPEN'],
  ]);
  // Late readings: the first interval ends earlier, and the second one starts with another reading.
  await record('Door', [[-49.5, 'CLOSED']]);
  await record('Door', [
    [-22, 'OPEN'],
    [-10, 'CLOSED'],
  ]);
}

async function compact(before: string): Promise<{ position: number; entries: number }> {
  const url = getUrl('monitoring', '/log/compaction');
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ before }) });
  expect(status).toBe(202);
  return eventually(async () => {
    const answer = (await (await fetch(url)).json()) as {
      result: { position: number; entries: number } | null;
    };
    if (!answer.result) throw new Error(JSON.stringify(answer));
    return answer.result;
  });
}

const verify = () =>
  verifyReadModel({
    dataDir: folder.path,
    readLogPage: createLogClient(getUrl('monitoring', ''), {}, 5_000),
    isRepairing: false,
    signal: new AbortController().signal,
    logger: createLogger('test', 'silent'),
  });

async function readHead(): Promise<number> {
  const page = (await (await fetch(getUrl('monitoring', '/log?after=999999'))).json()) as { head: number };
  return page.head;
}

/** Reports holds the whole log, and each of its rows follows from it. */
const untilEqual = () =>
  eventually(async () => {
    const { position, differences } = await verify();
    expect(differences).toStrictEqual([]);
    expect(position).toBe(await readHead());
  });

function readTables(): Record<string, unknown[]> {
  const database = openDatabaseFile(join(folder.path, 'reports.sqlite'), { isReadOnly: true });
  try {
    const queries = {
      alarms: 'select * from alarms order by id',
      intervals: `select o.user_id, o.name, i.signal, i.start_id, i.started_at, i.ended_at, i.changed_position
        from intervals i join openings o on o.id = i.opening_id order by o.name, i.signal, i.start_id`,
      heardInstants: `select o.name, h.at, h.is_heard, h.changed_position
        from heard_instants h join openings o on o.id = h.opening_id order by o.name, h.at`,
      openings:
        'select user_id, name, state, since, tampered, battery_low, changed_position from openings order by name',
      calendars: 'select * from calendars order by id',
      exceptions: 'select * from exceptions order by id',
      rules: 'select * from rules order by id',
      users: 'select * from users',
      checkpoint: 'select * from checkpoint',
      horizon: 'select * from history_horizon',
      setAside: 'select position from set_aside',
    };
    return Object.fromEntries(
      Object.entries(queries).map(([name, query]) => [name, database.prepare(query).all()]),
    );
  } finally {
    database.close();
  }
}

/** The middle of the days between the first two of three recorded days. */
const HORIZON = new Date(BEGIN_MS + DAY_MS).toISOString();

async function recordThreeDays(): Promise<void> {
  for (const opening of ['Door', 'Safe']) await createRule(opening);
  for (let day = 0; day < 3; day++) {
    await recordDay();
    clockMs += 2 * DAY_MS;
  }
}

test('a read model that follows a compaction equals one that is built from the compacted log', async () => {
  await start('monitoring', 'reports');
  await recordThreeDays();
  await untilEqual();
  const before = readTables();
  const { position, entries } = await compact(HORIZON);
  expect(entries).toBeGreaterThan(3);
  await untilEqual();
  const incremental = readTables();
  expect(incremental['alarms']?.length).toBeLessThan(before['alarms']?.length ?? 0);
  expect(incremental['intervals']?.length).toBeLessThan(before['intervals']?.length ?? 0);
  for (const table of ['openings', 'calendars', 'exceptions'])
    expect([table, incremental[table]]).toEqual([table, before[table]]);
  // Each day, the gate is heard twice. Of the first day, only the last time is known, and nothing of withdrawn readings.
  const listHeard = (tables: Record<string, unknown[]>) =>
    (tables['heardInstants'] as { name: string; at: number; is_heard: number }[])
      .filter(({ name }) => name === 'Gate')
      .map(({ at, is_heard }) => `${Math.round((at - BEGIN_MS) / MINUTE_MS)} ${is_heard}`);
  const listOfDay = (day: number) => {
    const start = (day * 2 * DAY_MS) / MINUTE_MS;
    return [`${start - 5} 1`, `${start - 4} 0`, `${start - 3} 1`, `${start - 2} 0`];
  };
  expect(listHeard(before)).toEqual([0, 1, 2].flatMap(listOfDay));
  expect(listHeard(incremental)).toEqual(['-3 1', ...[1, 2].flatMap(listOfDay)]);
  expect(incremental['horizon']).toEqual([{ id: 1, before: HORIZON, position }]);

  const rebuilt = await fetch(getUrl('reports', '/rebuild'), { method: 'POST' });
  expect(rebuilt.status).toBe(202);
  await eventually(async () => {
    const status = (await (await fetch(getUrl('reports', '/rebuild'))).json()) as Record<string, unknown>;
    expect(status).toMatchObject({ running: null, completed: {} });
  });
  expect(readTables()).toEqual(incremental);

  // The history goes on, and both follow it.
  await recordDay();
  await compact(new Date(BEGIN_MS + 3 * DAY_MS).toISOString());
  await untilEqual();
  const changes = await fetch(getUrl('reports', '/alarm-changes?after=1'));
  expect(alarmChangesPageSchema.parse(await changes.json()).compactedUpTo).toBeGreaterThan(position);
});

test('a fresh read model is built from the snapshot, also without a stream', async () => {
  await start('monitoring');
  await recordThreeDays();
  await compact(HORIZON);
  await redisClient.del(DEFAULT_REDIS_NAMES.logStream);
  await start('reports');
  await untilEqual();
  expect(readTables()['openings']).toHaveLength(3);
});

test('a reader from before the compaction starts again at the snapshot', async () => {
  await start('monitoring', 'reports');
  await createRule('Door');
  await recordDay();
  await untilEqual();
  await copySqliteFile(join(folder.path, 'reports.sqlite'), join(folder.path, 'older.sqlite'));
  await stop('reports');
  clockMs += 2 * DAY_MS;
  await recordDay();
  clockMs += 2 * DAY_MS;
  await recordDay();
  await compact(new Date(BEGIN_MS + 3 * DAY_MS).toISOString());
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(join(folder.path, `reports.sqlite${suffix}`), { force: true });
  copyFileSync(join(folder.path, 'older.sqlite'), join(folder.path, 'reports.sqlite'));
  await start('reports');
  await untilEqual();
  await recordDay();
  await untilEqual();
});

test('a stream that ends before the horizon is replaced', async () => {
  await start('monitoring', 'reports');
  await createRule('Door');
  await untilEqual();
  const stale = (await redisClient.xrange(DEFAULT_REDIS_NAMES.logStream, '-', '+')).at(0);
  await recordDay();
  clockMs += 3 * DAY_MS;
  await recordDay();
  const { position } = await compact(HORIZON);
  await stop('monitoring');
  await redisClient.del(DEFAULT_REDIS_NAMES.logStream);
  if (!stale) throw new Error('the stream is empty');
  await redisClient.xadd(DEFAULT_REDIS_NAMES.logStream, stale[0], ...stale[1]);
  await start('monitoring');
  await record('Gate', [[-1, 'OPEN']]);
  await untilEqual();
  await eventually(async () => {
    const last = (await redisClient.xrevrange(DEFAULT_REDIS_NAMES.logStream, '+', '-', 'COUNT', 1))[0];
    expect(last?.[0]).toBe(`${await readHead()}-0`);
    const [first] = await redisClient.xrange(DEFAULT_REDIS_NAMES.logStream, '-', '+', 'COUNT', 1);
    expect(first?.[0]).toBe(`${position + 1}-0`);
  });
});

test('only the installation can compact the log, and it learns what is wrong', async () => {
  await start('monitoring');
  const post = async (body: object, type = 'application/json') => {
    const response = await fetch(getUrl('monitoring', '/log/compaction'), {
      method: 'POST',
      headers: { 'content-type': type },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  expect(await post({})).toMatchObject({
    status: 400,
    text: expect.stringContaining('LOG_RETENTION_DAYS') as string,
  });
  expect(await post({ before: 'yesterday' })).toMatchObject({ status: 400 });
  expect(await post({ before: HORIZON, archiveFolder: 'relative' })).toMatchObject({ status: 400 });
  expect(await post({ before: HORIZON }, 'text/plain')).toMatchObject({ status: 400 });
  expect((await post({ before: HORIZON })).status).toBe(202);
  await eventually(async () => {
    const answer = await (await fetch(getUrl('monitoring', '/log/compaction'))).json();
    expect(answer).toMatchObject({ isRunning: false, error: expect.stringContaining('24 hours') as string });
  });
});
