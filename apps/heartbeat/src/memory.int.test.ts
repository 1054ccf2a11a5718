import { join } from 'node:path';
import { eventually, startRedis, temporaryFolder, type TestRedis } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collectReports, serviceIn, type Reports } from './testing/reports.js';
import { SHORT_INTERVAL_MS, startHeartbeat, type Running, type RunningOptions } from './testing/running.js';
import { createSender, type Sender } from './testing/sender.js';

let redis: TestRedis;
let folder: ReturnType<typeof temporaryFolder>;
let heartbeat: Running | undefined;
let sender: Sender;
let reports: Reports;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  folder = temporaryFolder();
  sender = createSender(redis.url, { service: 'probe', intervalMs: SHORT_INTERVAL_MS });
  reports = await collectReports(redis.url);
});
afterEach(async () => {
  sender.close();
  reports.close();
  await stop();
  folder.remove();
});

const start = async (overrides: RunningOptions = {}) =>
  (heartbeat = await startHeartbeat(redis.url, { folder: folder.path, expected: 'heartbeat', ...overrides }));
const stop = async () => {
  await heartbeat?.service.stop();
  heartbeat = undefined;
};
const history = async (running: Running, name = 'probe') => {
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

describe('over a restart of the monitor', () => {
  it('a service that went down meanwhile is UNKNOWN at first, then DOWN', async () => {
    await start();
    sender.begin();
    await reports.becomes('probe', 'UP');
    await stop();
    sender.fallSilent();
    const { length } = reports.all;
    const second = await start();
    await reports.becomes('probe', 'UNKNOWN', length);
    const down = await reports.becomes('probe', 'DOWN', length);
    expect(serviceIn(down, 'probe')?.lastBeatAt).not.toBeNull();
    const { transitions, since, uptime } = await history(second);
    expect(transitions.map(({ from, to }) => `${from} ${to}`)).toStrictEqual([
      'UNKNOWN DOWN',
      'UP UNKNOWN',
      'UNKNOWN UP',
    ]);
    expect(transitions[0]?.at).toBe(since);
    expect(transitions[1]?.reason).toBe('the monitor was off');
    // It was UP while it was watched; since then it is DOWN.
    expect(uptime).toBeGreaterThan(0);
    expect(uptime).toBeLessThan(1);
  });

  it('a service that beats on is UP, and that time is not observed', async () => {
    await start();
    sender.begin();
    await reports.becomes('probe', 'UP');
    await stop();
    const { length } = reports.all;
    const second = await start();
    await reports.becomes('probe', 'UP', length);
    const { transitions, uptime } = await history(second);
    expect(transitions.map(({ from, to }) => `${from} ${to}`)).toStrictEqual([
      'UNKNOWN UP',
      'UP UNKNOWN',
      'UNKNOWN UP',
    ]);
    expect(uptime).toBe(1);
  });
});

it('it is written again and again that the monitor watches, for when it is killed', async () => {
  await start({ markEveryMs: 50 });
  sender.begin();
  await reports.becomes('probe', 'UP');
  const file = new Database(join(folder.path, 'heartbeat.sqlite'), { readonly: true });
  const aliveAt = () => file.prepare('select alive_at from watch').pluck().get() as number;
  const lastChange = () => file.prepare('select max(at) from transitions').pluck().get() as number;
  try {
    await eventually(() => expect(aliveAt()).toBeGreaterThan(lastChange() + 200));
  } finally {
    file.close();
  }
});

describe('a disk that fails', () => {
  it('degrades the monitor, which goes on judging, and writes it down once it can', async () => {
    const running = await start();
    await reports.becomes('heartbeat', 'UP');
    const file = new Database(join(folder.path, 'heartbeat.sqlite'));
    try {
      file.exec('alter table transitions rename to gone');
      sender.begin();
      await reports.becomes('probe', 'UP');
      const degraded = await reports.becomes('heartbeat', 'DEGRADED');
      expect(serviceIn(degraded, 'heartbeat')?.reason).toMatch(
        /^reports an error: the history of health cannot be written: /,
      );
      sender.fallSilent();
      await reports.becomes('probe', 'DOWN');
      file.exec('alter table gone rename to transitions');
    } finally {
      file.close();
    }
    const { length } = reports.all;
    sender.begin();
    await reports.becomes('heartbeat', 'UP', length);
    const { transitions } = await history(running);
    expect(transitions.map(({ to }) => to)).toStrictEqual(['UP', 'DOWN', 'LATE', 'UP']);
  });
});
