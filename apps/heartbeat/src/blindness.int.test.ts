import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectReports, serviceIn, type Reports } from './testing/reports.js';
import { SHORT_INTERVAL_MS, startHeartbeat, type Running } from './testing/running.js';
import { createSender, type Sender } from './testing/sender.js';

const AWAY = /^Redis has been away for \d+\.\d s: beats cannot be heard$/;

let redis: TestRedis;
let heartbeat: Running;
let sender: Sender;
let reports: Reports;

beforeEach(async () => {
  redis = await startRedis();
  sender = createSender(redis.url, { intervalMs: SHORT_INTERVAL_MS });
  reports = await collectReports(redis.url);
});
afterEach(async () => {
  sender.close();
  reports.close();
  await heartbeat.service.stop();
  await redis.close();
});

const startWatched = async () => {
  heartbeat = await startHeartbeat(redis.url);
  sender.begin();
  await reports.becomes('reports', 'UP');
};

/** Over HTTP, the only way while Redis is away. */
const reasonsAre = (reason: RegExp) =>
  expect
    .poll(
      async () => (await heartbeat.report()).services.map((service) => [service.status, service.reason]),
      {
        timeout: 10_000,
      },
    )
    .toStrictEqual([
      ['UNKNOWN', expect.stringMatching(reason)],
      ['UNKNOWN', expect.stringMatching(reason)],
    ]);

describe('Redis', () => {
  it('killed: services are UNKNOWN for that reason; started again: UP', async () => {
    await startWatched();
    await redis.kill();
    await reasonsAre(AWAY);
    const { length } = reports.all;
    await redis.start();
    await reports.becomes('reports', 'UP', length);
    expect(reports.changes('reports')).not.toContain('DOWN');
  });

  it('held still for longer than DOWN takes: UNKNOWN, never DOWN; let go: UP', async () => {
    await startWatched();
    redis.freeze();
    await reasonsAre(/^Redis has been away for ([3-9]|\d\d)\.\d s/);
    const { length } = reports.all;
    redis.thaw();
    await reports.becomes('reports', 'UP', length + 1);
    expect(reports.changes('reports')).not.toContain('DOWN');
    expect(reports.changes('reports')).not.toContain('LATE');
  });

  it('away at the start: HTTP answers, services are UNKNOWN; then there: UP', async () => {
    await redis.kill();
    heartbeat = await startHeartbeat(redis.url);
    sender.begin();
    expect((await fetch(`${heartbeat.url}/ready`)).status).toBe(200);
    await reasonsAre(AWAY);
    await redis.start();
    await reports.becomes('reports', 'UP');
    await reports.becomes('heartbeat', 'UP');
  });

  it('cutting the connection that beats come on: nobody is LATE, and beats are heard again', async () => {
    await startWatched();
    await reports.becomes('heartbeat', 'UP');
    const { length } = reports.all;
    const admin = new Redis(redis.url);
    const [monitorsOwn] = ((await admin.client('LIST')) as string)
      .split('\n')
      .filter((line) => line.includes('cmd=ping'))
      .map((line) => /\bid=(\d+)/.exec(line)![1]!);
    await admin.client('KILL', 'ID', monitorsOwn!);
    admin.disconnect();
    const beatAt = () => serviceIn(reports.all.at(-1)!, 'reports')!.lastBeatAt!;
    const before = beatAt();
    await reports.first((report) => serviceIn(report, 'reports')!.lastBeatAt! > before, length);
    await reports.first(() => true, length + 4);
    for (const name of ['reports', 'heartbeat']) {
      expect(reports.changes(name)).not.toContain('LATE');
      expect(reports.changes(name)).not.toContain('DOWN');
    }
  });
});
