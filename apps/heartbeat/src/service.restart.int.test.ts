import { join } from 'node:path';
import { eventually, startRedis, temporaryFolder, type TestRedis } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeProcess, type FakeProcess } from './testing/fake-process.js';
import {
  collectReports,
  findService,
  type ReportCollector,
  type RunningHeartbeat,
  type RunningHeartbeatOptions,
  SHORT_INTERVAL_MS,
  startHeartbeat,
} from './testing/running-heartbeat.js';

let redis: TestRedis;
let folder: ReturnType<typeof temporaryFolder>;
let heartbeat: RunningHeartbeat | undefined;
let fakeProcess: FakeProcess;
let reports: ReportCollector;

beforeEach(async () => {
  // Redis keeps published transitions, which a monitor with an empty folder reads.
  redis = await startRedis();
  folder = temporaryFolder();
  fakeProcess = createFakeProcess(redis.url, { service: 'probe', intervalMs: SHORT_INTERVAL_MS });
  reports = await collectReports(redis.url);
});
afterEach(async () => {
  fakeProcess.close();
  reports.close();
  await stop();
  folder.remove();
  await redis.close();
});

const start = async (overrides: RunningHeartbeatOptions = {}) =>
  (heartbeat = await startHeartbeat(redis.url, { folder: folder.path, expected: 'heartbeat', ...overrides }));
const stop = async () => {
  await heartbeat?.service.stop();
  heartbeat = undefined;
};
const queryHistory = async (running: RunningHeartbeat, name = 'probe') => {
  const answer = (await running.query(
    'query ($name: String!) { service(name: $name) { since uptime(window: HOUR) transitions { from to at reason } } }',
    { name },
  )) as {
    data: {
      service: {
        since: string;
        uptime: number | null;
        transitions: { from: string; to: string; at: string; reason: string }[];
      };
    };
  };
  return answer.data.service;
};

describe('after a restart of the monitor', () => {
  it('a service that died meanwhile is UNKNOWN at first, then DOWN', async () => {
    await start();
    fakeProcess.start();
    await reports.waitForStatus('probe', 'UP');
    await stop();
    fakeProcess.kill();
    const { length } = reports.all;
    const second = await start();
    await reports.waitForStatus('probe', 'UNKNOWN', length);
    const down = await reports.waitForStatus('probe', 'DOWN', length);
    expect(findService(down, 'probe')?.lastBeatAt).not.toBeNull();
    const { transitions, since, uptime } = await queryHistory(second);
    expect(transitions.map(({ from, to }) => `${from} ${to}`)).toStrictEqual([
      'UNKNOWN DOWN',
      'UP UNKNOWN',
      'UNKNOWN UP',
    ]);
    expect(transitions[0]?.at).toBe(since);
    expect(transitions[1]?.reason).toBe('the monitor was not running');
    // UP in the first run, DOWN in the second.
    expect(uptime).toBeGreaterThan(0);
    expect(uptime).toBeLessThan(1);
  });

  it('a service that kept running is UP, and the time between the runs is not observed', async () => {
    await start();
    fakeProcess.start();
    await reports.waitForStatus('probe', 'UP');
    await stop();
    const { length } = reports.all;
    const second = await start();
    await reports.waitForStatus('probe', 'UP', length);
    // A report of the first run may arrive late.
    await eventually(async () => {
      const { transitions, uptime } = await queryHistory(second);
      expect(transitions.map(({ from, to }) => `${from} ${to}`)).toStrictEqual([
        'UNKNOWN UP',
        'UP UNKNOWN',
        'UNKNOWN UP',
      ]);
      expect(uptime).toBe(1);
    });
  });
});

it('the monitor saves its health repeatedly, so that a crash loses little observed time', async () => {
  await start({ saveIntervalMs: 50 });
  fakeProcess.start();
  await reports.waitForStatus('probe', 'UP');
  const file = new Database(join(folder.path, 'heartbeat.sqlite'), { readonly: true });
  const aliveAt = () => file.prepare('select alive_at from watch').pluck().get() as number;
  const lastChange = () => file.prepare('select max(at) from transitions').pluck().get() as number;
  try {
    await eventually(() => expect(aliveAt()).toBeGreaterThan(lastChange() + 200));
  } finally {
    file.close();
  }
});

describe('a failing disk', () => {
  it('makes the heartbeat service DEGRADED; the history is complete after the disk works again', async () => {
    const running = await start();
    await reports.waitForStatus('heartbeat', 'UP');
    const file = new Database(join(folder.path, 'heartbeat.sqlite'));
    try {
      file.exec('alter table transitions rename to gone');
      fakeProcess.start();
      await reports.waitForStatus('probe', 'UP');
      const degraded = await reports.waitForStatus('heartbeat', 'DEGRADED');
      expect(findService(degraded, 'heartbeat')?.reason).toMatch(
        /^reports an error: the health history cannot be written: /,
      );
      fakeProcess.kill();
      await reports.waitForStatus('probe', 'DOWN');
      file.exec('alter table gone rename to transitions');
    } finally {
      file.close();
    }
    const { length } = reports.all;
    fakeProcess.start();
    await reports.waitForStatus('heartbeat', 'UP', length);
    const { transitions } = await queryHistory(running);
    expect(transitions.map(({ to }) => to)).toStrictEqual(['UP', 'DOWN', 'LATE', 'UP']);
  });
});
