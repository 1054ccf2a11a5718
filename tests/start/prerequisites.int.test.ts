import { once } from 'node:events';
import { createServer } from 'node:net';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findFreeServicePorts, findOnPath, findRedisProgram } from '@seguridad-abc/cli';
import { freePort, temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkPrerequisites, findPortProblems } from '../../scripts/bootstrap/prerequisites.mjs';

const REAL_PATH = process.env['PATH'];
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  // No other program is found, and nothing may be installed.
  symlinkSync(findOnPath(['ss', 'lsof'])!, join(folder.path, basename(findOnPath(['ss', 'lsof'])!)));
  vi.stubEnv('PATH', folder.path);
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  folder.remove();
});

const check = async (env: Record<string, string> = {}, nodeProblem?: string) =>
  checkPrerequisites({ ...(await findFreeServicePorts()), ...env }, { nodeProblem, checksPorts: true });

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
    expect.stringMatching(`^Port ${gateway!} on 127.0.0.1 \\(GATEWAY_PORT\\) is in use by .*\\.$`),
    expect.stringMatching(
      `^Port ${reports!} on 127.0.0.1 \\(REPORTS_PORT\\) is in use by .* \\(pid ${process.pid}\\)\\.$`,
    ),
    expect.stringMatching(/^Stop what uses these ports, or set free ones in the file \.env, /),
    expect.stringMatching(/^GATEWAY_PORT=\d+$/),
    expect.stringMatching(/^REPORTS_PORT=\d+$/),
  ]);
  for (const server of servers) server.close();
});

test('a user who may not install packages gets the command', async () => {
  await expect(check()).rejects.toThrow(
    /^There is no Redis or Valkey server on this machine: run "sudo apt-get install -y redis-server".*, or set REDIS_URL/,
  );
});

test('nothing is missing with REDIS_URL', async () => {
  const port = String(await freePort());
  await expect(check({ REDIS_URL: 'redis://127.0.0.1:6379', GATEWAY_PORT: port })).resolves.toBeUndefined();
});

test('valkey-server is found, and preferred to redis-server', async () => {
  addProgram('redis-server');
  addProgram('valkey-server');
  expect(findRedisProgram()).toBe(join(folder.path, 'valkey-server'));
  await expect(check()).resolves.toBeUndefined();
});

test.each(['ss', 'lsof'])('%s names the program that uses a port', async (name) => {
  const program = findOnPath([name], REAL_PATH);
  if (program === undefined) return;
  const only = temporaryFolder();
  symlinkSync(program, join(only.path, name));
  vi.stubEnv('PATH', only.path);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const [message] = await findPortProblems(
    { ...(await findFreeServicePorts()), REPORTS_PORT: String(port) },
    0,
  );
  server.close();
  only.remove();
  expect(message).toContain(`(pid ${process.pid}).`);
});
