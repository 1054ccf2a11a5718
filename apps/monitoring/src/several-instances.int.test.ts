import { randomUUID } from 'node:crypto';
import { createLogger, getSqlConnection } from '@seguridad-abc/platform';
import { eventually, recordLogs, startPostgres, type TestPostgres } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHistoryHorizon } from './compaction/history-horizon.js';
import type { CompactionStep } from './compaction/log-compaction.js';
import { getQuotas, readMonitoringConfig } from './config.js';
import { openPostgresMonitoringDatabase } from './db/postgres-database.js';
import { queryRows } from './db/prepared-statement.js';
import { createUserLocks } from './db/user-locks.js';
import { createDeviceCommands } from './devices/device-commands.js';
import { createErasureCommands } from './erasure/erasure-commands.js';
import { LostLeadershipError, type Leadership } from './leadership/leadership.js';
import { createReadingCommands } from './readings/reading-commands.js';
import { createRuleCommands } from './rules/rule-commands.js';
import { reportSharedInstanceId } from './service-database.js';
import { createMonitoringStorage } from './storage.js';
import { createRuleInput, OPERATOR } from './testing/fixtures.js';
import { createTestClock, type TestClock } from './testing/test-clock.js';

const BEGIN = '2026-03-02T12:00:00.000Z';
const DAY_SECONDS = 24 * 60 * 60;
const logger = createLogger('monitoring', 'silent');
const quotas = getQuotas(readMonitoringConfig({}));

let server: TestPostgres;
let clock: TestClock;
let leader: Awaited<ReturnType<typeof openInstance>>;
let other: Awaited<ReturnType<typeof openInstance>>;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.close());
beforeEach(async () => {
  clock = createTestClock(BEGIN);
  const url = await server.createDatabase();
  leader = await openInstance(url, true);
  other = await openInstance(url, false);
});
afterEach(async () => {
  await leader.close();
  await other.close();
});

const createLeadership = (leads: boolean): Leadership => ({
  isLeader: () => leads,
  assertLeader: () => (leads ? Promise.resolve() : Promise.reject(new LostLeadershipError())),
  onElected: () => () => undefined,
  onDeposed: () => () => undefined,
});

/** One of two instances that share a database. */
async function openInstance(url: string, leads: boolean) {
  const events: { onCompactionSlice?: (step: CompactionStep) => Promise<void> } = {};
  const database = await openPostgresMonitoringDatabase({ url, logger });
  const storage = await createMonitoringStorage(database, {
    maxGroupSize: 256,
    latenessAllowanceMs: 0,
    quotas,
    zoneDataVersion: 'test',
    now: clock.now,
    appended: { notify: () => undefined },
    leadership: createLeadership(leads),
    onCompactionSlice: (step) => events.onCompactionSlice?.(step),
    logger,
  });
  const { hasOpening, readingQuotas, horizon } = storage;
  const readings = createReadingCommands(storage.readings, {
    hasOpening,
    quotas: readingQuotas,
    latenessMs: quotas.latenessMs,
    notBefore: '2001-01-01T00:00:00.000Z',
    horizon,
    now: clock.now,
  });
  let ids = 0;
  const createId = () => `${leads ? 'leader' : 'other'} ${++ids}`;
  return {
    events,
    database,
    storage,
    rules: createRuleCommands(storage.rules, createId),
    devices: createDeviceCommands(storage.devices, { createId, deriveKey: (id) => `key of ${id}` }),
    erasures: createErasureCommands(storage.erasures),
    record: (id: string, at: string) =>
      readings.recordReadings(OPERATOR, {
        userId: 'ana',
        readings: [{ id, opening: 'Shop', state: 'OPEN', at }],
      }),
    withdraw: (id: string) =>
      readings.withdrawReadings(OPERATOR, { userId: 'ana', opening: 'Shop', ids: [id], reason: 'A test' }),
    async close() {
      await storage.erasures.stop();
      await storage.compaction.stop();
      await database.close();
    },
  };
}

const getErrorCode = (error: unknown) => (error as { extensions?: { code?: string } }).extensions?.code;
const relayedLog = { waitUntilRelayed: () => Promise.resolve(true), rewrite: () => Promise.resolve() };

describe('the horizon of history', () => {
  const HORIZON = '2026-03-03T12:00:00.000Z';

  it('that one instance publishes binds commands that another one has checked before', async () => {
    await leader.record('r1', BEGIN);
    clock.advance(3 * DAY_SECONDS);
    await leader.storage.compaction.run({ before: HORIZON });
    // The other instance does not know it yet.
    expect(other.storage.horizon.before).toBeUndefined();
    await expect(other.record('old', '2026-03-03T11:59:59.999Z')).rejects.toMatchObject({
      extensions: { code: 'CONFLICT' },
    });
    expect(other.storage.horizon.before).toBe(HORIZON);
    expect(await other.record('old', '2026-03-03T11:59:59.999Z')).toMatchObject({
      accepted: 0,
      refused: [{ code: 'READING_BEFORE_HORIZON' }],
    });
    expect(await other.record('kept', HORIZON)).toMatchObject({ accepted: 1 });
  });

  it('is published when no transaction of another instance is open that knows the one before', async () => {
    await leader.record('r1', BEGIN);
    clock.advance(3 * DAY_SECONDS);
    const { db } = other.database;
    const connection = getSqlConnection(db);
    await connection.control('begin');
    await other.storage.horizon.beginTransaction(false);
    let isPublished = false;
    const compacted = leader.storage.compaction.run({ before: HORIZON }).then(() => (isPublished = true));
    await eventually(async () => {
      const waiting = sql`select 1 from pg_locks where locktype = 'advisory' and not granted`;
      expect(await queryRows(db, waiting)).toHaveLength(1);
    }, 15_000);
    expect(isPublished).toBe(false);
    await connection.control('commit');
    await compacted;
  });

  it('removes rows of a user only while no other instance works on them', async () => {
    await leader.record('r1', BEGIN);
    clock.advance(3 * DAY_SECONDS);
    await leader.record('r2', '2026-03-02T12:00:01.000Z');
    const { db, reader } = other.database;
    const connection = getSqlConnection(db);
    const readReadings = () => queryRows(reader, sql`select id from readings`);
    let isPublished: () => void = () => undefined;
    const published = new Promise<void>((resolve) => (isPublished = resolve));
    leader.events.onCompactionSlice = async (step) => {
      if (step !== 'entries' || connection.isInTransaction) return;
      await connection.control('begin');
      await createUserLocks(db).tryLockUsers(['ana']);
      isPublished();
    };
    const compacted = leader.storage.compaction.run({ before: HORIZON });
    await published;
    await eventually(async () => {
      const waiting = sql`select 1 from pg_locks where locktype = 'advisory' and not granted`;
      expect(await queryRows(reader, waiting)).toHaveLength(1);
    }, 15_000);
    expect(await readReadings()).toHaveLength(2);
    await connection.control('commit');
    expect(await compacted).toMatchObject({ readings: 1 });
    expect(await readReadings()).toHaveLength(1);
  });

  it('that could not be published does not bind, although the database cannot be read then', async () => {
    const { db, reader } = other.database;
    const horizon = await createHistoryHorizon(db, reader);
    await horizon.announce(HORIZON);
    expect(horizon.before).toBe(HORIZON);
    await other.database.close();
    await expect(horizon.reload()).rejects.toThrow();
    expect(horizon.before).toBeUndefined();
  });

  it('is changed by the leader only', async () => {
    await expect(other.storage.compaction.run({ before: BEGIN })).rejects.toMatchObject({
      message: expect.stringContaining('Another instance of monitoring leads') as string,
      extensions: { code: 'CONFLICT' },
    });
  });
});

describe('an erasure', () => {
  it('that one instance accepts is completed by the leader', async () => {
    await other.rules.createRule(OPERATOR, createRuleInput({ userId: 'ana' }));
    await leader.record('r1', BEGIN);
    leader.storage.erasures.start(relayedLog);
    other.storage.erasures.start(relayedLog);
    const outcome = await other.storage.erasures.request(OPERATOR, 'ana');
    if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
    expect(outcome).toMatchObject({ rules: 1, openings: 1 });
    await outcome.fenced;
    expect(await outcome.waitUntilComplete(20_000)).toBe(true);
    const { entries } = await leader.storage.eventLog.read(0, 100);
    expect(entries.filter(({ type }) => type === 'UserErased')).toHaveLength(1);
    expect(JSON.stringify(entries)).not.toContain('"ana"');
    expect(await leader.storage.auditTrail.verifyEnds()).toEqual([]);
  });

  it('that two instances accept at once is one erasure', async () => {
    await other.rules.createRule(OPERATOR, createRuleInput({ userId: 'ana' }));
    leader.storage.erasures.start(relayedLog);
    const outcomes = await Promise.all(
      [leader, other].map(({ erasures }) => erasures.eraseUserData(OPERATOR, { userId: 'ana' })),
    );
    const pseudonyms = outcomes.map(({ pseudonym }) => pseudonym).filter((name) => name !== null);
    expect(new Set(pseudonyms).size).toBe(1);
    const { entries } = await leader.storage.eventLog.read(0, 100);
    expect(entries.filter(({ type }) => type === 'UserErased')).toHaveLength(1);
  });
});

describe('a batch of summaries', () => {
  it('that is repeated at another instance, also at the same time, is stored once', async () => {
    const at = clock.now();
    const summary = { action: 'viewer', outcome: 'FORBIDDEN', role: null, actor: null, address: null };
    const summaries = [{ ...summary, userId: null, subject: null, count: 1, firstAt: at, lastAt: at }];
    const batch = { sender: randomUUID(), batch: 1 };
    await Promise.all([leader, other].map(({ storage }) => storage.appendSummaries(summaries, batch)));
    await other.storage.appendSummaries(summaries, batch);
    const entries = await queryRows(leader.database.reader, sql`select sequence from audit_entries`);
    expect(entries).toHaveLength(1);
  });
});

describe('a device', () => {
  it('that one instance revokes is revoked for the next request at another one', async () => {
    const { device } = await leader.devices.registerDevice(OPERATOR, { userId: 'ana', name: 'Sensor' });
    expect(await other.storage.findDevice(device.id)).toMatchObject({ revokedAt: null });
    await leader.devices.revokeDevice(OPERATOR, { id: device.id });
    expect(await other.storage.findDevice(device.id)).toMatchObject({ revokedAt: BEGIN });
  });

  it('was last seen when the latest of all requests was received', async () => {
    const { device } = await leader.devices.registerDevice(OPERATOR, { userId: 'ana', name: 'Sensor' });
    const seen = async ({ storage }: typeof leader) =>
      (await storage.deviceActivity.find([device.id])).get(device.id);
    const request = { deviceId: device.id, signedAt: 1, bodyHash: 'hash' };
    leader.storage.deviceActivity.recordRequest(device);
    clock.advance(10);
    // It is written at the flush only, after the later one.
    leader.storage.deviceActivity.recordRequest(device);
    clock.advance(90);
    for (const signedAt of [1, 1, 2])
      other.storage.deviceActivity.recordSignedRequest({ ...request, signedAt }, 'ana');
    await other.storage.deviceActivity.flush();
    const latest = clock.now();
    await leader.storage.deviceActivity.flush();
    for (const instance of [leader, other])
      expect(await seen(instance)).toEqual({ lastSeenAt: latest, repeatedRequests: 1 });
  });
});

it('a reading that both instances receive, such as one of a repeated signed request, is stored once', async () => {
  const outcomes = await Promise.all([leader.record('r1', BEGIN), other.record('r1', BEGIN)]);
  expect(outcomes.map(({ accepted }) => accepted).sort()).toEqual([0, 1]);
  const end = await leader.storage.eventLog.end();
  expect(await other.record('r1', BEGIN)).toMatchObject({ accepted: 0, duplicates: 1 });
  expect(await leader.storage.eventLog.end()).toEqual(end);
  // A repetition does not undo what happened since.
  await leader.withdraw('r1');
  const withdrawn = await leader.storage.eventLog.end();
  expect(await other.record('r1', BEGIN)).toMatchObject({ accepted: 0, duplicates: 1 });
  expect(await leader.storage.eventLog.end()).toEqual(withdrawn);
});

it('quotas hold although two instances take commands at once', async () => {
  const ana = { id: 'ana', role: 'customer' } as const;
  const rules = Array.from({ length: quotas.rulesPerOpening + 10 }, (_, index) =>
    (index % 2 === 0 ? leader : other).rules
      .createRule(ana, createRuleInput({ name: `Rule ${index}` }))
      .then(() => 'accepted', getErrorCode),
  );
  const outcomes = await Promise.all(rules);
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(quotas.rulesPerOpening);
  expect(outcomes.filter((outcome) => outcome === 'QUOTA_EXCEEDED')).toHaveLength(10);
});

it('an instance id that another instance has is reported', async () => {
  const { logger: recorder, lines } = recordLogs();
  const [first, second] = [leader.database.control, other.database.control];
  await reportSharedInstanceId(first, 'a', recorder);
  await reportSharedInstanceId(second, 'b', recorder);
  expect(lines).toHaveLength(0);
  await reportSharedInstanceId(second, 'a', recorder);
  expect(JSON.stringify(lines)).toContain('the same INSTANCE_ID');
});
