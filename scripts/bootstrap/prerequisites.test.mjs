import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findFreeServicePorts } from '@seguridad-abc/cli';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { describeRunningStart, findPortProblems, RUNNING_START_FILE } from './prerequisites.mjs';

describe('findPortProblems', () => {
  const server = createServer();
  afterEach(() => server.close());

  /** @returns {Promise<number>} a port in use */
  async function occupyPort() {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  }

  /** With free ports, unless `env` has others. @param {Record<string, string>} env */
  const find = async (env, waitMs = 0) =>
    findPortProblems({ ...(await findFreeServicePorts()), ...env }, waitMs);

  test('reports a port in use with its setting and its holder, and offers a free port', async () => {
    const port = await occupyPort();
    const ports = { ...(await findFreeServicePorts()), REPORTS_PORT: String(port) };
    const [problem, hint, free = '', ...rest] = await findPortProblems(ports, 0);
    expect(problem).toMatch(
      new RegExp(
        `^Port ${port} on 127.0.0.1 \\(REPORTS_PORT\\) is in use by .+ \\(pid ${process.pid}\\)\\.$`,
      ),
    );
    expect(hint).toMatch(/set free ones in the file \.env/);
    expect(rest).toEqual([]);
    const [setting = '', freePort = ''] = free.split('=');
    expect(setting).toBe('REPORTS_PORT');
    expect(Object.values(ports)).not.toContain(freePort);
    expect(await findPortProblems({ ...ports, REPORTS_PORT: freePort }, 0)).toEqual([]);
  });

  test('accepts a port that becomes free in time', async () => {
    const port = await occupyPort();
    const found = find({ REPORTS_PORT: String(port) }, 60_000);
    server.close();
    expect(await found).toEqual([]);
  });

  test('reports an address that does not belong to this machine', async () => {
    const [message] = await find({ HOST: '192.0.2.1' });
    expect(message).toMatch(/^Port \d+ on 192\.0\.2\.1 \(\w+\) fails \(EADDRNOTAVAIL\)\.$/);
  });

  test('ignores invalid ports, which the service reports', async () => {
    expect(await find({ GATEWAY_PORT: 'x', REPORTS_PORT: '70000' })).toEqual([]);
  });
});

test('a running start is described, one that has ended is not', () => {
  const folder = temporaryFolder();
  const write = (/** @type {number} */ pid) =>
    writeFileSync(
      join(folder.path, RUNNING_START_FILE),
      JSON.stringify({ pid, url: 'http://127.0.0.1:4000' }),
    );
  expect(describeRunningStart(folder.path)).toBeUndefined();
  write(process.pid);
  expect(describeRunningStart(folder.path)).toBe(
    `This installation already runs (pid ${process.pid}): http://127.0.0.1:4000. Stop it with Ctrl-C in its terminal.`,
  );
  write(spawnSync('true').pid);
  expect(describeRunningStart(folder.path)).toBeUndefined();
  folder.remove();
});
