import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { isHostSilent } from './postgres-host-check.js';
import { freePort, startFreezingProxy, startPostgres, type TestPostgres } from './testing/index.js';

const host = '127.0.0.1';
let server: TestPostgres;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.close());

it('a server that answers, or refuses the connection, is not silent', async () => {
  expect(await isHostSilent({ host, port: server.port })).toBe(false);
  expect(await isHostSilent({ host, port: await freePort() })).toBe(false);
});

it('a server that is slow, for example because it is busy, is not silent', async () => {
  const proxy = await startFreezingProxy(server.port);
  onTestFinished(() => proxy.close());
  proxy.delayNewConnections(1_500);
  expect(await isHostSilent({ host, port: proxy.port })).toBe(false);
});

it('a server that accepts a connection and then says nothing is silent', async () => {
  const proxy = await startFreezingProxy(server.port);
  onTestFinished(() => proxy.close());
  proxy.freeze();
  expect(await isHostSilent({ host, port: proxy.port })).toBe(true);
});
