import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { findFreeServicePorts } from '../../shared/free-ports.js';
import type { ServicePorts } from '../../shared/installation-settings.js';
import { findOnPath } from '../programs/find-on-path.js';
import { findPortProblems } from './port-problems.js';

const HOST = '127.0.0.1';
const server = createServer();
afterEach(() => {
  server.close();
  vi.unstubAllEnvs();
});

/** @returns a port in use */
async function occupyPort(): Promise<string> {
  server.listen(0, HOST);
  await once(server, 'listening');
  return String((server.address() as AddressInfo).port);
}

/** With free ports, unless `ports` has others. */
const find = async (ports: Partial<ServicePorts>, { host = HOST, waitMs = 0 } = {}) =>
  findPortProblems({ host, ports: { ...(await findFreeServicePorts()), ...ports } }, { waitMs });

test('reports a port in use with its setting and its holder, and offers a free port', async () => {
  const port = await occupyPort();
  const ports = { ...(await findFreeServicePorts()), REPORTS_PORT: port };
  const [problem, hint, free = '', ...rest] = await findPortProblems({ host: HOST, ports }, { waitMs: 0 });
  expect(problem).toMatch(
    new RegExp(`^Port ${port} on 127.0.0.1 \\(REPORTS_PORT\\) is in use by .+ \\(pid ${process.pid}\\)\\.$`),
  );
  expect(hint).toMatch(/set free ones in the file \.env/);
  expect(rest).toEqual([]);
  const [setting = '', freePort = ''] = free.split('=');
  expect(setting).toBe('REPORTS_PORT');
  expect(Object.values(ports)).not.toContain(freePort);
  expect(await find({ REPORTS_PORT: freePort })).toEqual([]);
});

test.each(['ss', 'lsof'])('%s names the program that uses a port', async (name) => {
  const program = findOnPath([name]);
  if (program === undefined) return;
  const only = temporaryFolder();
  symlinkSync(program, join(only.path, name));
  vi.stubEnv('PATH', only.path);
  const [message] = await find({ REPORTS_PORT: await occupyPort() });
  only.remove();
  expect(message).toContain(`(pid ${process.pid}).`);
});

test('accepts a port that becomes free in time', async () => {
  const found = find({ REPORTS_PORT: await occupyPort() }, { waitMs: 60_000 });
  server.close();
  expect(await found).toEqual([]);
});

test('reports an address that does not belong to this machine', async () => {
  const [message] = await find({}, { host: '192.0.2.1' });
  expect(message).toMatch(/^Port \d+ on 192\.0\.2\.1 \(\w+\) fails \(EADDRNOTAVAIL\)\.$/);
});

test('ignores invalid ports, which the service reports', async () => {
  expect(await find({ GATEWAY_PORT: 'x', REPORTS_PORT: '70000' })).toEqual([]);
});
