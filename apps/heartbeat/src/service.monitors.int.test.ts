import { DEFAULT_REDIS_NAMES, type HealthReport } from '@seguridad-abc/contracts';
import {
  eventually,
  startFreezingProxy,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeProcess, type FakeProcess } from './testing/fake-process.js';
import {
  collectReports,
  findService,
  SHORT_INTERVAL_MS,
  startHeartbeat,
  type ReportCollector,
  type RunningHeartbeat,
  type RunningHeartbeatOptions,
} from './testing/running-heartbeat.js';

const FRESH_START = { expected: 'reports' };

let redis: TestRedis;
let admin: Redis;
let reports: ReportCollector;
let fakeProcess: FakeProcess;
let monitors: RunningHeartbeat[];
beforeEach(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  admin.on('error', () => undefined);
  reports = await collectReports(redis.url);
  fakeProcess = createFakeProcess(redis.url, { intervalMs: SHORT_INTERVAL_MS });
  monitors = [];
});
afterEach(async () => {
  fakeProcess.close();
  reports.close();
  await Promise.all(monitors.map(({ service }) => service.stop()));
  admin.disconnect();
  await redis.close();
});

const start = async (options: RunningHeartbeatOptions = {}, url = redis.url): Promise<RunningHeartbeat> => {
  const monitor = await startHeartbeat(url, { ...FRESH_START, ...options });
  monitors.push(monitor);
  return monitor;
};
const stop = async (monitor: RunningHeartbeat) => {
  monitors = monitors.filter((other) => other !== monitor);
  await monitor.service.stop();
};
const isSpeaking = async ({ url }: RunningHeartbeat): Promise<boolean> => {
  const { checks } = (await (await fetch(`${url}/ready`)).json()) as { checks: { speaks: boolean } };
  return checks.speaks;
};
/**
 * Starts two monitors, the first of which speaks, and waits until the second knows a working service.
 * @param listenerRedisUrl where the second one reaches Redis
 */
const startTwo = async (listenerRedisUrl = redis.url) => {
  const speaker = await start();
  await eventually(async () => expect(await isSpeaking(speaker)).toBe(true));
  const listener = await start({}, listenerRedisUrl);
  fakeProcess.start();
  await reports.waitForStatus('reports', 'UP');
  await reports.waitFor((report) => findService(report, 'heartbeat')?.instances.length === 2);
  await eventually(async () =>
    expect(findService(await listener.fetchReport(), 'reports')?.status).toBe('UP'),
  );
  return [speaker, listener] as const;
};
const getLastReport = (): HealthReport => {
  const report = reports.all.at(-1);
  if (!report) throw new Error('There is no report.');
  return report;
};
const queryTransitions = async (monitor: RunningHeartbeat, name = 'reports') => {
  const answer = (await monitor.query(
    `{ service(name: "${name}") { transitions { from to at reason } uptime(window: HOUR) } }`,
  )) as {
    data: {
      service: {
        transitions: readonly { readonly from: string; readonly to: string; readonly at: string }[];
      };
    };
  };
  return answer.data.service.transitions;
};
const describeSteps = (transitions: Awaited<ReturnType<typeof queryTransitions>>) =>
  transitions.map(({ from, to }) => `${from} ${to}`);
const sendMaintenance = (monitor: RunningHeartbeat, method: 'PUT' | 'DELETE', reason = 'new disk') =>
  fetch(`${monitor.url}/maintenance/reports`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(method === 'PUT' && { body: JSON.stringify({ reason }) }),
  });
const listMaintenance = async (monitor: RunningHeartbeat) =>
  ((await (await fetch(`${monitor.url}/maintenance`)).json()) as { maintenance: readonly object[] })
    .maintenance;

describe('of several monitors', () => {
  it('one speaks, and all answer with what it says', async () => {
    await Promise.all([start(), start(), start()]);
    fakeProcess.start();
    await reports.waitForStatus('reports', 'UP');
    await reports.waitFor((report) => findService(report, 'heartbeat')?.instances.length === 3);
    await reports.waitFor(() => true, reports.all.length + 2);
    expect(new Set(reports.all.map(({ run, term }) => `${run} ${String(term)}`)).size).toBe(1);
    const speaking = await Promise.all(monitors.map(isSpeaking));
    expect(speaking.filter(Boolean)).toHaveLength(1);
    await eventually(async () => {
      const answers = await Promise.all(monitors.map((monitor) => monitor.fetchReport()));
      expect(new Set(answers.map(({ run, sequence }) => `${run} ${sequence}`)).size).toBe(1);
    });
  });

  it('the next one continues from the last report after an orderly stop, without a transition', async () => {
    const [speaker, listener] = await startTwo();
    const before = findService(getLastReport(), 'reports')!;
    const { length } = reports.all;
    await stop(speaker);
    const { run } = getLastReport();
    const report = await reports.waitFor((each) => each.run !== run, length);
    expect(report.term).toBeGreaterThan(reports.all[0]!.term!);
    expect(findService(report, 'reports')).toMatchObject({ status: 'UP', since: before.since });
    // The instance of the stopped monitor has ended in order, so it is not DOWN.
    expect(findService(report, 'heartbeat')).toMatchObject({ status: 'UP', instances: [{ status: 'UP' }] });
    expect(reports.getStatuses('reports')).toStrictEqual(['UNKNOWN', 'UP']);
    expect(reports.getStatuses('heartbeat')).toStrictEqual(['UP']);
    expect(describeSteps(await queryTransitions(listener))).toStrictEqual(['UNKNOWN UP']);
  });

  it('each stores every transition once, also those from before its start', async () => {
    const [speaker] = await startTwo();
    fakeProcess.kill();
    await reports.waitForStatus('reports', 'DOWN');
    const late = await start();
    for (const monitor of monitors) {
      await eventually(async () =>
        expect(describeSteps(await queryTransitions(monitor))).toStrictEqual([
          'LATE DOWN',
          'UP LATE',
          'UNKNOWN UP',
        ]),
      );
      expect(await queryTransitions(monitor)).toStrictEqual(await queryTransitions(speaker));
    }
    // A monitor that knows the dead process only from reports continues, too.
    await eventually(async () =>
      expect(findService(await late.fetchReport(), 'reports')?.status).toBe('DOWN'),
    );
    const { length } = reports.all;
    const [first, second] = monitors;
    await Promise.all([stop(first!), stop(second!)]);
    const { run } = await late.fetchReport();
    await reports.waitFor((report) => report.run === run, length);
    await eventually(async () => expect(await isSpeaking(late)).toBe(true));
    await reports.waitFor(() => true, reports.all.length + 2);
    expect(reports.getStatuses('reports')).toStrictEqual(['UNKNOWN', 'UP', 'LATE', 'DOWN']);
    expect(describeSteps(await queryTransitions(late))).toHaveLength(3);
  });

  it('all apply maintenance that one of them accepts, also one that was not running then', async () => {
    const folder = temporaryFolder();
    const [speaker, listener] = await startTwo();
    const third = await start({ folder: folder.path });
    expect((await sendMaintenance(listener, 'PUT')).status).toBe(200);
    await reports.waitForStatus('reports', 'MAINTENANCE');
    for (const monitor of monitors)
      await eventually(async () => expect(await listMaintenance(monitor)).toHaveLength(1));
    await stop(third);
    expect((await sendMaintenance(speaker, 'DELETE')).status).toBe(200);
    await reports.waitForStatus('reports', 'UP', reports.all.length - 1);
    await eventually(async () => expect(await listMaintenance(listener)).toHaveLength(0));
    // It has stored maintenance that has ended meanwhile.
    const back = await start({ folder: folder.path });
    await eventually(async () => expect(await listMaintenance(back)).toHaveLength(0));
    expect(getLastReport().services.map(({ status }) => status)).not.toContain('MAINTENANCE');
    expect(await listMaintenance(speaker)).toHaveLength(0);
    await stop(back);
    folder.remove();
  });
});

describe('a monitor that returns', () => {
  it('from a network partition continues from what others have published meanwhile', async () => {
    const proxy = await startFreezingProxy(Number(new URL(redis.url).port));
    const [speaker, listener] = await startTwo(`redis://127.0.0.1:${proxy.port}`);
    proxy.freeze();
    fakeProcess.kill();
    await reports.waitForStatus('reports', 'DOWN');
    await eventually(async () =>
      expect(findService(await listener.fetchReport(), 'reports')?.status).toBe('UNKNOWN'),
    );
    const published = await queryTransitions(speaker);
    await stop(speaker);
    const { length } = reports.all;
    proxy.thaw();
    await reports.waitForStatus('reports', 'DOWN', length);
    await eventually(async () => expect((await queryTransitions(listener))[0]?.to).toBe('DOWN'));
    const history = [...(await queryTransitions(listener))].reverse();
    expect(history.slice(0, published.length)).toStrictEqual([...published].reverse());
    expect(history.slice(1).map(({ from }) => from)).toStrictEqual(history.slice(0, -1).map(({ to }) => to));
    const times = history.map(({ at }) => at);
    expect(times).toStrictEqual([...times].sort());
    await stop(listener);
    await proxy.close();
  });

  it('without its data takes maintenance from the last report', async () => {
    const first = await start();
    fakeProcess.start();
    await reports.waitForStatus('reports', 'UP');
    expect((await sendMaintenance(first, 'PUT')).status).toBe(200);
    await reports.waitForStatus('reports', 'MAINTENANCE');
    await stop(first);
    const { length } = reports.all;
    const second = await start();
    await reports.waitFor(() => true, length);
    expect(await listMaintenance(second)).toMatchObject([{ service: 'reports', reason: 'new disk' }]);
    expect(reports.getStatuses('reports').slice(-2)).toStrictEqual(['UP', 'MAINTENANCE']);
  });

  it('without its data loses no maintenance command that it receives at its start', async () => {
    const proxy = await startFreezingProxy(Number(new URL(redis.url).port));
    const first = await start();
    fakeProcess.start();
    await reports.waitForStatus('reports', 'UP');
    for (const reason of ['a', 'z']) await sendMaintenance(first, 'PUT', reason);
    proxy.freeze();
    const second = await start({}, `redis://127.0.0.1:${proxy.port}`);
    const command = sendMaintenance(second, 'PUT', 'm');
    await isSpeaking(second);
    proxy.thaw();
    expect((await command).status).toBe(200);
    for (const monitor of [second, first])
      await eventually(async () => expect(await listMaintenance(monitor)).toMatchObject([{ reason: 'm' }]));
    await stop(second);
    await proxy.close();
  });

  it('takes over from one that speaks and receives no heartbeats', async () => {
    const { healthChannel, heartbeatChannel, maintenanceChannel } = DEFAULT_REDIS_NAMES;
    const channels = [healthChannel, heartbeatChannel, maintenanceChannel].map((name) => `&${name}`);
    await admin.call('ACL', 'SETUSER', 'deaf', 'on', '>secret', '~*', '+@all', 'resetchannels', ...channels);
    const [speaker, deaf] = await startTwo(redis.url.replace('//', '//deaf:secret@'));
    await stop(speaker);
    await reports.waitForStatus('reports', 'UNKNOWN', reports.all.length);
    const { length } = reports.all;
    const back = await start();
    await reports.waitForStatus('reports', 'UP', length);
    await eventually(async () => expect(await isSpeaking(back)).toBe(true));
    expect(await isSpeaking(deaf)).toBe(false);
  });
});

describe('without Redis', () => {
  it('no monitor speaks, all answer, and afterwards one speaks with a later term', async () => {
    const [speaker, listener] = await startTwo();
    const lastTerm = getLastReport().term!;
    await redis.kill();
    for (const monitor of [speaker, listener]) {
      await eventually(async () => {
        const report = await monitor.fetchReport();
        expect(report.services.map(({ status }) => status)).toStrictEqual(['UNKNOWN', 'UNKNOWN']);
        expect(report.term).toBe(lastTerm);
      });
      await eventually(async () => expect(await isSpeaking(monitor)).toBe(false));
      // What is not published yet is part of the history of the monitor that has seen it.
      expect(describeSteps(await queryTransitions(monitor))).toStrictEqual(['UP UNKNOWN', 'UNKNOWN UP']);
    }
    const { length } = reports.all;
    await redis.start();
    await reports.waitForStatus('reports', 'UP', length);
    await reports.waitFor(() => true, reports.all.length + 2);
    const terms = reports.all.slice(length).map(({ term }) => term!);
    expect(terms).toStrictEqual([...terms].sort((a, b) => a - b));
    expect(terms[0]).toBeGreaterThan(lastTerm);
    const speaking = await Promise.all([speaker, listener].map(isSpeaking));
    expect(speaking.filter(Boolean)).toHaveLength(1);
    for (const monitor of [speaker, listener])
      await eventually(async () =>
        expect(describeSteps(await queryTransitions(monitor))).toStrictEqual([
          'UNKNOWN UP',
          'UP UNKNOWN',
          'UNKNOWN UP',
        ]),
      );
    expect(reports.getStatuses('reports')).not.toContain('DOWN');
    expect(await queryTransitions(speaker)).toStrictEqual(await queryTransitions(listener));
  });

  it('that lost its data, terms go on rising', async () => {
    await startTwo();
    const lastTerm = getLastReport().term!;
    const { length } = reports.all;
    await redis.kill();
    await redis.start({ empty: true });
    await reports.waitForStatus('reports', 'UP', length);
    expect(getLastReport().term).toBeGreaterThan(lastTerm);
  });
});

describe('while Redis has no free memory', () => {
  it('the speaker goes on, and a first monitor begins', async () => {
    await admin.config('SET', 'maxmemory', '1');
    const first = await start();
    fakeProcess.start();
    await reports.waitForStatus('reports', 'UP');
    const second = await start();
    fakeProcess.kill();
    await reports.waitForStatus('reports', 'DOWN');
    expect(new Set(reports.all.map(({ run }) => run)).size).toBe(1);
    await admin.config('SET', 'maxmemory', '0');
    await eventually(async () => expect(await admin.exists('seguridad:speaker')).toBe(1));
    for (const monitor of [first, second])
      await eventually(async () =>
        expect(describeSteps(await queryTransitions(monitor))).toStrictEqual([
          'LATE DOWN',
          'UP LATE',
          'UNKNOWN UP',
        ]),
      );
    expect(reports.getStatuses('reports')).toStrictEqual(['UP', 'LATE', 'DOWN']);
  });
});
