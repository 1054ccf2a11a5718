import { once } from 'node:events';
import { createServer } from 'node:net';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkPrerequisites } from '../../scripts/install/prerequisites.mjs';
import { findRedisProgram } from '../../scripts/install/redis-program.mjs';
import { readInstallationSettings } from '../../scripts/shared/installation-settings.mjs';
import { findFreeServicePorts } from '../../scripts/shared/ports.mjs';

const { signal } = new AbortController();
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  // No program is found, and nothing may be installed.
  vi.stubEnv('PATH', folder.path);
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  folder.remove();
});

const check = async (env: Record<string, string> = {}, nodeProblem?: string) =>
  checkPrerequisites({
    settings: readInstallationSettings({ ...(await findFreeServicePorts()), ...env }),
    nodeProblem,
    signal,
  });

function addProgram(name: string): void {
  writeFileSync(join(folder.path, name), '#!/bin/sh\n');
  chmodSync(join(folder.path, name), 0o755);
}

test('all problems are reported together', async () => {
  const servers = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')];
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const [gateway, reports] = servers.map((server) => String((server.address() as { port: number }).port));
  const error: unknown = await check(
    { GATEWAY_PORT: gateway!, REPORTS_PORT: reports! },
    'Node is old.',
  ).catch((thrown: unknown) => thrown);
  const lines = (error as Error).message.split('\n');
  expect(lines).toEqual([
    'Node is old.',
    expect.stringMatching(
      /^There is no Redis or Valkey server on this machine: run "[^"]+".*, or set REDIS_URL/,
    ),
    expect.stringMatching(
      `^Port ${reports!} on 127.0.0.1 \\(REPORTS_PORT\\) is in use by .* \\(pid ${process.pid}\\)\\.$`,
    ),
    expect.stringMatching(`^Port ${gateway!} on 127.0.0.1 \\(GATEWAY_PORT\\) is in use by .*\\.$`),
    expect.stringMatching(
      /^Stop what uses these ports, or run: REPORTS_PORT=\d+ GATEWAY_PORT=\d+ npm start$/,
    ),
  ]);
  for (const server of servers) server.close();
});

test('a user who may not install packages is told the command', async () => {
  addProgram('pacman');
  await expect(check()).rejects.toThrow(
    /^There is no Redis or Valkey server on this machine: run "sudo (apt-get install -y redis-server|pacman -S valkey)", or set REDIS_URL/,
  );
});

test('nothing is missing with REDIS_URL', async () => {
  const port = String(await freePort());
  const { ports, installer } = await check({ REDIS_URL: 'redis://127.0.0.1:6379', GATEWAY_PORT: port });
  expect(installer).toBeUndefined();
  expect(ports).toMatchObject({ GATEWAY_PORT: port });
});

test('valkey-server is found, and preferred to redis-server', async () => {
  addProgram('redis-server');
  addProgram('valkey-server');
  expect(findRedisProgram()).toBe(join(folder.path, 'valkey-server'));
  await expect(check()).resolves.toMatchObject({ installer: undefined });
});
