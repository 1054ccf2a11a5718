import {
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_REDIS_NAMES, deadLetterPageSchema } from '@seguridad-abc/contracts';
import { eventually } from '@seguridad-abc/platform/testing';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getReadModelFormat } from '../db/reports-database.js';
import { buildAlarmEvent, buildRuleCreated, buildRuleUpdated } from '../testing/log-entries.js';
import { buildMixedEvent } from '../testing/mixed-log.js';
import { dumpReadModel } from '../testing/read-model-dump.js';
import { createOldReadModel, MIGRATIONS_BEFORE_HEARD_INSTANTS } from '../testing/old-read-model.js';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.js';

let platform: TestPlatform;
beforeAll(async () => void (platform = await startTestPlatform()));
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.stop();
  removeFiles();
  await platform.redisClient.del(DEFAULT_REDIS_NAMES.logStream);
  platform.monitoring.entries = [];
  platform.monitoring.holdPage = undefined;
  platform.ruleChanges.length = 0;
  platform.alarmChanges.length = 0;
  platform.logLines.length = 0;
  platform.heartbeats.length = 0;
});

const getFile = () => join(platform.folder, 'reports.sqlite');
const getSnapshotFile = () => join(platform.folder, 'reports.snapshot.sqlite');
const getBuildFile = () => join(platform.folder, 'reports.rebuild.sqlite');
function removeFiles() {
  for (const suffix of ['', '-wal', '-shm']) rmSync(getFile() + suffix, { force: true });
}
const count = (text: string) => {
  const database = new Database(getFile(), { readonly: true });
  const found = database.prepare(text).pluck().get() as number;
  database.close();
  return found;
};

/** Publishes a log with all kinds of entries, and projects it. */
async function startWithLog(length = 60) {
  await platform.start();
  await platform.monitoring.publish(...Array.from({ length }, (_, index) => buildMixedEvent(index)));
  await platform.waitForPosition(length);
  await forgetChanges();
}
/** Of ten entries, two change a rule and three an alarm. */
async function forgetChanges() {
  await eventually(() => {
    expect([platform.ruleChanges.length, platform.alarmChanges.length]).toEqual([12, 18]);
  });
  platform.ruleChanges.length = 0;
  platform.alarmChanges.length = 0;
}
const requestRebuild = () => fetch(new URL('/rebuild', platform.url), { method: 'POST' });
const readRebuild = async () =>
  (await platform.get('/rebuild')).body as { running: object | null; completed: { entries: number } | null };
const waitUntilRebuilt = (timeoutMs?: number) =>
  eventually(async () => {
    const { running, completed } = await readRebuild();
    expect(running).toBeNull();
    expect(completed?.entries).toBeGreaterThan(0);
  }, timeoutMs);
const query = () => platform.query('{ rules { totalCount } alarms { totalCount } }');
const ALL = { data: { rules: { totalCount: 6 }, alarms: { totalCount: 6 } } };
const getRebuildLines = () => platform.logLines.filter(({ msg }) => msg === 'the read model was built again');

/** The next change is delivered, and it is the only one. */
async function expectOnlyNewChanges(position: number) {
  await platform.monitoring.publish(
    buildRuleUpdated({ id: 'new' }),
    buildAlarmEvent('AlarmRaised', { id: 'alarm-new' }),
  );
  await eventually(() => expect(platform.alarmChanges).not.toHaveLength(0));
  expect(platform.ruleChanges.map((change) => change.position)).toEqual([position + 1]);
  expect(platform.alarmChanges.map((change) => change.position)).toEqual([position + 2]);
}

describe('a rebuild while reports serves', () => {
  it('replaces the read model without a failed query, and delivers no old change', async () => {
    await startWithLog();
    const before = dumpReadModel(getFile());
    const database = new Database(getFile());
    database.exec(`delete from rules; delete from alarms where id > 'alarm-3'`);
    database.close();
    expect(await query()).not.toEqual(ALL);

    expect((await requestRebuild()).status).toBe(202);
    let isRebuilt = false;
    const answers: unknown[] = [];
    const ask = async () => {
      while (!isRebuilt) answers.push(await query());
    };
    const asking = Promise.all([ask(), ask(), ask()]);
    await waitUntilRebuilt();
    isRebuilt = true;
    await asking;
    expect(answers.length).toBeGreaterThan(0);
    expect(
      answers.filter((answer) => 'errors' in (answer as object) || 'extensions' in (answer as object)),
    ).toEqual([]);
    expect(await query()).toEqual(ALL);
    await expectOnlyNewChanges(60);
    // A snapshot may have skipped changes that this instance would have published.
    expect([...platform.ruleChanges, ...platform.alarmChanges].map(({ since }) => since)).toEqual([
      undefined,
      undefined,
    ]);
    await platform.stop();
    const after = dumpReadModel(getFile());
    expect({ ...after, rules: after['rules']?.length }).toMatchObject({
      indexes: before['indexes'],
      rules: 7,
    });
    expect(existsSync(getBuildFile())).toBe(false);
  });

  it('discards the snapshot of the read model that it replaces', async () => {
    await startWithLog();
    const path = `/snapshot?format=${getReadModelFormat()}&log=log-1`;
    await eventually(async () => {
      const response = await fetch(new URL(path, platform.url));
      await response.arrayBuffer();
      expect(response.status).toBe(200);
    }, 20_000);
    expect(existsSync(getSnapshotFile())).toBe(true);
    await requestRebuild();
    await waitUntilRebuilt();
    await eventually(() => expect(existsSync(getSnapshotFile())).toBe(false));
  }, 40_000);

  it('loads a long log in a thread, while the projector goes on', async () => {
    await startWithLog();
    await platform.stop();
    const expected = dumpReadModel(getFile());
    removeFiles();
    // A rebuild that was interrupted leaves its file.
    writeFileSync(getBuildFile(), 'rest');
    await platform.start({}, { minBulkEntries: 10 });
    // The thread loads its modules first.
    await waitUntilRebuilt(40_000);
    await platform.waitForPosition(60);
    expect(await query()).toEqual(ALL);
    await expectOnlyNewChanges(60);
    await platform.stop();
    expect(Object.keys(expected)).toEqual(Object.keys(dumpReadModel(getFile())));
    expect(getRebuildLines()).toMatchObject([{ reason: 'there is none', entries: 60 }]);
  }, 60_000);

  it('begins again after reports stopped in the middle', async () => {
    await startWithLog();
    await requestRebuild();
    await platform.stop();
    await platform.start();
    await platform.waitForPosition(60);
    expect(existsSync(getBuildFile())).toBe(false);
    expect(await query()).toEqual(ALL);
  });

  it('sets aside an entry that the new read model refuses, and takes its place with all others', async () => {
    await startWithLog();
    let releasePage = (): void => undefined;
    const page = new Promise<void>((resolve) => (releasePage = resolve));
    const isHeld = new Promise<void>((resolve) => {
      // The rebuild reads one entry, then opens the new database, then reads all.
      platform.monitoring.holdPage = (after, limit) => {
        if (after > 0 || limit === 1) return undefined;
        resolve();
        return page;
      };
    });
    await requestRebuild();
    await isHeld;
    const build = new Database(getBuildFile());
    build.exec(
      `create trigger poison before insert on rules when new.id = 'rule-3' begin select raise(abort, 'poison'); end`,
    );
    build.close();
    releasePage();
    await waitUntilRebuilt();
    expect((await query()).data).toEqual({ rules: { totalCount: 5 }, alarms: { totalCount: 6 } });
    const { deadLetters } = deadLetterPageSchema.parse((await platform.get('/dead-letters')).body);
    expect(new Set(deadLetters.map(({ cause }) => cause))).toEqual(new Set(['SqliteError: poison']));
    await eventually(() => expect(platform.heartbeats.at(-1)?.detail).toMatch(/^2 log entries set aside/));

    const replaced = new Database(getFile());
    replaced.exec('drop trigger poison');
    replaced.close();
    await fetch(new URL('/dead-letters/retry', platform.url), { method: 'PUT' });
    expect(await query()).toEqual(ALL);
    expect((await platform.get('/dead-letters')).body).toMatchObject({ count: 0 });
  });

  it('shows its progress in readiness and in heartbeats, with what it waits for', async () => {
    await startWithLog();
    await platform.monitoring.stopServer();
    await requestRebuild();
    await eventually(async () => {
      expect((await platform.getReadiness()).checks).toMatchObject({ rebuild: 'waits' });
      expect(platform.heartbeats.at(-1)?.detail).toMatch(
        /^the read model is built again, because an operator has requested it: it has not begun; it waits: .*ECONNREFUSED/,
      );
    });
    expect((await query()).data).toEqual(ALL.data);
    await platform.monitoring.startServer();
    await waitUntilRebuilt();
    await eventually(() => expect(platform.heartbeats.at(-1)?.status).toBe('ok'));
    expect((await platform.getReadiness()).checks).not.toHaveProperty('rebuild');
  });
});

describe('a missing read model', () => {
  it('is built before anything is published; until then, answers say that they may be incomplete', async () => {
    await platform.monitoring.publish(...Array.from({ length: 60 }, (_, index) => buildMixedEvent(index)));
    await platform.monitoring.stopServer();
    await platform.start({ PROJECTION_WAIT_MS: '20' });
    const { data, extensions } = await query();
    expect(data).toEqual({ rules: { totalCount: 0 }, alarms: { totalCount: 0 } });
    expect(extensions?.['staleness']).toBeGreaterThan(3_600_000);
    expect((await platform.getReadiness()).status).toBe(503);
    // A gateway that took position 0 for the end of the log would deliver all alarms as new ones.
    expect((await platform.get('/alarm-changes?after=999999')).status).toBe(503);
    await platform.monitoring.startServer();
    await waitUntilRebuilt();
    expect(await query()).toEqual(ALL);
    expect((await platform.get('/alarm-changes?after=999999')).body).toMatchObject({
      position: 60,
      changes: [],
    });
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    await expectOnlyNewChanges(60);
  });

  it('of a new installation is complete at once', async () => {
    await platform.start();
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    await platform.monitoring.publish(buildRuleCreated());
    await platform.waitForPosition(1);
    await eventually(() => expect(platform.ruleChanges.map(({ position }) => position)).toEqual([1]));
    expect(getRebuildLines()).toEqual([]);
  });
});

/** Overwrites the pages of the alarms and their indexes, after the header. */
function flipBytes(file: string) {
  const size = readFileSync(file).length;
  const descriptor = openSync(file, 'r+');
  for (let offset = 4_096 * 3; offset < size; offset += 4_096)
    writeSync(descriptor, Buffer.alloc(64, 0xa5), 0, 64, offset);
  closeSync(descriptor);
}

function cutAndGrow() {
  const size = readFileSync(getFile()).length;
  truncateSync(getFile(), 8_192);
  truncateSync(getFile(), size);
}

describe('a read model of a version without heard instants', () => {
  it('answers as before, and is built again with them', async () => {
    const at = (minute: number) => `2026-03-01T08:0${minute}:00.000Z`;
    const change = { userId: 'ana', opening: 'Front', since: at(1), removed: [] };
    const interval = { startId: 'r1', startedAt: at(1), endedAt: null };
    const rule = {
      ...{
        id: 'rule-1',
        userId: 'ana',
        name: 'Night',
        opening: 'Front',
        opensAt: '08:00',
        closesAt: '18:00',
      },
      ...{ days: ['MONDAY'], timeZone: 'UTC', maxOpenSeconds: null, severity: 'INFO', enabled: true },
      ...{ effectiveFrom: at(0), createdAt: at(0), updatedAt: at(0), deletedAt: null, version: 1 },
    };
    const readings = [1, 2].map((minute) => ({ id: `r${minute}`, state: 'OPEN', at: at(minute) }));
    // The log as that version has written it.
    await platform.monitoring.publish(
      { type: 'RuleCreated', version: 1, data: { rule } },
      {
        type: 'ReadingsRecorded',
        version: 1,
        data: { ...change, state: 'OPEN', intervals: [interval], readings },
      },
    );
    const old = createOldReadModel(getFile(), MIGRATIONS_BEFORE_HEARD_INSTANTS);
    old.exec(`insert into checkpoint (id, log_id, position) values (1, 'log-1', 2);
      insert into users (id) values ('ana');
      insert into openings (id, user_id, name, state, since, changed_position) values (7, 'ana', 'Front', 'OPEN', '${at(1)}', 2);
      insert into intervals values (7, 'r1', '${at(1)}', null, 2);
      insert into rules (id, user_id, name, search_name, opening, opens_at, closes_at, days, time_zone, severity, enabled,
        effective_from, created_at, updated_at, version, created_position, changed_position)
      values ('rule-1', 'ana', 'Night', 'night', 'Front', '08:00', '18:00', '["MONDAY"]', 'UTC', 'INFO', 1,
        '${at(0)}', '${at(0)}', '${at(0)}', 1, 1, 1)`);
    old.close();

    await platform.monitoring.stopServer();
    await platform.start();
    const queryOpenings = async () =>
      (
        await platform.query(
          '{ user(id: "ana") { openings { state lastReadingAt rules { name opensAt days windows { closesAt openBy } } } } }',
        )
      ).data;
    const answerWith = (lastReadingAt: string | null) => ({
      user: {
        openings: [
          {
            state: 'OPEN',
            lastReadingAt,
            rules: [
              {
                name: 'Night',
                opensAt: '08:00',
                days: ['MONDAY'],
                windows: [{ closesAt: '18:00', openBy: null }],
              },
            ],
          },
        ],
      },
    });
    expect(await queryOpenings()).toEqual(answerWith(null));
    await platform.monitoring.startServer();
    await waitUntilRebuilt();
    expect(await queryOpenings()).toEqual(answerWith(at(2)));
    expect(getRebuildLines()).toMatchObject([{ reason: 'it is of another software version', entries: 2 }]);
    await expectOnlyNewChanges(2);

    // It is of this version now.
    await platform.stop();
    await platform.start();
    expect(await readRebuild()).toEqual({ running: null, completed: null });
    expect(await queryOpenings()).toMatchObject({ user: { openings: [{ lastReadingAt: at(2) }, {}] } });
  });
});

describe('a damaged read model', () => {
  it.each([
    ['is no database', (file: string) => writeFileSync(file, 'x'.repeat(20_000))],
    ['is cut', (file: string) => truncateSync(file, 20_000)],
    ['is empty', (file: string) => truncateSync(file, 0)],
    ['has flipped bytes', flipBytes],
    [
      'lacks a table',
      (file: string) => {
        const database = new Database(file);
        database.exec('drop table checkpoint');
        database.close();
      },
    ],
    [
      'is of another version',
      (file: string) => {
        const database = new Database(file);
        database.pragma('user_version = 7');
        database.exec('delete from alarms');
        database.close();
      },
    ],
  ])('that %s at the start is built again', async (_, damage) => {
    await startWithLog();
    await platform.stop();
    damage(getFile());
    await platform.start();
    await waitUntilRebuilt();
    expect(await query()).toEqual(ALL);
    expect(getRebuildLines()).toHaveLength(1);
    await eventually(async () => expect((await platform.getReadiness()).status).toBe(200));
    await expectOnlyNewChanges(60);
  });

  it.each([
    ['deleted', () => removeFiles(), /the file was deleted/, 100],
    ['cut', () => truncateSync(getFile(), 8_192), /the file was cut|malformed|not a database/, 100],
    ['overwritten', () => flipBytes(getFile()), /damaged/, 100],
    // A checkpoint can write pages behind the end of the file, before the next look at its size.
    ['cut and grows again', cutAndGrow, /damaged/, 3_600_000],
  ] as const)(
    'that is %s while reports runs is noticed and built again',
    async (_, damage, reason, contentCheckMs) => {
      await platform.start({}, { damageDetectionTiming: { fileCheckMs: 20, contentCheckMs } });
      await platform.monitoring.publish(...Array.from({ length: 60 }, (__, index) => buildMixedEvent(index)));
      await platform.waitForPosition(60);
      // The pages of the write-ahead log come into the file.
      const database = new Database(getFile());
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
      await forgetChanges();
      damage();
      // A repair waits 5 s after the end of the last rebuild.
      await waitUntilRebuilt(15_000);
      expect(getRebuildLines()).toMatchObject([
        { reason: expect.stringMatching(reason) as string, entries: 60 },
      ]);
      expect(await query()).toEqual(ALL);
      expect(count('select count(*) from rules')).toBe(6);
      await expectOnlyNewChanges(60);
    },
  );
});
