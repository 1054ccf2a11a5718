import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeProcess, type FakeProcess } from './testing/fake-process.js';
import {
  collectReports,
  findService,
  type ReportCollector,
  type RunningHeartbeat,
  SHORT_INTERVAL_MS,
  startHeartbeat,
} from './testing/running-heartbeat.js';

const UNREACHABLE = /^Redis has been unreachable for \d+\.\d s: heartbeats cannot be received$/;

let redis: TestRedis;
let heartbeat: RunningHeartbeat;
let fakeProcess: FakeProcess;
let reports: ReportCollector;

beforeEach(async () => {
  redis = await startRedis();
  fakeProcess = createFakeProcess(redis.url, { intervalMs: SHORT_INTERVAL_MS });
  reports = await collectReports(redis.url);
});
afterEach(async () => {
  fakeProcess.close();
  reports.close();
  await heartbeat.service.stop();
  await redis.close();
});

const startWithUpService = async () => {
  heartbeat = await startHeartbeat(redis.url);
  fakeProcess.start();
  await reports.waitForStatus('reports', 'UP');
};

/** Waits until every service is UNKNOWN. Uses HTTP, because Redis is unreachable. */
const waitUntilUnknown = (reason: RegExp) =>
  expect
    .poll(
      async () => (await heartbeat.fetchReport()).services.map((service) => [service.status, service.reason]),
      {
        timeout: 10_000,
      },
    )
    .toStrictEqual([
      ['UNKNOWN', expect.stringMatching(reason)],
      ['UNKNOWN', expect.stringMatching(reason)],
    ]);

describe('during a Redis outage', () => {
  it('services are UNKNOWN while Redis is down, and UP after it starts again', async () => {
    await startWithUpService();
    await redis.kill();
    await waitUntilUnknown(UNREACHABLE);
    const { length } = reports.all;
    await redis.start();
    await reports.waitForStatus('reports', 'UP', length);
    expect(reports.getStatuses('reports')).not.toContain('DOWN');
  });

  it('services are UNKNOWN and never DOWN while Redis hangs, and UP after it resumes', async () => {
    await startWithUpService();
    redis.freeze();
    await waitUntilUnknown(/^Redis has been unreachable for ([3-9]|\d\d)\.\d s/);
    const { length } = reports.all;
    redis.thaw();
    await reports.waitForStatus('reports', 'UP', length + 1);
    expect(reports.getStatuses('reports')).not.toContain('DOWN');
    expect(reports.getStatuses('reports')).not.toContain('LATE');
  });

  it('services are UNKNOWN and never LATE or DOWN while Redis pauses writes, as during a failover', async () => {
    await startWithUpService();
    const admin = new Redis(redis.url);
    await admin.client('PAUSE', 60_000, 'WRITE');
    // Longer than 5 intervals, after which silence would be DOWN.
    await waitUntilUnknown(
      /^Redis answers but has delivered no messages for ([3-9]|\d\d)\.\d s: it may be pausing writes, as during a failover$/,
    );
    const { length } = reports.all;
    await admin.client('UNPAUSE');
    admin.disconnect();
    await reports.waitForStatus('reports', 'UP', length);
    for (const name of ['reports', 'heartbeat']) {
      expect(reports.getStatuses(name)).not.toContain('LATE');
      expect(reports.getStatuses(name)).not.toContain('DOWN');
    }
  });

  it('HTTP works if Redis is unreachable at the start, and services are UP after it starts', async () => {
    await redis.kill();
    heartbeat = await startHeartbeat(redis.url);
    fakeProcess.start();
    expect((await fetch(`${heartbeat.url}/ready`)).status).toBe(200);
    await waitUntilUnknown(UNREACHABLE);
    await redis.start();
    await reports.waitForStatus('reports', 'UP');
    await reports.waitForStatus('heartbeat', 'UP');
  });

  it('no service is LATE after the connection that receives heartbeats is cut', async () => {
    await startWithUpService();
    await reports.waitForStatus('heartbeat', 'UP');
    const { length } = reports.all;
    const admin = new Redis(redis.url);
    const [monitorConnection] = ((await admin.client('LIST')) as string)
      .split('\n')
      // It alone has four channels: heartbeats, probes, reports and maintenance.
      .filter((line) => line.includes(' sub=4 '))
      .map((line) => /\bid=(\d+)/.exec(line)![1]!);
    await admin.client('KILL', 'ID', monitorConnection!);
    admin.disconnect();
    const getLastHeartbeat = () => findService(reports.all.at(-1)!, 'reports')!.lastBeatAt!;
    const before = getLastHeartbeat();
    await reports.waitFor((report) => findService(report, 'reports')!.lastBeatAt! > before, length);
    await reports.waitFor(() => true, length + 4);
    for (const name of ['reports', 'heartbeat']) {
      expect(reports.getStatuses(name)).not.toContain('LATE');
      expect(reports.getStatuses(name)).not.toContain('DOWN');
    }
  });
});
