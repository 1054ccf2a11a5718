import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findFreeServicePorts } from '@seguridad-abc/cli';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findOnPath, findPortProblems } from './prerequisites.mjs';

describe('findOnPath', () => {
  /** @type {string} */
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'path-'));
    for (const name of ['first', 'second', 'no-program']) writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, 'first'), 0o755);
    chmodSync(join(folder, 'second'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('returns the first name that exists in any folder', () => {
    const path = ['/nowhere', folder].join(delimiter);
    expect(findOnPath(['absent', 'second', 'first'], path)).toBe(join(folder, 'second'));
  });

  test('ignores a file that is not executable', () => {
    expect(findOnPath(['no-program'], folder)).toBeUndefined();
  });
});

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

  test('reports a port in use with its setting, its holder and a free port', async () => {
    const port = await occupyPort();
    const { messages, free } = await find({ REPORTS_PORT: String(port) });
    expect(messages).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Port ${port} on 127.0.0.1 \\(REPORTS_PORT\\) is in use by .+ \\(pid ${process.pid}\\)\\.$`,
        ),
      ),
    ]);
    expect(Object.keys(free)).toEqual(['REPORTS_PORT']);
    expect((await find(free)).messages).toEqual([]);
  });

  test('offers a port that no other setting has', async () => {
    const port = await occupyPort();
    const next = String(port + 1);
    const { free } = await find({ REPORTS_PORT: String(port), GATEWAY_PORT: next });
    expect(Object.values(free)).not.toContain(next);
  });

  test('accepts a port that becomes free in time', async () => {
    const port = await occupyPort();
    const found = find({ REPORTS_PORT: String(port) }, 60_000);
    server.close();
    expect(await found).toEqual({ messages: [], free: {} });
  });

  test('rejects two settings with the same port', async () => {
    const { MONITORING_PORT } = await findFreeServicePorts();
    const { messages } = await find({ MONITORING_PORT, REPORTS_PORT: MONITORING_PORT });
    expect(messages).toEqual([
      `MONITORING_PORT and REPORTS_PORT are both ${MONITORING_PORT}: give each its own port.`,
    ]);
  });

  test('reports an address that does not belong to this machine', async () => {
    const { messages } = await find({ HOST: '192.0.2.1' });
    expect(messages[0]).toMatch(/^Port \d+ on 192\.0\.2\.1 \(\w+\) fails \(EADDRNOTAVAIL\)\.$/);
  });

  test('ignores invalid ports, which the service reports', async () => {
    const found = await find({ GATEWAY_PORT: 'x', REPORTS_PORT: '70000' });
    expect(found).toEqual({ messages: [], free: {} });
  });
});
