import {
  eventually,
  startPostgres,
  startRedis,
  type TestPostgres,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { readHeartbeatConfig } from './config.js';
import { createHeartbeatService } from './service.js';
import { createFakeProcess, type FakeProcess } from './testing/fake-process.js';
import {
  collectReports,
  SHORT_INTERVAL_MS,
  startHeartbeat,
  type ReportCollector,
  type RunningHeartbeat,
} from './testing/running-heartbeat.js';

let server: TestPostgres;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.close());

let redis: TestRedis;
let reports: ReportCollector;
let fakeProcess: FakeProcess;
let databaseUrl: string;
let monitors: RunningHeartbeat[];
beforeEach(async () => {
  databaseUrl = await server.createDatabase();
  redis = await startRedis();
  reports = await collectReports(redis.url);
  fakeProcess = createFakeProcess(redis.url, { intervalMs: SHORT_INTERVAL_MS });
  monitors = [];
});
afterEach(async () => {
  fakeProcess.close();
  reports.close();
  await Promise.all(monitors.map(({ service }) => service.stop()));
  await redis.close();
});

const start = async () => {
  const options = { databaseUrl, expected: 'reports', saveIntervalMs: 200 };
  const monitor = await startHeartbeat(redis.url, options);
  monitors.push(monitor);
  return monitor;
};
const stopAll = async () => {
  await Promise.all(monitors.map(({ service }) => service.stop()));
  monitors = [];
};
const query = async (monitor: RunningHeartbeat) =>
  (await monitor.query(`{ service(name: "reports") { transitions { from to } } }`)) as {
    data: {
      service: {
        transitions: readonly { readonly from: string; readonly to: string }[];
      } | null;
    } | null;
    errors?: readonly { readonly extensions: { readonly code: string } }[];
  };
const describeSteps = async (monitor: RunningHeartbeat) =>
  (await query(monitor)).data?.service?.transitions.map(({ from, to }) => `${from} ${to}`);
/** Reads the rows in recorded order. */
const listRows = async () => {
  const name = databaseUrl.split('/').at(-1);
  const { rows } = await server.run(
    `select "from", "to" from heartbeat.transitions where service = 'reports' order by id`,
    name,
  );
  return (rows as { from: string; to: string }[]).map(({ from, to }) => `${from} ${to}`);
};
const listMaintenance = async (monitor: RunningHeartbeat) =>
  ((await (await fetch(`${monitor.url}/maintenance`)).json()) as { maintenance: readonly object[] })
    .maintenance;
const startMaintenance = (monitor: RunningHeartbeat) =>
  fetch(`${monitor.url}/maintenance/reports`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'new disk' }),
  });

it('monitors that start at once share one history, and store each transition once', async () => {
  await Promise.all([start(), start()]);
  fakeProcess.start();
  await reports.waitForStatus('reports', 'UP');
  fakeProcess.kill();
  await reports.waitForStatus('reports', 'DOWN');
  const expected = ['UNKNOWN UP', 'UP LATE', 'LATE DOWN'];
  for (const monitor of monitors)
    await eventually(async () => expect(await describeSteps(monitor)).toStrictEqual(expected.toReversed()));
  await stopAll();
  expect(await listRows()).toStrictEqual(expected);
  // A monitor on another machine continues the history, without a data folder of an earlier one.
  const next = await start();
  // What is new comes first: nobody has observed the service meanwhile.
  await eventually(async () =>
    expect((await describeSteps(next))?.slice(-3)).toStrictEqual(expected.toReversed()),
  );
});

it('a server that is away does not stop live health, and what waited is stored when it is back', async () => {
  const [first, second] = await Promise.all([start(), start()]);
  fakeProcess.start();
  await reports.waitForStatus('reports', 'UP');
  await eventually(async () => expect(await listRows()).toStrictEqual(['UNKNOWN UP']));
  await server.kill();
  fakeProcess.kill();
  await reports.waitForStatus('reports', 'DOWN');
  expect((await query(first)).errors?.[0]?.extensions.code).toBe('STORAGE_UNAVAILABLE');
  // A monitor that starts meanwhile takes part.
  const third = await start();
  await eventually(async () =>
    expect(((await (await fetch(`${third.url}/report`)).json()) as { run: string }).run).toBe(
      reports.all.at(-1)?.run,
    ),
  );
  await server.start();
  for (const monitor of [first, second, third])
    await eventually(async () =>
      expect(await describeSteps(monitor)).toStrictEqual(['LATE DOWN', 'UP LATE', 'UNKNOWN UP']),
    );
  await stopAll();
  expect(await listRows()).toStrictEqual(['UNKNOWN UP', 'UP LATE', 'LATE DOWN']);
});

it('a monitor that started without the server takes the stored maintenance when it is back', async () => {
  const first = await start();
  expect((await startMaintenance(first)).status).toBe(200);
  await stopAll();
  await server.kill();
  const second = await start();
  expect(await listMaintenance(second)).toHaveLength(0);
  await server.start();
  await eventually(async () => expect(await listMaintenance(second)).toHaveLength(1));
});

it('a refused login is named as such, and the history is written when the login works', async () => {
  databaseUrl = databaseUrl.replace('postgres@', 'stranger@');
  const monitor = await start();
  const readChecks = async () =>
    ((await (await fetch(`${monitor.url}/ready`)).json()) as { checks: Record<string, unknown> }).checks;
  await eventually(async () =>
    expect(await readChecks()).toMatchObject({
      storage: 'STORAGE_UNAVAILABLE',
      storageProblem:
        'the database server refuses the login: check the user and the password of DATABASE_URL',
    }),
  );
  await server.run('create role stranger login superuser');
  await eventually(async () => expect(await readChecks()).toMatchObject({ storage: 'ok' }));
});

it('a monitor needs the secret that the monitors share', async () => {
  const config = readHeartbeatConfig({ DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent' });
  await expect(createHeartbeatService(config).start()).rejects.toThrow(
    'DATABASE_URL is set, which several instances share, but INSTALLATION_SECRET is not set.',
  );
});
