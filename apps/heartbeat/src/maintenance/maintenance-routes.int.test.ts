import { startRedis, temporaryFolder, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeProcess, type FakeProcess } from '../testing/fake-process.js';
import {
  collectReports,
  findService,
  type ReportCollector,
  type RunningHeartbeat,
  SHORT_INTERVAL_MS,
  startHeartbeat,
} from '../testing/running-heartbeat.js';

let redis: TestRedis;
let folder: ReturnType<typeof temporaryFolder>;
let heartbeat: RunningHeartbeat;
let fakeProcess: FakeProcess;
let reports: ReportCollector;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  folder = temporaryFolder();
  reports = await collectReports(redis.url);
  heartbeat = await startHeartbeat(redis.url, { folder: folder.path });
  fakeProcess = createFakeProcess(redis.url, { intervalMs: SHORT_INTERVAL_MS });
  fakeProcess.start();
  await reports.waitForStatus('reports', 'UP');
});
afterEach(async () => {
  fakeProcess.close();
  reports.close();
  await heartbeat.service.stop();
  folder.remove();
});

async function send(
  method: string,
  service: string,
  body?: unknown,
  contentType = 'application/json',
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${heartbeat.url}/maintenance/${encodeURIComponent(service)}`, {
    method,
    headers: { 'content-type': contentType },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
const listMaintenance = async () => (await fetch(`${heartbeat.url}/maintenance`)).json();
const restart = async () => {
  await heartbeat.service.stop();
  const { length } = reports.all;
  heartbeat = await startHeartbeat(redis.url, { folder: folder.path });
  return length;
};
const expectedError = (code: string) => ({ errors: [{ extensions: { code } }] });

describe('a service in maintenance', () => {
  it('is reported at once, until maintenance ends', async () => {
    const put = await send('PUT', 'reports', { reason: ' new disk ' });
    expect(put).toMatchObject({ status: 200, body: { service: 'reports', reason: 'new disk', until: null } });
    const report = await reports.waitForStatus('reports', 'MAINTENANCE');
    expect(findService(report, 'reports')).toMatchObject({
      reason: 'maintenance: new disk',
      instances: [{ status: 'UP' }],
    });
    expect(await listMaintenance()).toStrictEqual({ maintenance: [put.body] });
    const { length } = reports.all;
    expect(await send('DELETE', 'reports')).toStrictEqual({ status: 200, body: put.body });
    await reports.waitForStatus('reports', 'UP', length);
    expect(await listMaintenance()).toStrictEqual({ maintenance: [] });
    const answer = await heartbeat.query(
      '{ service(name: "reports") { transitions(first: 2) { from to reason } } }',
    );
    expect(answer).toMatchObject({
      data: {
        service: {
          transitions: [
            { from: 'MAINTENANCE', to: 'UP' },
            { from: 'UP', to: 'MAINTENANCE', reason: 'maintenance: new disk' },
          ],
        },
      },
    });
  });

  it('stays in MAINTENANCE after a restart of the monitor, even without heartbeats', async () => {
    await send('PUT', 'reports', { reason: 'new disk' });
    fakeProcess.kill();
    const length = await restart();
    const first = await reports.waitForStatus('reports', 'MAINTENANCE', length);
    expect(findService(first, 'reports')?.reason).toBe('maintenance: new disk');
    expect(
      new Set(reports.all.slice(length).map((report) => findService(report, 'reports')?.status)),
    ).toStrictEqual(new Set(['MAINTENANCE']));
    await send('DELETE', 'reports');
    await reports.waitForStatus('reports', 'DOWN', length);
  });

  it('leaves maintenance at the planned end, also for the next run', async () => {
    const until = new Date(Date.now() + 2 * SHORT_INTERVAL_MS).toISOString();
    const put = await send('PUT', 'reports', { reason: 'new disk', until });
    expect(put.body).toMatchObject({ until });
    const report = await reports.waitForStatus('reports', 'MAINTENANCE');
    expect(findService(report, 'reports')?.reason).toBe(`maintenance until ${until}: new disk`);
    await reports.waitForStatus('reports', 'UP', reports.all.length);
    expect(await listMaintenance()).toStrictEqual({ maintenance: [] });
    const length = await restart();
    await reports.waitForStatus('reports', 'UP', length);
    expect(reports.all.slice(length).map((report) => findService(report, 'reports')?.status)).not.toContain(
      'MAINTENANCE',
    );
  });
});

describe('a maintenance request', () => {
  it('is rejected for an unknown service', async () => {
    expect(await send('PUT', 'unlisted', { reason: 'x' })).toMatchObject({
      status: 404,
      body: expectedError('NOT_FOUND'),
    });
    expect(await send('DELETE', 'unlisted')).toMatchObject({ status: 404, body: expectedError('NOT_FOUND') });
    expect(await send('DELETE', 'reports')).toMatchObject({
      status: 404,
      body: { errors: [{ message: 'reports is not in maintenance.' }] },
    });
  });

  it('is rejected with all of its faults', async () => {
    expect(await send('PUT', 'reports', { reason: '', until: 'soon' })).toMatchObject({
      status: 400,
      body: {
        errors: [
          {
            extensions: {
              code: 'BAD_USER_INPUT',
              faults: [
                { path: ['reason'], code: 'EMPTY' },
                { path: ['until'], code: 'INVALID' },
              ],
            },
          },
        ],
      },
    });
    expect(await send('PUT', 'reports', '{"half')).toMatchObject({
      status: 400,
      body: expectedError('BAD_REQUEST'),
    });
    expect(await listMaintenance()).toStrictEqual({ maintenance: [] });
  });

  it('is rejected if a web page may send its content type cross-site', async () => {
    const body = JSON.stringify({ reason: 'x' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json']) {
      expect(await send('PUT', 'reports', body, type)).toMatchObject({
        status: 400,
        body: expectedError('BAD_REQUEST'),
      });
      expect(await send('DELETE', 'reports', undefined, type)).toMatchObject({ status: 400 });
    }
  });
});
