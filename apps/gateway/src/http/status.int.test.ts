import {
  installHttpErrorHandler,
  createHttpServer,
  createLogger,
  createPubSub,
  type HttpServer,
  type PubSub,
} from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  NO_IDENTITY,
  startRedis,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { identifyBy } from '../identity/identify.js';
import { createProductMirror } from '../subscriptions/product-mirror.js';
import { startMonitor, type TestMonitor } from '../testing/monitor.js';
import { report, service } from '../testing/reports.js';
import { serveStatus } from './status.js';

const INTERVAL_MS = 200;
const NOW = Date.parse('2026-01-31T10:00:00.000Z');
const logger = createLogger('test', 'silent');

let redis: TestRedis;
let monitor: TestMonitor;
let pubsub: PubSub;
let http: HttpServer;
let url: string;
let ending: AbortController;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  monitor = await startMonitor();
  pubsub = createPubSub(redis.url, logger);
  ending = new AbortController();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  http = createHttpServer({
    service: 'gateway',
    host: '127.0.0.1',
    port,
    logger,
    identity: NO_IDENTITY,
    readiness: () => ({ ready: true, checks: {} }),
  });
  const clock = () => ({ mono: performance.now(), wall: Date.now() });
  const mirror = createProductMirror({
    pubsub,
    intervalMs: INTERVAL_MS,
    monitorUrl: () => monitor.url,
    headers: {},
    clock,
    logger,
  });
  mirror.keep(ending.signal);
  serveStatus({
    http,
    mirror,
    identify: identifyBy(NO_IDENTITY),
    open: { status: false },
    now: () => NOW,
  });
  installHttpErrorHandler(http.app, logger);
  await http.listen();
});
afterEach(async () => {
  ending.abort();
  await http.close();
  pubsub.close();
  await monitor.close();
});

const summary = async () => (await fetch(`${url}/status.json`)).json();
const badge = (name: string) => fetch(`${url}/status/${name}.svg`);
const hears = (...services: ReturnType<typeof service>[]) => {
  monitor.answer = report(1, services, { intervalMs: INTERVAL_MS });
};

describe('/status.json', () => {
  test('tells what the monitor says, and the worst of it, though nobody subscribes', async () => {
    hears(service('reports', 'LATE', 5), service('gateway'));
    await eventually(async () => expect(await summary()).toMatchObject({ status: 'LATE' }));
    const response = await fetch(`${url}/status.json`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({
      status: 'LATE',
      at: '2026-01-31T10:00:00.000Z',
      services: [
        { name: 'gateway', status: 'UP' },
        { name: 'reports', status: 'LATE', reason: 'it is LATE', since: '1970-01-01T00:00:05.000Z' },
      ],
    });
  });

  test('tells at once that nothing is known yet, and then that the monitor is gone', async () => {
    const names = ['gateway', 'heartbeat', 'monitoring', 'reports'];
    expect(await summary()).toMatchObject({
      status: 'UNKNOWN',
      services: names.map((name) => ({ name, status: 'UNKNOWN', reason: 'not heard yet' })),
    });
    await eventually(async () => expect(await summary()).toMatchObject({ status: 'DOWN' }));
    expect(await (await badge('heartbeat')).text()).toContain('<title>heartbeat: down</title>');
    expect(await (await badge('reports')).text()).toContain('<title>reports: unknown</title>');
  });
});

describe('/status/<service>.svg', () => {
  test('is a badge that is never kept', async () => {
    hears(service('reports'), service('my.probe', 'MAINTENANCE'));
    await eventually(async () => expect((await badge('my.probe')).status).toBe(200));
    const response = await badge('reports');
    expect(response.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toContain('<title>reports: up</title>');
    expect(await (await badge('my.probe')).text()).toContain('<title>my.probe: maintenance</title>');
  });

  test('of a service that there is not is one, too, with status 404', async () => {
    const response = await badge('%3Cnobody%3E');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch('image/svg+xml');
    expect(await response.text()).toContain('<title>&lt;nobody&gt;: no such service</title>');
  });

  test('of a name that is no text is refused', async () => {
    expect((await badge('%FF')).status).toBe(400);
    expect((await fetch(`${url}/status/reports.png`)).status).toBe(404);
  });
});
