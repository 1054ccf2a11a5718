import { once } from 'node:events';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findFreeServicePorts, findOnPath, findRedisProgram, type ServicePorts } from '@seguridad-abc/cli';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkPrerequisites } from '../../scripts/bootstrap/prerequisites.mjs';

let folder: ReturnType<typeof temporaryFolder>;
let ports: ServicePorts;
let lines: string[];
beforeEach(async () => {
  folder = temporaryFolder();
  lines = [];
  ports = await findFreeServicePorts();
  for (const [setting, port] of Object.entries(ports)) vi.stubEnv(setting, port);
  for (const name of ['HOST', 'REDIS_URL']) vi.stubEnv(name, '');
  // No other program is found, and nothing may be installed.
  for (const name of ['python3', 'make', 'c++']) symlinkSync(findOnPath(['true'])!, join(folder.path, name));
  vi.stubEnv('PATH', folder.path);
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  folder.remove();
});

const check = () => checkPrerequisites(true);

function addProgram(name: string): void {
  writeFileSync(join(folder.path, name), '#!/bin/sh\n');
  chmodSync(join(folder.path, name), 0o755);
}

test('all problems are reported together, each with what to do', async () => {
  const servers = [ports.GATEWAY_PORT, ports.REPORTS_PORT].map((port) =>
    createServer().listen(Number(port), '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const error: unknown = await check().catch((thrown: unknown) => thrown);
  const [redis, ...portProblems] = (error as Error).message.split('\n');
  expect(redis).toMatch(
    /^There is no Redis or Valkey server on this machine: run "sudo apt-get install -y redis-server".*, or set REDIS_URL/,
  );
  const describePort = (setting: keyof ServicePorts) =>
    `Port ${ports[setting]} on 127.0.0.1 cannot be used (EADDRINUSE): free it, or set ${setting} in the file .env.`;
  expect(portProblems).toEqual([describePort('GATEWAY_PORT'), describePort('REPORTS_PORT')]);
  for (const server of servers) server.close();
});

test('a missing compiler is noted: a prebuilt binary may make it unnecessary', async () => {
  addProgram('redis-server');
  await expect(check()).resolves.toBeUndefined();
  expect(lines).toEqual([]);
  vi.stubEnv('PATH', '/nowhere');
  vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:6379');
  await expect(check()).resolves.toBeUndefined();
  expect(lines).toEqual([
    expect.stringMatching(
      /^If better-sqlite3 must be compiled, this stops the start: python3, make or a C\+\+ compiler is missing: run "sudo apt-get install /,
    ),
  ]);
});

test('no Redis is needed with REDIS_URL', async () => {
  vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:6379');
  await expect(check()).resolves.toBeUndefined();
});

test('valkey-server is found, and preferred to redis-server', async () => {
  addProgram('redis-server');
  addProgram('valkey-server');
  expect(findRedisProgram()).toBe(join(folder.path, 'valkey-server'));
  await expect(check()).resolves.toBeUndefined();
});
