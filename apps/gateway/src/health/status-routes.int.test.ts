import {
  installHttpErrorHandler,
  createHttpServer,
  createLogger,
  createRedisPubSubClient,
  type HttpServer,
  type RedisPubSubClient,
} from '@seguridad-abc/platform';
import {
  eventually,
  freePort,
  NO_IDENTITY,
  startRedis,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAuthenticator } from '../requests/authentication.js';
import { createRouteCharges } from '../requests/route-charges.js';
import {
  healthReport,
  serviceHealth,
  startFakeMonitor,
  type FakeMonitor,
} from '../testing/health-fixtures.js';
import { createServiceClient } from '../supergraph/service-client.js';
import { createHealthCache } from './health-cache.js';
import { serveStatusJsonAndBadges } from './status-routes.js';

const INTERVAL_MS = 200;
const NOW = Date.parse('2026-01-31T10:00:00.000Z');
const logger = createLogger('test', 'silent');

let redis: TestRedis;
let monitor: FakeMonitor;
let pubsub: RedisPubSubClient;
let http: HttpServer;
let url: string;
let testEnd: AbortController;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  monitor = await startFakeMonitor();
  pubsub = createRedisPubSubClient(redis.settings, logger);
  testEnd = new AbortController();
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
  const cache = createHealthCache({
    pubsub,
    intervalMs: INTERVAL_MS,
    monitors: createServiceClient('heartbeat', () => [monitor.url], {}),
    clock: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
    logger,
  });
  cache.keepUpdated(testEnd.signal);
  serveStatusJsonAndBadges({
    http,
    cache,
    authenticate: createAuthenticator(NO_IDENTITY),
    resolveClientAddress: () => '192.0.2.1',
    charges: createRouteCharges(undefined, () => '192.0.2.1'),
    isPublic: false,
    now: () => NOW,
  });
  installHttpErrorHandler(http.app, logger);
  await http.listen();
});
afterEach(async () => {
  testEnd.abort();
  await http.close();
  pubsub.close();
  await monitor.close();
});

const fetchSummary = async () => (await fetch(`${url}/status.json`)).json();
const fetchBadge = (name: string) => fetch(`${url}/status/${name}.svg`);
const setReport = (...services: ReturnType<typeof serviceHealth>[]) => {
  monitor.report = healthReport(1, services, { intervalMs: INTERVAL_MS });
};

describe('/status.json', () => {
  test('shows the monitor’s report and the worst status, without a subscriber', async () => {
    setReport(serviceHealth('reports', 'LATE', 5), serviceHealth('gateway'));
    await eventually(async () => expect(await fetchSummary()).toMatchObject({ status: 'LATE' }));
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

  test('shows UNKNOWN before the first report, and DOWN after the monitor stayed silent', async () => {
    const names = ['gateway', 'heartbeat', 'monitoring', 'reports'];
    expect(await fetchSummary()).toMatchObject({
      status: 'UNKNOWN',
      services: names.map((name) => ({ name, status: 'UNKNOWN', reason: 'no health report received yet' })),
    });
    await eventually(async () => expect(await fetchSummary()).toMatchObject({ status: 'DOWN' }));
    expect(await (await fetchBadge('heartbeat')).text()).toContain('<title>heartbeat: down</title>');
    expect(await (await fetchBadge('reports')).text()).toContain('<title>reports: unknown</title>');
  });
});

describe('/status/<service>.svg', () => {
  test('is an SVG badge that is never cached', async () => {
    setReport(serviceHealth('reports'), serviceHealth('my.probe', 'MAINTENANCE'));
    await eventually(async () => expect((await fetchBadge('my.probe')).status).toBe(200));
    const response = await fetchBadge('reports');
    expect(response.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toContain('<title>reports: up</title>');
    expect(await (await fetchBadge('my.probe')).text()).toContain('<title>my.probe: maintenance</title>');
  });

  test('is a badge with status 404 for an unknown service', async () => {
    const response = await fetchBadge('%3Cnobody%3E');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch('image/svg+xml');
    expect(await response.text()).toContain('<title>&lt;nobody&gt;: no such service</title>');
  });

  test('rejects a name that cannot be decoded', async () => {
    expect((await fetchBadge('%FF')).status).toBe(400);
    expect((await fetch(`${url}/status/reports.png`)).status).toBe(404);
  });
});
