import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copySqliteFile, createUserPseudonym } from '@seguridad-abc/platform';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuditTrail } from '../audit/audit-trail.js';
import { openMonitoringDatabase, type MonitoringDatabase } from '../db/monitoring-database.js';
import { queryRows } from '../db/prepared-statement.js';
import { erasures, eventLogIdentity, events, formerEpochs, idempotencyKeyRows } from '../db/sqlite-schema.js';
import { createRuleInput } from '../testing/fixtures.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import { prepareRestoredDatabase } from './prepare-restored-database.js';

const BEGIN_MS = Date.parse('2026-03-02T12:00:00.000Z');
const MINUTE_MS = 60_000;

let clockMs: number;
let test: TestStorage;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(async () => {
  clockMs = BEGIN_MS;
  folder = temporaryFolder();
  test = await openTestStorage({ now: () => new Date(clockMs).toISOString() });
});
afterEach(async () => {
  await test.close();
  folder.remove();
});

const getCopy = (name: string) => join(folder.path, name);
async function copyDatabase(name: string): Promise<number> {
  mkdirSync(getCopy(name), { recursive: true });
  await copySqliteFile(join(test.folder, 'monitoring.sqlite'), join(getCopy(name), 'monitoring.sqlite'));
  return (await test.eventLog.end()).position;
}

const prepare = (name: string, options: { toPosition?: number; replacedFile?: string } = {}) =>
  prepareRestoredDatabase({ folder: getCopy(name), now: new Date(clockMs).toISOString(), ...options });

async function readCopy<Result>(
  name: string,
  read: (database: MonitoringDatabase) => Promise<Result>,
): Promise<Result> {
  const database = openMonitoringDatabase(getCopy(name));
  try {
    return await read(database);
  } finally {
    await database.close();
  }
}

const verifyTrail = (database: MonitoringDatabase) =>
  createAuditTrail({ ...database, appendAuditEntry: () => undefined }).verifyEnds();

const record = (
  opening: string,
  minutes: readonly (readonly [number, 'OPEN' | 'CLOSED'])[],
  userId = 'ana',
) =>
  test.commands.recordReadings({
    userId,
    readings: minutes.map(([minute, state]) => ({
      id: `${opening} ${minute} ${state}`,
      opening,
      state,
      at: new Date(BEGIN_MS + minute * MINUTE_MS).toISOString(),
    })),
  });

/** Runs the due jobs, as the scheduler does. */
async function passMinutes(minutes: number): Promise<void> {
  clockMs += minutes * MINUTE_MS;
  while (await test.storage.dueJobs.runSome());
}

const createRule = (name: string, opening: string, fields: object = {}) =>
  test.commands.createRule(
    createRuleInput({
      userId: 'ana',
      name,
      opening,
      opensAt: null,
      closesAt: null,
      maxOpenSeconds: 60,
      effectiveFrom: '2026-01-01T00:00:00.000Z',
      ...fields,
    }),
  );

const HOLIDAY = { date: '2026-03-03', label: 'Holiday', windows: [] };

/** Creates a calendar and an exception. */
async function createDefinitions(name = 'Holidays') {
  const until = new Date(clockMs + 60 * MINUTE_MS).toISOString();
  const period = { effect: 'ALLOW' as const, from: '2020-01-01T00:00:00Z', until, reason: 'Stock-taking' };
  return {
    calendar: await test.commands.createCalendar({ userId: 'ana', name, dates: [] }),
    exception: await test.commands.createException({ userId: 'ana', openings: ['Shop'], ...period }),
  };
}

/** The state from which monitoring decides, with the names of openings in place of their numbers. */
async function readState({ db }: MonitoringDatabase): Promise<Record<string, object[]>> {
  const state: Record<string, object[]> = {};
  for (const [name, query] of Object.entries(STATE_QUERIES)) {
    const rows = await queryRows<Record<string, unknown>>(db, sql.raw(query));
    state[name] = rows.map((row) => ({ ...row, opening_id: null }));
  }
  return state;
}

const STATE_QUERIES = {
  rules: 'select * from rules order by id',
  ruleVersions: `select o.name, v.* from rule_versions v join openings o on o.id = v.opening_id order by rule_id, valid_from`,
  calendars: 'select * from calendars order by id',
  calendarVersions: 'select * from calendar_versions order by calendar_id, valid_from',
  exceptions: 'select * from exceptions order by id',
  openings: `select user_id, name, state, since, tampered, battery_low from openings order by user_id, name`,
  readings: `select o.name, r.code, r.at, r.id, r.effective, r.tampered, r.battery_low from readings r join openings o on o.id = r.opening_id
        order by o.name, r.at, r.id`,
  intervals: `select o.name, i.signal, i.started_at, i.start_id, i.ended_at from intervals i join openings o on o.id = i.opening_id
        order by o.name, i.signal, i.started_at`,
  alarms: 'select * from alarms order by id',
  devices: 'select * from devices order by id',
  events: 'select * from events order by position',
};

describe('a restored database', () => {
  it('is at an earlier position as it was then', async () => {
    const shop = await createRule('Shop', 'Shop');
    const { calendar, exception } = await createDefinitions();
    const calendarId = calendar.id;
    const safe = await createRule('Safe', 'Safe', { opensAt: '08:00', closesAt: '18:00', calendarId });
    const { device } = await test.commands.registerDevice({ userId: 'ana', name: 'Sensor', openings: null });
    await record('Shop', [
      [-90, 'OPEN'],
      [-80, 'CLOSED'],
      [-30, 'OPEN'],
    ]);
    await record('Safe', [
      [-50, 'OPEN'],
      [-49, 'CLOSED'],
      [2, 'OPEN'],
    ]);
    await passMinutes(1);
    // A late reading retracts an alarm, and moves an interval.
    await record('Shop', [
      [-89.5, 'CLOSED'],
      [-20, 'CLOSED'],
    ]);
    await test.commands.updateRule({ id: safe.id, maxOpenSeconds: 120 });
    await test.commands.updateCalendar({ id: calendarId, dates: [HOLIDAY] });
    await record('Gate', [
      [-5, 'OPEN'],
      [4, 'CLOSED'],
    ]);
    const position = await copyDatabase('then');

    await passMinutes(5);
    await test.commands.updateCalendar({ id: calendarId, dates: [] });
    await test.commands.cancelException({ id: exception.id });
    await createDefinitions('Later');
    await record('Shop', [
      [-19, 'OPEN'],
      [1, 'CLOSED'],
      [-85, 'OPEN'],
    ]);
    await test.commands.deleteRule({ id: shop.id });
    await createRule('Gate', 'Gate');
    await test.commands.revokeDevice({ id: device.id });
    await passMinutes(30);
    expect(await copyDatabase('now')).toBeGreaterThan(position + 5);

    expect((await prepare('now', { toPosition: position })).position).toBe(position);
    await prepare('then');
    expect(await readCopy('now', readState)).toStrictEqual(await readCopy('then', readState));
    expect(await readCopy('now', verifyTrail)).toStrictEqual([]);
  });

  it('is at an earlier position of a compacted log as it was then, but not at one that is compacted', async () => {
    const dayMinutes = 24 * 60;
    await createRule('Shop', 'Shop');
    const { calendar, exception } = await createDefinitions();
    const calendarId = calendar.id;
    const safe = await createRule('Safe', 'Safe', { opensAt: '08:00', closesAt: '18:00', calendarId });
    await passMinutes(1);
    await test.commands.updateCalendar({ id: calendarId, dates: [HOLIDAY] });
    await test.commands.cancelException({ id: exception.id });
    await record('Shop', [
      [-90, 'OPEN'],
      [-80, 'CLOSED'],
      [-30, 'OPEN'],
      [-20, 'CLOSED'],
    ]);
    await record('Safe', [
      [-50, 'OPEN'],
      [4, 'CLOSED'],
    ]);
    await record('Gate', [[-10, 'CLOSED']]);
    await record('Long', [[-10, 'OPEN']]);
    await passMinutes(10);
    await test.commands.updateRule({ id: safe.id, maxOpenSeconds: 120 });
    await passMinutes(3 * dayMinutes);
    await record('Shop', [
      [3 * dayMinutes - 90, 'OPEN'],
      [3 * dayMinutes - 80, 'CLOSED'],
      [3 * dayMinutes - 30, 'OPEN'],
    ]);
    await passMinutes(1);
    // A late reading retracts the alarm of the last interval, or ends it.
    await record('Shop', [[3 * dayMinutes - 29.5, 'CLOSED']]);
    const before = new Date(BEGIN_MS + dayMinutes * MINUTE_MS).toISOString();
    const { position: compactedUpTo } = await test.storage.compaction.run({ before });
    await record('Gate', [[3 * dayMinutes - 5, 'OPEN']]);
    const position = await copyDatabase('then');

    await passMinutes(5);
    await record('Shop', [
      [3 * dayMinutes - 15, 'OPEN'],
      [3 * dayMinutes - 12, 'CLOSED'],
    ]);
    await record('Long', [[3 * dayMinutes, 'CLOSED']]);
    await record('Safe', [[3 * dayMinutes, 'OPEN']]);
    await test.commands.updateRule({ id: safe.id, maxOpenSeconds: 180 });
    await test.commands.updateCalendar({ id: calendarId, dates: [] });
    await passMinutes(30);
    await copyDatabase('now');
    await copyDatabase('horizon');

    await expect(prepare('now', { toPosition: compactedUpTo - 1 })).rejects.toThrow(
      `compacted up to position ${compactedUpTo}`,
    );
    expect((await prepare('now', { toPosition: position })).position).toBe(position);
    await prepare('then');
    expect(await readCopy('now', readState)).toStrictEqual(await readCopy('then', readState));
    // At the horizon the log has no entry, and continues at the next position.
    expect((await prepare('horizon', { toPosition: compactedUpTo })).position).toBe(compactedUpTo);
    await test.reopen({}, () =>
      copyFileSync(join(getCopy('horizon'), 'monitoring.sqlite'), join(test.folder, 'monitoring.sqlite')),
    );
    expect((await test.eventLog.end()).position).toBe(compactedUpTo);
    await createRule('New', 'Gate');
    expect((await test.eventLog.read(compactedUpTo, 10)).entries).toMatchObject([
      { position: compactedUpTo + 1, type: 'RuleCreated' },
    ]);
  });

  it('evaluates the same alarms again after it was taken back', async () => {
    await createRule('Shop', 'Shop');
    await record('Shop', [
      [-90, 'OPEN'],
      [-80, 'CLOSED'],
      [-30, 'OPEN'],
    ]);
    await copyDatabase('now');
    const query = sql`select id, status from alarms order by id`;
    const expected = await readCopy('now', ({ db }) => queryRows(db, query));
    expect(expected).toHaveLength(2);
    // The event of the second readings' alarms is lost.
    await prepare('now', { toPosition: 2 });
    await test.reopen({}, () =>
      copyFileSync(join(getCopy('now'), 'monitoring.sqlite'), join(test.folder, 'monitoring.sqlite')),
    );
    await passMinutes(0);
    expect(await test.query(query)).toStrictEqual(expected);
  });

  it('gives new events the next positions, and forgets the results of lost commands', async () => {
    await test.commands.createRule({ ...createRuleInput({ name: 'kept' }), clientMutationId: 'kept' });
    clockMs += 1;
    await test.commands.createRule({ ...createRuleInput({ name: 'lost' }), clientMutationId: 'lost' });
    await copyDatabase('now');
    await prepare('now', { toPosition: 1 });
    await readCopy('now', async ({ db }) => {
      expect(await db.select().from(idempotencyKeyRows)).toMatchObject([{ key: 'kept' }]);
      const inserted = await db
        .insert(events)
        .values({ type: 'A', version: 1, at: 'x', data: {} })
        .returning();
      expect(inserted).toMatchObject([{ position: 2 }]);
    });
  });

  it('has a new log id, and records the restore', async () => {
    await test.createRules(2);
    const { logId } = await test.eventLog.end();
    await copyDatabase('now');
    expect(await prepare('now')).toStrictEqual({ position: 2, repeatedErasures: 0, areErasuresKnown: false });
    await readCopy('now', async (database) => {
      const { db } = database;
      const identity = await db.select().from(eventLogIdentity);
      expect(identity).toMatchObject([{ replacesStream: true }]);
      expect(identity[0]?.id).not.toBe(logId);
      expect(await db.select().from(formerEpochs)).toMatchObject([{ logId, endPosition: 2 }]);
      const last = await queryRows(
        db,
        sql`select action, subject from audit_entries order by sequence desc limit 1`,
      );
      expect(last).toStrictEqual([{ action: 'restoreBackup', subject: '2' }]);
      expect(await verifyTrail(database)).toStrictEqual([]);
    });
  });

  it('repeats the erasures that the replaced database knows', async () => {
    for (const userId of ['ana', 'ben']) await createRule(`Shop of ${userId}`, 'Shop', { userId });
    await copyDatabase('older');
    await test.db.insert(erasures).values([
      { salt: 's', pseudonym: createUserPseudonym('s', 'ben'), requestedAt: 'then', completedAt: 'then' },
      {
        salt: 's',
        pseudonym: createUserPseudonym('s', 'nobody'),
        requestedAt: 'then',
        completedAt: 'then',
      },
    ]);
    const replacedFile = join(test.folder, 'monitoring.sqlite');
    expect(await prepare('older', { replacedFile })).toMatchObject({
      repeatedErasures: 1,
      areErasuresKnown: true,
    });
    expect(await readCopy('older', async ({ db }) => db.select().from(erasures))).toMatchObject([
      { userId: 'ben', completedAt: null, position: null },
    ]);
  });

  it('can be prepared although the replaced database is damaged, but its erasures are not known then', async () => {
    await test.createRules(1);
    await copyDatabase('now');
    const replacedFile = join(test.folder, 'damaged.sqlite');
    writeFileSync(replacedFile, 'x'.repeat(20_000));
    expect(await prepare('now', { replacedFile })).toMatchObject({
      repeatedErasures: 0,
      areErasuresKnown: false,
    });
  });
});
