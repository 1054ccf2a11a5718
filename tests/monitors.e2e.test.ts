import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HealthReport } from '@seguridad-abc/contracts';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createFakeProcess, type FakeProcess } from '../apps/heartbeat/src/testing/fake-process.js';
import {
  collectReports,
  findService,
  type ReportCollector,
} from '../apps/heartbeat/src/testing/running-heartbeat.js';

const PROJECT_FOLDER = fileURLToPath(new URL('..', import.meta.url));
/** Long enough that a busy machine delays no heartbeat by two of them. */
const INTERVAL_MS = 1_000;
const HOUR_MS = 3_600_000;

/** A monitor in its own process. */
interface MonitorProcess {
  readonly url: string;
  readonly child: ChildProcess;
  readonly folder: ReturnType<typeof temporaryFolder>;
}

let redis: TestRedis;
let reports: ReportCollector;
let monitors: MonitorProcess[];
/** Works all the time. */
let living: FakeProcess;
/** A service that tests stop and start. */
let stopping: FakeProcess;
beforeAll(async () => void (redis = await startRedis()));
afterAll(() => redis.close());
beforeEach(async () => {
  reports = await collectReports(redis.url);
  monitors = [];
  living = createFakeProcess(redis.url, { service: 'living', intervalMs: INTERVAL_MS });
  stopping = createFakeProcess(redis.url, { service: 'stopping', intervalMs: INTERVAL_MS });
  living.start();
  stopping.start();
});
afterEach(async () => {
  living.close();
  stopping.close();
  reports.close();
  for (const { child, folder } of monitors) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    folder.remove();
  }
});

const startMonitor = async (clockShiftMs = 0): Promise<MonitorProcess> => {
  const folder = temporaryFolder();
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--import', './tests/harness/shift-clock.mjs', 'apps/heartbeat/dist/main.js'],
    {
      cwd: PROJECT_FOLDER,
      env: {
        PATH: process.env['PATH'],
        HEARTBEAT_PORT: String(port),
        HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS),
        HEARTBEAT_EXPECTED: 'living,stopping',
        HEARTBEAT_MAX_CLOCK_SKEW_MS: String(2 * HOUR_MS),
        DATA_DIR: folder.path,
        REDIS_URL: redis.url,
        LOG_LEVEL: 'error',
        AUTH: 'off',
        CLOCK_SHIFT_MS: String(clockShiftMs),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const monitor = { url: `http://127.0.0.1:${port}`, child, folder };
  monitors.push(monitor);
  await once(child, 'message');
  return monitor;
};
const isSpeaking = async ({ url }: MonitorProcess): Promise<boolean> => {
  const { checks } = (await (await fetch(`${url}/ready`)).json()) as { checks: { speaks: boolean } };
  return checks.speaks;
};
/** Starts monitors, and waits until they know each other and the services. The first one speaks. */
const startMonitors = async (...clockShifts: number[]) => {
  for (const clockShiftMs of clockShifts) {
    const monitor = await startMonitor(clockShiftMs);
    if (monitors.length === 1) await eventually(async () => expect(await isSpeaking(monitor)).toBe(true));
  }
  await reports.waitFor(
    (report) =>
      findService(report, 'heartbeat')?.instances.length === clockShifts.length &&
      ['living', 'stopping'].every((name) => findService(report, name)?.status === 'UP'),
  );
  return monitors[0]!;
};
const queryTransitions = async ({ url }: MonitorProcess, name: string) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `{ service(name: "${name}") { transitions { from to at reason } } }` }),
  });
  const { data } = (await response.json()) as {
    data: { service: { transitions: readonly { readonly from: string; readonly to: string }[] } };
  };
  return data.service.transitions;
};
const waitForOtherRun = (run: string, from: number) => reports.waitFor((report) => report.run !== run, from);
/** What holds for the reports of all monitors together. */
const expectContinuity = (all: readonly HealthReport[]) => {
  const terms = all.map(({ term }) => term ?? 0);
  expect(terms).toStrictEqual([...terms].sort((a, b) => a - b));
  expect(new Set(all.map(({ run, term }) => `${String(term)} ${run}`)).size).toBe(new Set(terms).size);
  for (const name of ['living', 'stopping']) {
    const states = all.flatMap((report) => findService(report, name) ?? []);
    states.forEach(({ status, since }, index) => {
      const previous = states[index - 1];
      if (previous?.status === status) expect(since).toBe(previous.since);
    });
  }
};

it('a killed speaker is replaced without a false, lost or doubled transition, whatever the clocks say', async () => {
  const speaker = await startMonitors(0, -HOUR_MS, HOUR_MS);
  const { length } = reports.all;
  const { run } = reports.all.at(-1)!;
  // The service dies with the speaker: no other monitor has heard of it from the speaker.
  stopping.kill();
  speaker.child.kill('SIGKILL');
  const first = await waitForOtherRun(run, length);
  await reports.waitForStatus('stopping', 'DOWN', length);
  const second = monitors.slice(1);
  const speaking = await Promise.all(second.map(isSpeaking));
  expect(speaking.filter(Boolean)).toHaveLength(1);
  second[speaking.indexOf(true)]!.child.kill('SIGKILL');
  const last = second[speaking.indexOf(false)]!;
  await waitForOtherRun(first.run, reports.all.length);
  stopping.start();
  await reports.waitForStatus('stopping', 'UP', reports.all.length);

  expectContinuity(reports.all);
  expect(reports.getStatuses('living').slice(-1)).toStrictEqual(['UP']);
  expect(reports.getStatuses('living')).not.toContain('DOWN');
  expect(reports.getStatuses('heartbeat')).not.toContain('DOWN');
  await eventually(async () => {
    const transitions = await queryTransitions(last, 'stopping');
    expect(transitions.map(({ from, to }) => `${from} ${to}`)).toStrictEqual([
      'DOWN UP',
      'LATE DOWN',
      'UP LATE',
      'UNKNOWN UP',
    ]);
  });
});

it('a frozen speaker is replaced, and publishes nothing when it goes on', async () => {
  await redis.kill();
  await redis.start({ empty: true });
  const speaker = await startMonitors(0, 0);
  const { length } = reports.all;
  const { run } = reports.all.at(-1)!;
  speaker.child.kill('SIGSTOP');
  const { run: nextRun } = await waitForOtherRun(run, length);
  stopping.kill();
  await reports.waitForStatus('stopping', 'DOWN', length);
  speaker.child.kill('SIGCONT');
  await eventually(async () => expect(await isSpeaking(speaker)).toBe(false));
  const resumed = reports.all.length;
  await reports.waitFor(() => true, resumed + 3);

  const firstOfNext = reports.all.findIndex((report) => report.run === nextRun);
  expect(new Set(reports.all.slice(firstOfNext).map((report) => report.run))).toStrictEqual(
    new Set([nextRun]),
  );
  expectContinuity(reports.all);
  expect(reports.getStatuses('living')).not.toContain('DOWN');
  expect(reports.getStatuses('heartbeat')).not.toContain('DOWN');
  // It stores what was published while it was frozen.
  for (const monitor of monitors)
    await eventually(async () => {
      const transitions = await queryTransitions(monitor, 'stopping');
      expect(transitions.map(({ from, to }) => `${from} ${to}`)).toStrictEqual([
        'LATE DOWN',
        'UP LATE',
        'UNKNOWN UP',
      ]);
    });
  expect(await queryTransitions(monitors[0]!, 'stopping')).toStrictEqual(
    await queryTransitions(monitors[1]!, 'stopping'),
  );
});
