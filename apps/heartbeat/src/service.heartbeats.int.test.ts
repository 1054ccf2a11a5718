import { startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeProcess, type FakeProcess } from './testing/fake-process.js';
import { RESTARTED_AT } from './testing/heartbeat-message.js';
import {
  collectReports,
  findService,
  type ReportCollector,
  type RunningHeartbeat,
  SHORT_INTERVAL_MS,
  startHeartbeat,
} from './testing/running-heartbeat.js';

const FORGET_DOWN_INSTANCE_AFTER_MS = 2 * SHORT_INTERVAL_MS;

let redis: TestRedis;
let heartbeat: RunningHeartbeat;
let reports: ReportCollector;
let fakeProcesses: FakeProcess[];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  fakeProcesses = [];
  reports = await collectReports(redis.url);
  heartbeat = await startHeartbeat(redis.url, { forgetAfterMs: FORGET_DOWN_INSTANCE_AFTER_MS });
});
afterEach(async () => {
  for (const fakeProcess of fakeProcesses) fakeProcess.close();
  await heartbeat.service.stop();
  reports.close();
});

const createProcess = (instance: string) => {
  const fakeProcess = createFakeProcess(redis.url, { instance, intervalMs: SHORT_INTERVAL_MS });
  fakeProcesses.push(fakeProcess);
  return fakeProcess;
};

describe('a service', () => {
  it('is reported UP, LATE, DOWN and UP again, each once and in order', async () => {
    const fakeProcess = createProcess('a');
    fakeProcess.start();
    await reports.waitForStatus('reports', 'UP');
    fakeProcess.kill();
    const down = await reports.waitForStatus('reports', 'DOWN');
    expect(findService(down, 'reports')?.reason).toMatch(
      /^no heartbeat for \d\.\d s; expected every 500 ms$/,
    );
    fakeProcess.start();
    await reports.waitForStatus('reports', 'UP', reports.all.length);
    expect(reports.getStatuses('reports')).toStrictEqual(['UNKNOWN', 'UP', 'LATE', 'DOWN', 'UP']);
    expect(reports.all.map(({ sequence }) => sequence)).toStrictEqual(
      reports.all.map((_, i) => reports.all[0]!.sequence + i),
    );
    expect(new Set(reports.all.map(({ run }) => run)).size).toBe(1);
  });

  it('is DOWN at once after a normal stop of its process', async () => {
    const fakeProcess = createProcess('a');
    fakeProcess.start();
    await reports.waitForStatus('reports', 'UP');
    fakeProcess.kill();
    await fakeProcess.sendHeartbeat({ status: 'stopping' });
    const down = await reports.waitForStatus('reports', 'DOWN');
    expect(findService(down, 'reports')).toMatchObject({
      reason: expect.stringMatching(/^stopped normally \d\.\d s ago$/) as unknown,
      instances: [],
    });
    expect(reports.getStatuses('reports')).toStrictEqual(['UNKNOWN', 'UP', 'DOWN']);
  });

  it('has a separate report for each of several changes within one interval', async () => {
    const fakeProcess = createProcess('a');
    fakeProcess.start();
    await reports.waitForStatus('reports', 'UP');
    fakeProcess.kill();
    await fakeProcess.sendHeartbeat({ status: 'error', detail: 'disk full' });
    await fakeProcess.sendHeartbeat();
    await fakeProcess.sendHeartbeat({ status: 'stopping' });
    await fakeProcess.sendHeartbeat({ startedAt: RESTARTED_AT, sequence: 1 });
    await reports.waitFor(
      (report) => findService(report, 'reports')?.instances[0]?.startedAt === RESTARTED_AT,
    );
    expect(reports.getStatuses('reports')).toStrictEqual(['UNKNOWN', 'UP', 'DEGRADED', 'UP', 'DOWN', 'UP']);
  });

  it('keeps the instance when a new process starts in the same place', async () => {
    const fakeProcess = createProcess('a');
    await expect
      .poll(() => fakeProcess.sendHeartbeat().then(() => reports.getStatuses('reports')))
      .toContain('UP');
    await fakeProcess.sendHeartbeat({ startedAt: RESTARTED_AT, sequence: 1 });
    const restarted = await reports.waitFor(
      (report) => findService(report, 'reports')?.instances[0]?.startedAt === RESTARTED_AT,
    );
    expect(findService(restarted, 'reports')).toMatchObject({ status: 'UP', instances: [{ id: 'a' }] });
    expect(reports.getStatuses('reports')).toStrictEqual(['UNKNOWN', 'UP']);
  });

  it('is DEGRADED after one of two processes dies, until that instance is removed', async () => {
    const [dying, living] = [createProcess('a'), createProcess('b')];
    dying.start();
    living.start();
    await reports.waitFor((report) => findService(report, 'reports')?.instances.length === 2);
    dying.kill();
    await reports.waitForStatus('reports', 'DEGRADED');
    const down = await reports.waitFor(
      (report) => findService(report, 'reports')?.instances[0]?.status === 'DOWN',
    );
    expect(findService(down, 'reports')).toMatchObject({
      status: 'DEGRADED',
      reason: expect.stringMatching(/^1 of 2 instances is down: a \(no heartbeat for \d\.\d s;/) as unknown,
    });
    const removed = await reports.waitForStatus('reports', 'UP', reports.all.length);
    expect(findService(removed, 'reports')?.instances).toMatchObject([{ id: 'b', status: 'UP' }]);
    expect(reports.getStatuses('reports')).toStrictEqual(['UNKNOWN', 'UP', 'DEGRADED', 'UP']);
  });
});

describe('the heartbeat service', () => {
  it('sends heartbeats itself', async () => {
    const up = await reports.waitForStatus('heartbeat', 'UP');
    expect(findService(up, 'heartbeat')?.instances).toMatchObject([
      { id: expect.stringMatching(/:\d+$/) as unknown, version: expect.stringMatching(/^\d/) as unknown },
    ]);
  });

  it('reports its own normal stop in its last report', async () => {
    await reports.waitForStatus('heartbeat', 'UP');
    await heartbeat.service.stop();
    await reports.waitForStatus('heartbeat', 'DOWN');
    expect(findService(reports.all.at(-1)!, 'heartbeat')).toMatchObject({
      status: 'DOWN',
      reason: expect.stringMatching(/^stopped normally/) as unknown,
    });
    await expect(fetch(`${heartbeat.url}/health`)).rejects.toThrow();
  });

  it('publishes at least one report in each interval, even without a change', async () => {
    await reports.waitForStatus('heartbeat', 'UP');
    const { length } = reports.all;
    await reports.waitFor(() => true, length + 3);
    const times = reports.all.slice(length).map(({ at }) => Date.parse(at));
    expect(times).toStrictEqual([...times].sort((a, b) => a - b));
  });
});
