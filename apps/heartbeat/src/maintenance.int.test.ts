import { join } from 'node:path';
import { startRedis, temporaryFolder, type TestRedis } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collectReports, serviceIn, type Reports } from './testing/reports.js';
import { SHORT_INTERVAL_MS, startHeartbeat, type Running } from './testing/running.js';
import { createSender, type Sender } from './testing/sender.js';

let redis: TestRedis;
let folder: ReturnType<typeof temporaryFolder>;
let heartbeat: Running;
let sender: Sender;
let reports: Reports;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  folder = temporaryFolder();
  reports = await collectReports(redis.url);
  heartbeat = await startHeartbeat(redis.url, { folder: folder.path });
  sender = createSender(redis.url, { intervalMs: SHORT_INTERVAL_MS });
  sender.begin();
  await reports.becomes('reports', 'UP');
});
afterEach(async () => {
  sender.close();
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
const list = async () => (await fetch(`${heartbeat.url}/maintenance`)).json();
const restart = async () => {
  await heartbeat.service.stop();
  const { length } = reports.all;
  heartbeat = await startHeartbeat(redis.url, { folder: folder.path });
  return length;
};
const error = (code: string) => ({ errors: [{ extensions: { code } }] });

describe('a service in maintenance', () => {
  it('is told so at once, to all, and taken back likewise', async () => {
    const put = await send('PUT', 'reports', { reason: ' new disk ' });
    expect(put).toMatchObject({ status: 200, body: { service: 'reports', reason: 'new disk', until: null } });
    const told = await reports.becomes('reports', 'MAINTENANCE');
    expect(serviceIn(told, 'reports')).toMatchObject({
      reason: 'maintenance: new disk',
      instances: [{ status: 'UP' }],
    });
    expect(await list()).toStrictEqual({ maintenance: [put.body] });
    const { length } = reports.all;
    expect(await send('DELETE', 'reports')).toStrictEqual({ status: 200, body: put.body });
    await reports.becomes('reports', 'UP', length);
    expect(await list()).toStrictEqual({ maintenance: [] });
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

  it('stays so over a restart of the monitor, though nobody is heard', async () => {
    await send('PUT', 'reports', { reason: 'new disk' });
    sender.fallSilent();
    const length = await restart();
    const first = await reports.becomes('reports', 'MAINTENANCE', length);
    expect(serviceIn(first, 'reports')?.reason).toBe('maintenance: new disk');
    expect(
      new Set(reports.all.slice(length).map((report) => serviceIn(report, 'reports')?.status)),
    ).toStrictEqual(new Set(['MAINTENANCE']));
    await send('DELETE', 'reports');
    await reports.becomes('reports', 'DOWN', length);
  });

  it('ends when its time is over, for the next run too', async () => {
    const until = new Date(Date.now() + 2 * SHORT_INTERVAL_MS).toISOString();
    const put = await send('PUT', 'reports', { reason: 'new disk', until });
    expect(put.body).toMatchObject({ until });
    const told = await reports.becomes('reports', 'MAINTENANCE');
    expect(serviceIn(told, 'reports')?.reason).toBe(`maintenance until ${until}: new disk`);
    await reports.becomes('reports', 'UP', reports.all.length);
    expect(await list()).toStrictEqual({ maintenance: [] });
    const file = new Database(join(folder.path, 'heartbeat.sqlite'), { readonly: true });
    expect(file.prepare('select count(*) from maintenance').pluck().get()).toBe(0);
    file.close();
    const length = await restart();
    await reports.becomes('reports', 'UP', length);
    expect(reports.all.slice(length).map((report) => serviceIn(report, 'reports')?.status)).not.toContain(
      'MAINTENANCE',
    );
  });
});

describe('a request', () => {
  it('for a service that nobody knows is refused', async () => {
    expect(await send('PUT', 'nobody', { reason: 'x' })).toMatchObject({
      status: 404,
      body: error('NOT_FOUND'),
    });
    expect(await send('DELETE', 'nobody')).toMatchObject({ status: 404, body: error('NOT_FOUND') });
    expect(await send('DELETE', 'reports')).toMatchObject({
      status: 404,
      body: { errors: [{ message: 'reports is not in maintenance.' }] },
    });
  });

  it('that cannot be taken is refused with everything that is wrong', async () => {
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
    expect(await send('PUT', 'reports', '{"half')).toMatchObject({ status: 400, body: error('BAD_REQUEST') });
    expect(await list()).toStrictEqual({ maintenance: [] });
  });

  it('of the types that a web page may send anywhere is refused', async () => {
    const body = JSON.stringify({ reason: 'x' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; application/json']) {
      expect(await send('PUT', 'reports', body, type)).toMatchObject({
        status: 400,
        body: error('BAD_REQUEST'),
      });
      expect(await send('DELETE', 'reports', undefined, type)).toMatchObject({ status: 400 });
    }
  });
});
