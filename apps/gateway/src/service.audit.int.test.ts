import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { auditSummariesSchema, type AuditSummary } from '@seguridad-abc/contracts';
import { INSTALLATION_SECRET_HEADER, readInstallationSecret } from '@seguridad-abc/platform';
import { freePort, startRedis, type TestRedis } from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestGateway } from './testing/test-gateway.js';

let redis: TestRedis;
const cleanUp: (() => unknown)[] = [];
beforeAll(async () => void (redis = await startRedis()));
afterAll(() => redis.close());
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** Starts a gateway whose subgraph monitoring only stores summaries. */
async function start() {
  const received: AuditSummary[] = [];
  const monitoring = createServer((request, response) => {
    void json(request).then((body) => {
      received.push(...auditSummariesSchema.parse(body).summaries);
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(monitoring, 'listening');
  cleanUp.push(() => monitoring.close());
  const gateway = await startTestGateway({
    MONITORING_PORT: String((monitoring.address() as AddressInfo).port),
    HEARTBEAT_PORT: String(await freePort()),
    REDIS_URL: redis.url,
  });
  cleanUp.push(() => gateway.stop());
  const { origin, dataFolder } = gateway;
  const post = (path: string, headers: Record<string, string>, body: object = {}) =>
    fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const createCode = async () => {
    const secret = readInstallationSecret(dataFolder, undefined);
    const response = await post('/sign-in-links', { [INSTALLATION_SECRET_HEADER]: secret });
    const { url } = (await response.json()) as { url: string };
    return url.split('#code=')[1] ?? '';
  };
  /** Stops the gateway. @returns everything that it has recorded */
  const stop = async () => {
    await gateway.stop();
    return received.map(({ action, outcome, role, actor, count }) => [action, outcome, role, actor, count]);
  };
  return { origin, received, post, createCode, stop };
}

test('records sign-ins with a link, failed ones, and the requests of other pages', async () => {
  const { origin, post, createCode, received, stop } = await start();
  const code = await createCode();
  for (let i = 0; i < 3; i++)
    expect((await post('/sign-in', { origin }, { code: 'wrong' })).status).toBe(403);
  expect((await post('/sign-in', { origin: 'http://localhost:1' }, { code })).status).toBe(403);
  expect((await post('/sign-in', { origin }, { code })).status).toBe(204);
  expect((await post('/sign-out', { origin: 'http://localhost:1' })).status).toBe(403);
  expect((await post('/sign-in-links', {})).status).toBe(401);
  expect(await stop()).toEqual([
    ['signIn', 'SIGN_IN_FAILED', null, null, 1],
    ['signIn', 'FORBIDDEN', null, null, 1],
    ['signIn', 'ACCEPTED', 'operator', 'operator', 1],
    ['signOut', 'FORBIDDEN', null, null, 1],
    ['POST /sign-in-links', 'UNAUTHENTICATED', null, null, 1],
    ['signIn', 'SIGN_IN_FAILED', null, null, 2],
  ]);
  expect(new Set(received.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
});

test('names the root fields of operations without a token, before they are validated', async () => {
  const { post, stop } = await start();
  for (const query of ['{ a: viewer { id } rules { wrong } }', '{ viewer { id } }'])
    expect((await post('/graphql', {}, { query })).status).toBe(401);
  expect(await stop()).toEqual([
    ['viewer rules', 'UNAUTHENTICATED', null, null, 1],
    ['viewer', 'UNAUTHENTICATED', null, null, 1],
  ]);
});

test('records invalid tokens outside GraphQL, whatever the path is', async () => {
  const { origin, stop } = await start();
  const read = async (path: string, authorization: string) =>
    (await fetch(`${origin}${path}`, { headers: { authorization } })).status;
  expect(await read('/status.json', 'Bearer wrong')).toBe(401);
  for (let i = 0; i < 20; i++) expect(await read(`/status/service-${i}.svg`, 'Bearer wrong')).toBe(401);
  expect(await stop()).toEqual([
    ['GET /status.json', 'UNAUTHENTICATED', null, null, 1],
    ['GET /status/:file', 'UNAUTHENTICATED', null, null, 1],
    ['GET /status/:file', 'UNAUTHENTICATED', null, null, 19],
  ]);
});
