import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RESTARTED_AT } from './testing/beat.js';
import { collectReports, serviceIn, type Reports } from './testing/reports.js';
import { SHORT_INTERVAL_MS, startHeartbeat, type Running } from './testing/running.js';
import { createSender, type Sender } from './testing/sender.js';

const FORGET_AFTER_MS = 2 * SHORT_INTERVAL_MS;

let redis: TestRedis;
let heartbeat: Running;
let reports: Reports;
let senders: Sender[];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  senders = [];
  reports = await collectReports(redis.url);
  heartbeat = await startHeartbeat(redis.url, { forgetAfterMs: FORGET_AFTER_MS });
});
afterEach(async () => {
  for (const sender of senders) sender.close();
  await heartbeat.service.stop();
  reports.close();
});

const process = (instance: string) => {
  const sender = createSender(redis.url, { instance, intervalMs: SHORT_INTERVAL_MS });
  senders.push(sender);
  return sender;
};

describe('a process of a service', () => {
  it('beats, falls silent and comes back: each change is told once, in order', async () => {
    const sender = process('a');
    sender.begin();
    await reports.becomes('reports', 'UP');
    sender.fallSilent();
    const down = await reports.becomes('reports', 'DOWN');
    expect(serviceIn(down, 'reports')?.reason).toMatch(/^no beat for \d\.\d s; a beat every 500 ms is due$/);
    sender.begin();
    await reports.becomes('reports', 'UP', reports.all.length);
    expect(reports.changes('reports')).toStrictEqual(['UNKNOWN', 'UP', 'LATE', 'DOWN', 'UP']);
    expect(reports.all.map(({ sequence }) => sequence)).toStrictEqual(
      reports.all.map((_, i) => reports.all[0]!.sequence + i),
    );
    expect(new Set(reports.all.map(({ run }) => run)).size).toBe(1);
  });

  it('says goodbye: DOWN at once', async () => {
    const sender = process('a');
    sender.begin();
    await reports.becomes('reports', 'UP');
    sender.fallSilent();
    await sender.beat({ status: 'stopping' });
    const down = await reports.becomes('reports', 'DOWN');
    expect(serviceIn(down, 'reports')).toMatchObject({
      reason: expect.stringMatching(/^said goodbye \d\.\d s ago$/) as unknown,
      instances: [],
    });
    expect(reports.changes('reports')).toStrictEqual(['UNKNOWN', 'UP', 'DOWN']);
  });

  it('changes several times within an interval: each change has its own report', async () => {
    const sender = process('a');
    sender.begin();
    await reports.becomes('reports', 'UP');
    sender.fallSilent();
    await sender.beat({ status: 'error', detail: 'disk full' });
    await sender.beat();
    await sender.beat({ status: 'stopping' });
    await sender.beat({ startedAt: RESTARTED_AT, sequence: 1 });
    await reports.first((report) => serviceIn(report, 'reports')?.instances[0]?.startedAt === RESTARTED_AT);
    expect(reports.changes('reports')).toStrictEqual(['UNKNOWN', 'UP', 'DEGRADED', 'UP', 'DOWN', 'UP']);
  });

  it('is started again in its place: the same instance goes on', async () => {
    const sender = process('a');
    await expect.poll(() => sender.beat().then(() => reports.changes('reports'))).toContain('UP');
    await sender.beat({ startedAt: RESTARTED_AT, sequence: 1 });
    const restarted = await reports.first(
      (report) => serviceIn(report, 'reports')?.instances[0]?.startedAt === RESTARTED_AT,
    );
    expect(serviceIn(restarted, 'reports')).toMatchObject({ status: 'UP', instances: [{ id: 'a' }] });
    expect(reports.changes('reports')).toStrictEqual(['UNKNOWN', 'UP']);
  });

  it('that dies beside another one degrades the service until it is forgotten', async () => {
    const [dying, living] = [process('a'), process('b')];
    dying.begin();
    living.begin();
    await reports.first((report) => serviceIn(report, 'reports')?.instances.length === 2);
    dying.fallSilent();
    await reports.becomes('reports', 'DEGRADED');
    const down = await reports.first(
      (report) => serviceIn(report, 'reports')?.instances[0]?.status === 'DOWN',
    );
    expect(serviceIn(down, 'reports')).toMatchObject({
      status: 'DEGRADED',
      reason: expect.stringMatching(/^1 of 2 instances is down: a \(no beat for \d\.\d s;/) as unknown,
    });
    const forgotten = await reports.becomes('reports', 'UP', reports.all.length);
    expect(serviceIn(forgotten, 'reports')?.instances).toMatchObject([{ id: 'b', status: 'UP' }]);
    expect(reports.changes('reports')).toStrictEqual(['UNKNOWN', 'UP', 'DEGRADED', 'UP']);
  });
});

describe('heartbeat itself', () => {
  it('beats like all', async () => {
    const up = await reports.becomes('heartbeat', 'UP');
    expect(serviceIn(up, 'heartbeat')?.instances).toMatchObject([
      { id: expect.stringMatching(/:\d+$/) as unknown, version: expect.stringMatching(/^\d/) as unknown },
    ]);
  });

  it('stops in order: its last report tells its goodbye', async () => {
    await reports.becomes('heartbeat', 'UP');
    await heartbeat.service.stop();
    await reports.becomes('heartbeat', 'DOWN');
    expect(serviceIn(reports.all.at(-1)!, 'heartbeat')).toMatchObject({
      status: 'DOWN',
      reason: expect.stringMatching(/^said goodbye/) as unknown,
    });
    await expect(fetch(`${heartbeat.url}/health`)).rejects.toThrow();
  });

  it('publishes once an interval at least, change or none', async () => {
    await reports.becomes('heartbeat', 'UP');
    const { length } = reports.all;
    await reports.first(() => true, length + 3);
    const times = reports.all.slice(length).map(({ at }) => Date.parse(at));
    expect(times).toStrictEqual([...times].sort((a, b) => a - b));
  });
});
