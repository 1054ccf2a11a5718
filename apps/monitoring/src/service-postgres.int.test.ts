import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  canMountDisks,
  eventually,
  freePort,
  mountSmallDisk,
  startPostgres,
  startRedis,
  temporaryFolder,
  type TestPostgres,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { readMonitoringConfig } from './config.js';
import { createMonitoringService } from './service.js';
import { migrateStore } from './store-migration/migrate-store.js';

let redis: TestRedis;
let server: TestPostgres;
let databaseUrl: string;
let folder: ReturnType<typeof temporaryFolder>;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.close());
beforeEach(async () => {
  // The stream of another log would block the relay.
  redis = await startRedis();
  folder = temporaryFolder();
  databaseUrl = await server.createDatabase();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined);
  await redis.close();
  folder.remove();
});

const SHARED = { INSTALLATION_SECRET: 'a secret of one installation, long enough' };
const readConfig = (overrides: Record<string, string>) =>
  readMonitoringConfig({
    REDIS_URL: redis.url,
    DATA_DIR: folder.path,
    LOG_LEVEL: 'silent',
    AUTH: 'off',
    ...overrides,
  });

async function start(overrides: Record<string, string>) {
  const port = await freePort();
  const service = createMonitoringService(readConfig({ MONITORING_PORT: String(port), ...overrides }));
  const stop = () => service.stop();
  stops.push(stop);
  await service.start();
  return {
    stop,
    async readChecks(): Promise<Record<string, unknown>> {
      const ready = await fetch(`http://127.0.0.1:${port}/ready`);
      return ((await ready.json()) as { checks: Record<string, unknown> }).checks;
    },
    async readHead(): Promise<unknown> {
      return ((await (await fetch(`http://127.0.0.1:${port}/log?after=999999`)).json()) as { head: number })
        .head;
    },
    async compact() {
      const response = await fetch(`http://127.0.0.1:${port}/log/compaction`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ before: '2020-01-01T00:00:00.000Z', isDryRun: true }),
      });
      return { status: response.status, body: await response.json() };
    },
    async createRule(name: string) {
      const query = `mutation { createRule(input: { userId: "ana", name: "${name}", opening: "Shop", maxOpenSeconds: 60 }) { rule { id } } }`;
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as {
        errors?: { message: string; extensions: { code: string } }[];
      };
    },
  };
}

it('two instances take commands; the leader publishes them, and the other one takes over when it stops', async () => {
  const first = await start({ ...SHARED, DATABASE_URL: databaseUrl });
  const second = await start({ ...SHARED, DATABASE_URL: databaseUrl });
  await eventually(async () => expect(await first.readChecks()).toMatchObject({ leads: 'true' }), 15_000);
  expect(await second.readChecks()).toMatchObject({ leads: 'false' });
  expect((await first.createRule('A')).errors).toBeUndefined();
  expect((await second.createRule('B')).errors).toBeUndefined();
  await eventually(async () => expect(await first.readChecks()).toMatchObject({ relayed: 2 }), 15_000);
  expect(await second.compact()).toMatchObject({ status: 409, body: { leads: false } });
  expect(await first.compact()).toMatchObject({ status: 202 });
  await first.stop();
  await eventually(async () => expect(await second.readChecks()).toMatchObject({ leads: 'true' }), 15_000);
  expect((await second.createRule('C')).errors).toBeUndefined();
  await eventually(async () => expect(await second.readChecks()).toMatchObject({ relayed: 3 }), 15_000);
  expect(await second.readHead()).toBe(3);
});

it('goes on with the log of a SQLite database that was copied', async () => {
  const old = await start({});
  await old.createRule('A');
  const migrate = (isFinishing: boolean) =>
    migrateStore({
      folder: folder.path,
      databaseUrl,
      isFinishing,
      onTable: () => undefined,
      isStopped: () => false,
      now: () => new Date().toISOString(),
      logger: createMonitoringService(readConfig({})).logger,
    });
  await migrate(false);
  await expect(start({ ...SHARED, DATABASE_URL: databaseUrl })).rejects.toThrow('unfinished copy');
  await old.stop();
  await migrate(true);
  await expect(start({})).rejects.toThrow('set DATABASE_URL');
  const service = await start({ ...SHARED, DATABASE_URL: databaseUrl });
  expect((await service.createRule('A')).errors?.[0]?.message).toContain('already has a rule');
  expect((await service.createRule('B')).errors).toBeUndefined();
  await eventually(async () => expect(await service.readChecks()).toMatchObject({ relayed: 2 }), 15_000);
  await service.stop();
  renameSync(join(folder.path, 'monitoring.migrated.sqlite'), join(folder.path, 'monitoring.sqlite'));
  await start({});
});

it('needs the secret that all machines share', async () => {
  await expect(start({ DATABASE_URL: databaseUrl })).rejects.toThrow(
    'DATABASE_URL is set, which several instances share, but INSTALLATION_SECRET is not set.',
  );
  await expect(start({ REDIS_SENTINELS: 'redis-2:26379' })).rejects.toThrow(
    'REDIS_SENTINELS names another machine (redis-2), but INSTALLATION_SECRET is not set.',
  );
  expect(() => readConfig({ ...SHARED, DATABASE_URL: 'mysql://there' })).toThrow('DATABASE_URL must be');
  expect(readConfig({ ...SHARED, DATABASE_URL: databaseUrl })).toMatchObject({ DATABASE_URL: databaseUrl });
});

it('names the server that it cannot reach', async () => {
  const url = `postgresql://ana:secret@127.0.0.1:${await freePort()}/there`;
  const failed = await start({ ...SHARED, DATABASE_URL: url }).catch((error: unknown) => error);
  expect(String(failed)).toContain('127.0.0.1');
  expect(String(failed)).not.toContain('secret@');
});

const MAX_RULES = 2_000;

it.skipIf(!canMountDisks()).each([
  {
    name: 'the data',
    sizeKb: 131_072,
    getFolders: (path: string) => ({ parent: path }),
    settings: { max_wal_size: '48MB', min_wal_size: '32MB' },
  },
  // The server ends all sessions then, and may end itself.
  {
    name: 'the write-ahead log',
    sizeKb: 16_384,
    getFolders: (path: string) => ({ wal: path }),
    settings: { max_wal_size: '64MB', min_wal_size: '2MB' },
  },
])(
  'keeps what it has confirmed when the disk with $name of PostgreSQL is full, and goes on when there is space',
  async ({ sizeKb, getFolders, settings }) => {
    const disk = mountSmallDisk(sizeKb)!;
    stops.push(() => {
      disk.remove();
      return Promise.resolve();
    });
    chmodSync(disk.path, 0o777);
    const smallServer = await startPostgres(settings, getFolders(disk.path));
    stops.push(() => smallServer.close());
    const url = await smallServer.createDatabase();
    const service = await start({ ...SHARED, DATABASE_URL: url });
    const confirmed: string[] = [];
    const codes = new Set<string>();
    const create = async (name: string) => {
      const { errors } = await service.createRule(name);
      if (errors === undefined) confirmed.push(name);
      else for (const { extensions } of errors) codes.add(extensions.code);
      return errors === undefined;
    };
    await create('before');
    disk.fill();
    for (let n = 0; codes.size === 0 && n < MAX_RULES; n++) await create(`during ${n}`);
    await create('refused');
    expect([...codes].filter((code) => !/^STORAGE_(FULL|UNAVAILABLE)$/.test(code))).toStrictEqual([]);
    expect(codes.size).toBeGreaterThan(0);

    disk.free();
    await eventually(async () => {
      // A process manager would do this.
      if (!smallServer.isRunning) await smallServer.start();
      expect(await create('after')).toBe(true);
    }, 30_000);
    const { rows } = await smallServer.run(
      'select name, (select count(*)::int from events) as events from rules',
      url.split('/').at(-1),
    );
    const stored = (rows as { name: string }[]).map(({ name }) => name);
    expect(confirmed.filter((name) => !stored.includes(name))).toStrictEqual([]);
    expect(new Set(stored).size).toBe(stored.length);
    expect(rows[0]).toMatchObject({ events: stored.length });
    await eventually(async () => expect(await service.readChecks()).toMatchObject({ storage: 'ok' }));
  },
  60_000,
);
