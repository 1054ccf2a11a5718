import {
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createBackup, restoreBackup, type RestoreOptions } from '@seguridad-abc/cli';
import {
  createMonitoringService,
  prepareRestoredDatabase,
  readMonitoringConfig,
} from '@seguridad-abc/monitoring';
import {
  copySqliteFile,
  createAuditVerifier,
  createLogger,
  parseAuditAnchor,
  type Service,
} from '@seguridad-abc/platform';
import { DEFAULT_REDIS_NAMES, auditPageSchema } from '@seguridad-abc/contracts';
import {
  createLogClient,
  createReportsService,
  readReportsConfig,
  verifyReadModel,
} from '@seguridad-abc/reports';
import {
  eventually,
  freePort,
  startRedis,
  temporaryFolder,
  type TestRedis,
} from '@seguridad-abc/platform/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { executeOperation } from './harness/graphql-clients.js';

const SECRET = 'a secret of an installation of a test';
const LOG_TIMEOUT_MS = 5_000;
const HOUR_MS = 3_600_000;
const LONG_AGO = '2020-01-01T00:00:00.000Z';
/** Reports looks at an idle stream at this interval. */
const PROJECTOR_TIMING = { blockMs: 100, idleCheckMs: 60_000, retryMs: 20, maxRetryMs: 100 };

let redis: TestRedis;
let redisClient: Redis;
let folder: ReturnType<typeof temporaryFolder>;
let ports: { readonly monitoring: string; readonly reports: string };
const running = new Map<'monitoring' | 'reports', Service>();
beforeAll(async () => {
  redis = await startRedis();
  redisClient = new Redis(redis.url);
});
afterAll(async () => {
  redisClient.disconnect();
  await redis.close();
});
beforeEach(async () => {
  await redisClient.flushall();
  folder = temporaryFolder();
  ports = { monitoring: String(await freePort()), reports: String(await freePort()) };
});
afterEach(async () => {
  await stop('reports', 'monitoring');
  folder.remove();
});

const getDataDir = () => join(folder.path, 'data');
const getBackupFolder = (name = 'backup') => join(folder.path, name);
const getFile = (name: string) => join(getDataDir(), name);

async function start(...names: ('monitoring' | 'reports')[]) {
  for (const name of names) {
    const env = {
      AUTH: 'off',
      DATA_DIR: getDataDir(),
      INSTALLATION_SECRET: SECRET,
      LOG_LEVEL: 'silent',
      MONITORING_PORT: ports.monitoring,
      REDIS_URL: redis.url,
      REPORTS_PORT: ports.reports,
    };
    const service =
      name === 'monitoring'
        ? createMonitoringService(readMonitoringConfig(env))
        : createReportsService(readReportsConfig(env), { timing: PROJECTOR_TIMING });
    await service.start();
    running.set(name, service);
  }
}

async function stop(...names: ('monitoring' | 'reports')[]) {
  for (const name of names) {
    await running.get(name)?.stop();
    running.delete(name);
  }
}

const getUrl = (name: 'monitoring' | 'reports') => `http://127.0.0.1:${ports[name]}/graphql`;

async function mutate(query: string, variables: Record<string, unknown>): Promise<void> {
  const { errors } = await executeOperation(getUrl('monitoring'), query, variables);
  expect(errors).toBeUndefined();
}

const createRules = async (names: readonly string[], userId = 'ana') => {
  for (const name of names)
    await mutate('mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }', {
      input: { userId, name, opening: `Door of ${userId}`, maxOpenSeconds: 60, effectiveFrom: LONG_AGO },
    });
};

/** Opens a door for ten minutes: each rule of the user raises an alarm. */
const recordReadings = async (startedAt: number, userId = 'ana') => {
  const readings = ['OPEN', 'CLOSED'].map((state, index) => ({
    id: `${startedAt} ${state}`,
    opening: `Door of ${userId}`,
    state,
    at: new Date(startedAt + index * 600_000).toISOString(),
  }));
  const query = 'mutation ($input: RecordReadingsInput!) { recordReadings(input: $input) { accepted } }';
  await mutate(query, { input: { userId, readings } });
};

async function findRuleNames(): Promise<string[]> {
  const { data } = await executeOperation(getUrl('reports'), '{ rules(first: 100) { nodes { name } } }');
  return (data as { rules: { nodes: { name: string }[] } }).rules.nodes.map(({ name }) => name).reverse();
}

const verify = (isRepairing = false) =>
  verifyReadModel({
    dataDir: getDataDir(),
    readLogPage: createLogClient(`http://127.0.0.1:${ports.monitoring}`, {}, LOG_TIMEOUT_MS),
    isRepairing,
    signal: new AbortController().signal,
    logger: createLogger('test', 'silent'),
  });

/** Reports has every rule, and each of its rows follows from the log. */
const untilEqual = async (ruleNames: readonly string[]) => {
  await eventually(async () => expect(await findRuleNames()).toStrictEqual(ruleNames));
  await eventually(async () => expect((await verify()).differences).toStrictEqual([]));
};

const settings = () => ({
  dataDir: getDataDir(),
  identity: { required: false, issuer: undefined, secret: SECRET, token: undefined },
});
const backUp = (name = 'backup', withSecrets = false) =>
  createBackup({
    settings: settings(),
    folder: getBackupFolder(name),
    withSecrets,
    version: '0.1.0',
    now: () => new Date(),
  });
const restore = (overrides: Partial<RestoreOptions> = {}) =>
  restoreBackup({
    settings: settings(),
    folder: getBackupFolder(),
    isReplacing: true,
    acceptsNewSecret: false,
    prepare: (request) =>
      Promise.resolve(prepareRestoredDatabase({ ...request, now: new Date().toISOString() })),
    now: () => new Date(),
    ...overrides,
  });

const BEFORE = ['a', 'b', 'c'];
const LOST = ['lost 1', 'lost 2'];
const AFTER = ['new 1', 'new 2', 'new 3', 'new 4'];

describe('a database that is replaced by an older copy', () => {
  test.each([
    ['while reports runs', 'running'],
    ['while nothing runs', 'stopped'],
    ['and Redis has lost the stream', 'no stream'],
  ] as const)('%s: reports loses what the log has lost, and follows new commands', async (_, kind) => {
    await start('monitoring', 'reports');
    await createRules(BEFORE);
    await copySqliteFile(getFile('monitoring.sqlite'), join(folder.path, 'older.sqlite'));
    await createRules(LOST);
    await recordReadings(Date.now() - HOUR_MS);
    await untilEqual([...BEFORE, ...LOST]);
    await stop('monitoring');
    if (kind !== 'running') await stop('reports');
    if (kind === 'no stream') await redisClient.del(DEFAULT_REDIS_NAMES.logStream);
    for (const suffix of ['-wal', '-shm']) rmSync(getFile(`monitoring.sqlite${suffix}`), { force: true });
    copyFileSync(join(folder.path, 'older.sqlite'), getFile('monitoring.sqlite'));
    await start('monitoring');
    // The log passes its old end before anybody compares it.
    await createRules(AFTER);
    if (kind !== 'running') await start('reports');
    await untilEqual([...BEFORE, ...AFTER]);
    await createRules(['later']);
    await untilEqual([...BEFORE, ...AFTER, 'later']);
  });
});

async function verifyAuditTrail(): Promise<{ problems: unknown[]; actions: string[] }> {
  const response = await fetch(`http://127.0.0.1:${ports.monitoring}/audit?order=ascending&limit=500`);
  const { entries } = auditPageSchema.parse(await response.json());
  const verifier = createAuditVerifier();
  const problems = entries.flatMap((entry) => verifier.verify(entry));
  return { problems: [...problems, ...verifier.verifyStart()], actions: entries.map(({ action }) => action) };
}

describe('npm run restore', () => {
  test('restores an online backup beside a Redis that knows a later history', async () => {
    await start('monitoring', 'reports');
    await createRules(BEFORE);
    await recordReadings(Date.now() - 2 * HOUR_MS);
    await mutate(
      'mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { device { id } } }',
      {
        input: { userId: 'ana', name: 'Sensor' },
      },
    );
    await createRules(['of ben'], 'ben');
    await untilEqual([...BEFORE, 'of ben']);
    const manifest = await backUp();
    await createRules(LOST);
    await mutate('mutation ($input: EraseUserDataInput!) { eraseUserData(input: $input) { pseudonym } }', {
      input: { userId: 'ben' },
    });
    await untilEqual([...BEFORE, ...LOST]);
    await expect(restore()).rejects.toThrow(/Another \w+ process already works in the data folder/);
    await stop('reports', 'monitoring');
    await expect(restore({ isReplacing: false })).rejects.toThrow(/has databases: .*--replace/);

    const report = await restore();
    expect(report).toMatchObject({ position: manifest.log.position, repeatedErasures: 1 });
    expect(readdirSync(report.replacedFolder ?? '')).toContain('monitoring.sqlite');
    expect(readdirSync(getDataDir()).filter((name) => name.startsWith('.'))).toStrictEqual([]);
    await start('monitoring', 'reports');
    await createRules(AFTER);
    await untilEqual([...BEFORE, ...AFTER]);
    const { problems, actions } = await verifyAuditTrail();
    expect(problems).toStrictEqual([]);
    expect(actions).toContain('restoreBackup');
    const { data } = await executeOperation(
      getUrl('reports'),
      '{ user(id: "ana") { devices { name } alarms { totalCount } } }',
    );
    expect(data).toMatchObject({
      user: { devices: [{ name: 'Sensor' }], alarms: { totalCount: BEFORE.length + AFTER.length } },
    });
  });

  test('restores into an empty installation beside a Redis of another log', async () => {
    await start('monitoring', 'reports');
    await createRules(BEFORE);
    await untilEqual(BEFORE);
    await backUp();
    await stop('reports', 'monitoring');
    rmSync(getDataDir(), { recursive: true });
    await redisClient.flushall();
    await start('monitoring', 'reports');
    await createRules([...LOST, 'd', 'e', 'f']);
    await stop('reports', 'monitoring');
    rmSync(getDataDir(), { recursive: true });
    await restore({ isReplacing: false });
    await start('monitoring', 'reports');
    await createRules(AFTER);
    await untilEqual([...BEFORE, ...AFTER]);
  });

  test('restores the state at an earlier position', async () => {
    await start('monitoring', 'reports');
    await createRules(BEFORE);
    const startedAt = Date.now() - 3 * HOUR_MS;
    await recordReadings(startedAt);
    const { log } = await backUp('first');
    await createRules(LOST);
    await recordReadings(startedAt + HOUR_MS);
    await untilEqual([...BEFORE, ...LOST]);
    await backUp();
    await stop('reports', 'monitoring');
    await expect(restore({ toPosition: 1_000 })).rejects.toThrow(/choose an earlier position/);
    expect(await restore({ toPosition: log.position })).toMatchObject({ position: log.position });
    await start('monitoring', 'reports');
    await untilEqual(BEFORE);
    // The same readings are new again, and raise the same alarms.
    await recordReadings(startedAt + HOUR_MS);
    await createRules(AFTER);
    await untilEqual([...BEFORE, ...AFTER]);
    expect((await verifyAuditTrail()).problems).toStrictEqual([]);
  });

  test('refuses a damaged backup before it changes anything', async () => {
    await start('monitoring', 'reports');
    await createRules(BEFORE);
    await backUp();
    await stop('reports', 'monitoring');
    const listContent = () => readdirSync(getDataDir()).filter((name) => !name.endsWith('.lock'));
    const before = listContent();
    const flipByte = (content: Buffer) => {
      content.writeUInt8(content.readUInt8(5_000) ^ 1, 5_000);
      return content;
    };
    const cases: [string, (content: Buffer) => Buffer, RegExp][] = [
      ['monitoring.sqlite', flipByte, /damaged: .*monitoring\.sqlite was changed/],
      ['reports.sqlite', (content) => content.subarray(0, 4_096), /reports\.sqlite was changed/],
      ['manifest.json', (content) => content.subarray(0, 100), /manifest\.json cannot be used/],
      [
        'manifest.json',
        (content) => Buffer.from(content.toString().replace('"position": 3', '"position": 2')),
        /the end of the event log differs from the manifest|the checkpoint differs/,
      ],
    ];
    for (const [file, change, message] of cases) {
      const path = join(getBackupFolder(), file);
      const content = readFileSync(path);
      writeFileSync(path, change(Buffer.from(content)));
      await expect(restore()).rejects.toThrow(message);
      writeFileSync(path, content);
    }
    rmSync(join(getBackupFolder(), 'reports.sqlite'));
    await expect(restore()).rejects.toThrow(/reports\.sqlite is missing/);
    expect(listContent()).toStrictEqual(before);
  });

  test('moves the present databases back if the restored ones cannot be moved into place', async () => {
    await start('monitoring', 'reports');
    await createRules(BEFORE);
    writeFileSync(getFile('issuer-key.pem'), 'key');
    await backUp('backup', true);
    await createRules(LOST);
    await untilEqual([...BEFORE, ...LOST]);
    await stop('reports', 'monitoring');
    rmSync(getFile('issuer-key.pem'));
    symlinkSync('nowhere', getFile('issuer-key.pem'));
    await expect(restore()).rejects.toThrow('EEXIST');
    expect(readdirSync(getDataDir()).filter((name) => name.includes('replaced'))).toStrictEqual([]);
    await start('monitoring', 'reports');
    await untilEqual([...BEFORE, ...LOST]);
  });

  test('refuses another installation secret, unless it is accepted', async () => {
    await start('monitoring');
    await createRules(BEFORE);
    await backUp();
    await stop('monitoring');
    const identity = { ...settings().identity, secret: 'another secret of an installation' };
    const other = { settings: { ...settings(), identity } };
    await expect(restore(other)).rejects.toThrow(/not the one of the backup.*--new-secret/s);
    await restore({ ...other, acceptsNewSecret: true });
  });
});

describe('npm run backup', () => {
  test('is readable by its owner only, covers the read model, and is never overwritten', async () => {
    await start('monitoring', 'reports');
    await createRules(BEFORE);
    await untilEqual(BEFORE);
    const writing = createRules(AFTER);
    const manifest = await backUp('backup', true);
    await writing;
    expect(manifest.readModel?.position).toBeLessThanOrEqual(manifest.log.position);
    expect(manifest.readModel?.logId).toBe(manifest.log.logId);
    expect(parseAuditAnchor(manifest.auditAnchor)?.sequence).toBeGreaterThanOrEqual(3);
    expect(statSync(getBackupFolder()).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(getBackupFolder()))
      expect(statSync(join(getBackupFolder(), name)).mode & 0o777, name).toBe(0o600);
    expect(readdirSync(folder.path).filter((name) => name.includes('partial'))).toStrictEqual([]);
    await expect(backUp()).rejects.toThrow(/exists already: name a new folder/);
  });

  test('needs a database of monitoring', async () => {
    await expect(backUp()).rejects.toThrow(/has no database of monitoring/);
  });
});
