import { afterEach, expect, test } from 'vitest';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.js';
import { SECRET_HEADERS } from '../testing/service-context.js';
import { readServiceReadiness, sendServiceRequest } from './service-requests.js';

const servers: RecordingServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function startServer(...args: Parameters<typeof startRecordingServer>) {
  const server = await startRecordingServer(...args);
  servers.push(server);
  return server;
}

const signal = AbortSignal.timeout(10_000);

test('a redirect to another origin gets no request, and so no installation secret', async () => {
  const other = await startServer((_request, response) => response.end('{}'));
  const service = await startServer((_request, response) =>
    response.writeHead(307, { location: `${other.origin}/stolen` }).end(),
  );
  const response = await sendServiceRequest(`${service.origin}/ready`, { headers: SECRET_HEADERS, signal });
  expect(response.status).toBe(307);
  expect(service.requests).toMatchObject([{ headers: SECRET_HEADERS }]);
  expect(other.requests).toStrictEqual([]);
});

test.each([
  ['{"service":"reports","ready":true}', { service: 'reports', ready: true }],
  ['{"service":"reports","ready":false,"checks":{"lag":1}}', { service: 'reports', checks: { lag: 1 } }],
])('reads the readiness %s', async (body, expected) => {
  const { origin } = await startServer((_request, response) => response.writeHead(503).end(body));
  expect(await readServiceReadiness(origin, { signal })).toMatchObject(expected);
});

test.each(['', '<html>', '{"status":"ok"}'])('the answer %j is not from a service', async (body) => {
  const { origin } = await startServer((_request, response) => response.end(body));
  expect(await readServiceReadiness(origin, { signal })).toBeUndefined();
});
