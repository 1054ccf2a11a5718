import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpServer, installHttpErrorHandler, type HttpServer } from './http-server.js';
import { createLogger } from './logger.js';
import { createMetricsRegistry } from './metrics-registry.js';
import { serveMetrics } from './metrics-route.js';
import { addProcessMetrics } from './process-metrics.js';
import { freePort } from './testing/index.js';

const METRICS_TOKEN = 'm'.repeat(32);
const SECRET_HEADERS = { 'x-installation-secret': 's' };
const logger = createLogger('test', 'silent');

let http: HttpServer;
let origin: string;
let stopProcessMetrics: () => void;
const refusedPaths: string[] = [];
beforeEach(async () => {
  refusedPaths.length = 0;
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const identity = {
    isAcceptedHost: () => true,
    isFromInstallation: ({ 'x-installation-secret': secret }: Readonly<Record<string, unknown>>) =>
      secret === 's',
  };
  http = createHttpServer({
    service: 'test',
    host: '127.0.0.1',
    port,
    identity,
    logger,
    readiness: () => ({ ready: true, checks: {} }),
  });
  const registry = createMetricsRegistry();
  stopProcessMetrics = addProcessMetrics(registry, 'test', logger);
  serveMetrics({
    http,
    registry,
    identity,
    metricsToken: METRICS_TOKEN,
    chargeRefusal(request, _response, next) {
      refusedPaths.push(request.path);
      next();
    },
  });
  installHttpErrorHandler(http.app, logger);
  await http.listen();
});
afterEach(async () => {
  stopProcessMetrics();
  await http.close();
});

const readMetrics = (headers: Record<string, string> = {}) => fetch(`${origin}/metrics`, { headers });

test.each([
  ['nothing', {}],
  ['another token', { authorization: `Bearer ${'x'.repeat(32)}` }],
  ['the token without its scheme', { authorization: METRICS_TOKEN }],
  ['another secret', { 'x-installation-secret': METRICS_TOKEN }],
])('a caller with %s is refused and charged', async (_, headers) => {
  const response = await readMetrics(headers);
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  expect(refusedPaths).toEqual(['/metrics']);
});

test.each([
  ['the token', { authorization: `Bearer ${METRICS_TOKEN}` }],
  ['the secret of the installation', SECRET_HEADERS],
])('a caller with %s reads the metrics', async (_, headers) => {
  const response = await readMetrics(headers);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await response.text()).toMatch(
    /^abc_build_info\{service="test",version="[\d.]+",node="[\d.]+"\} 1$/m,
  );
  expect(refusedPaths).toEqual([]);
});

test('requests are counted by known routes and statuses', async () => {
  for (const path of ['/health', '/health?x', '/ready', '/a/b', '/c'])
    await (await fetch(origin + path)).text();
  await (await readMetrics()).text();
  const text = await (await readMetrics(SECRET_HEADERS)).text();
  const counts = [...text.matchAll(/^abc_http_request_duration_seconds_count\{(.+)\} (\d+)$/gm)];
  expect(counts.map(([, labels, count]) => `${labels ?? ''} ${count ?? ''}`)).toEqual([
    'route="/health",code="200" 2',
    'route="/ready",code="200" 1',
    'route="/metrics",code="401" 1',
    'route="other",code="404" 2',
  ]);
});
