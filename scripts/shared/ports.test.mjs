import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { findFreePort, findFreeServicePorts, findPortProblems } from './ports.mjs';

const server = createServer();
afterEach(() => server.close());

/** @returns {Promise<number>} a port in use */
async function occupyPort() {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

test('reports a port in use with its setting, its holder and a free port', async () => {
  const port = await occupyPort();
  const problems = await findPortProblems('127.0.0.1', { REPORTS_PORT: String(port) }, 0);
  expect(problems.map(({ setting }) => setting)).toEqual(['REPORTS_PORT']);
  expect(problems[0]?.message).toMatch(
    new RegExp(`^Port ${port} on 127.0.0.1 \\(REPORTS_PORT\\) is in use by .+ \\(pid ${process.pid}\\)\\.$`),
  );
  const [freePort] = problems.map(({ freePort }) => freePort ?? '');
  expect(await findPortProblems('127.0.0.1', { REPORTS_PORT: freePort ?? '' }, 0)).toEqual([]);
});

test('offers a port that no other setting has', async () => {
  const port = await occupyPort();
  const next = String(port + 1);
  const problems = await findPortProblems('127.0.0.1', { REPORTS_PORT: String(port), GATEWAY_PORT: next }, 0);
  const offered = problems.map(({ freePort }) => freePort);
  expect(offered).not.toContain(next);
});

test('accepts a port that becomes free in time', async () => {
  const port = await occupyPort();
  const checked = findPortProblems('127.0.0.1', { REPORTS_PORT: String(port) }, 60_000);
  server.close();
  expect(await checked).toEqual([]);
});

test('rejects two settings with the same port', async () => {
  const free = await findFreePort();
  const ports = { GATEWAY_PORT: String(free), REPORTS_PORT: String(free) };
  expect(await findPortProblems('127.0.0.1', ports)).toMatchObject([
    { message: `GATEWAY_PORT and REPORTS_PORT are both ${free}: give each its own port.` },
  ]);
});

test('reports an address that does not belong to this machine', async () => {
  const [problem] = await findPortProblems('192.0.2.1', { GATEWAY_PORT: '4000' });
  expect(problem?.message).toContain('This machine cannot listen on 192.0.2.1');
});

test('ignores invalid ports, which the service reports', async () => {
  expect(await findPortProblems('127.0.0.1', { GATEWAY_PORT: 'x', REPORTS_PORT: '70000' })).toEqual([]);
});

test('finds a different free port for each service', async () => {
  const ports = await findFreeServicePorts();
  expect(Object.keys(ports)).toEqual(['MONITORING_PORT', 'REPORTS_PORT', 'HEARTBEAT_PORT', 'GATEWAY_PORT']);
  expect(new Set(Object.values(ports)).size).toBe(4);
});
