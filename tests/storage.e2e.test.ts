import { execFileSync } from 'node:child_process';
import {
  canMountDisks,
  eventually,
  mountSmallDisk,
  temporaryFolder,
  type SmallDisk,
} from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { executeOperation } from './harness/graphql-clients.js';
import { getInstallationEnv, runCommand, stopScripts } from './harness/script-process.js';
import { startTestPlatform, type TestPlatform } from './harness/test-platform.js';

const hasDisks = canMountDisks();
const DISK_KB = 16_384;

let disk: SmallDisk | undefined;
let platform: TestPlatform;
beforeAll(async () => {
  disk = hasDisks ? mountSmallDisk(DISK_KB) : undefined;
  const folder = disk ? { path: disk.path, remove: () => undefined } : temporaryFolder();
  platform = await startTestPlatform({ folder, env: { MIN_FREE_DISK_MB: '2' } });
});
afterEach(stopScripts);
afterAll(async () => {
  disk?.free();
  await platform.close();
  disk?.remove();
});

let createdCount = 0;
const createRule = (name = `Rule ${++createdCount}`) =>
  executeOperation<{ createRule: { rule: { name: string } } }>(
    platform.url,
    'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { name } } }',
    { input: { userId: 'ana', name, opening: 'Shop', maxOpenSeconds: 60, clientMutationId: name } },
  );
const readServices = async () => {
  const { data } = await executeOperation<{ services: { name: string; status: string; reason: string }[] }>(
    platform.url,
    '{ services { name status reason } }',
  );
  return data?.services ?? [];
};
const findReason = async (name: string, status: string) =>
  (await readServices()).find((service) => service.name === name && service.status === status)?.reason;
const waitUntilAllUp = () =>
  eventually(
    async () =>
      expect((await readServices()).map(({ name, status }) => `${name} ${status}`)).toStrictEqual(
        ['gateway', 'heartbeat', 'monitoring', 'reports'].map((name) => `${name} UP`),
      ),
    30_000,
  );

describe('a full disk', () => {
  it.skipIf(!hasDisks)(
    'is reported by name, refuses commands with a code, and heals without a restart',
    async () => {
      await waitUntilAllUp();
      expect((await createRule()).errors).toBeUndefined();
      disk?.fill();
      const refused = await createRule('Refused');
      expect(refused).toMatchObject({
        errors: [{ path: ['createRule'], extensions: { code: 'STORAGE_FULL', serviceName: 'monitoring' } }],
      });
      await eventually(async () =>
        expect(await findReason('monitoring', 'DEGRADED')).toMatch(
          /cannot store anything: the disk is full \(SQLITE_FULL\)/,
        ),
      );
      // What needs no disk still works.
      expect((await executeOperation(platform.url, '{ rules { totalCount } }')).errors).toBeUndefined();
      for (const name of ['reports', 'heartbeat'])
        await eventually(async () =>
          expect(await findReason(name, 'DEGRADED')).toMatch(/free disk space|is full/),
        );
      expect((await fetch(`${platform.getOrigin('monitoring')}/ready`)).status).toBe(503);
      const status = await runCommand('status', [], { env: getInstallationEnv(platform) });
      expect(status).toMatchObject({ code: 1, stderr: '' });
      expect(status.stdout).toContain('storage=STORAGE_FULL');
      disk?.free();
      await waitUntilAllUp();
      expect((await createRule('Refused')).errors).toBeUndefined();
      await eventually(async () => {
        const { data } = await executeOperation<{ rules: { totalCount: number } }>(
          platform.url,
          '{ rules { totalCount } }',
        );
        expect(data?.rules.totalCount).toBe(2);
      });
    },
  );
});

describe('a process without free file descriptors', () => {
  const setLimit = (limit: number) =>
    execFileSync('prlimit', ['--pid', String(platform.getProcessId('monitoring')), `--nofile=${limit}:`]);

  it('is reported, and heals without a restart', async () => {
    await waitUntilAllUp();
    // What is open stays open. A new file would get a number of 3 or more.
    setLimit(3);
    await eventually(
      async () => expect(await findReason('monitoring', 'DEGRADED')).toMatch(/too many are open \(EMFILE\)/),
      30_000,
    );
    setLimit(1_024);
    await waitUntilAllUp();
    expect((await createRule()).errors).toBeUndefined();
  });
});

describe('a Redis that pauses writes, as during a failover', () => {
  it('makes no service DOWN, and all are UP afterwards', async () => {
    await waitUntilAllUp();
    const admin = new Redis(platform.redis.url);
    await admin.client('PAUSE', 60_000, 'WRITE');
    const seen = new Set<string>();
    await eventually(async () => {
      for (const { status } of await readServices()) seen.add(status);
      // Longer than 5 heartbeat intervals, after which silence would be DOWN.
      expect(await findReason('reports', 'UNKNOWN')).toMatch(/no messages for ([5-9]|\d\d)\.\d s/);
    }, 30_000);
    await admin.client('UNPAUSE');
    admin.disconnect();
    await eventually(async () => {
      const services = await readServices();
      for (const { status } of services) seen.add(status);
      expect(services.every(({ status }) => status === 'UP')).toBe(true);
    }, 30_000);
    expect([...seen].sort()).toStrictEqual(['UNKNOWN', 'UP']);
  });
});
