import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { AlarmState, LogEntry, LogPage } from '@seguridad-abc/contracts';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toReadingCode } from '../db/reading-codes.js';
import { exportUserData } from '../erasure/user-data-export.js';
import { createRuleInput } from '../testing/fixtures.js';
import { openTestStorage, type TestStorage } from '../testing/test-storage.js';
import type { CompactionStep } from './log-compaction.js';

const BEGIN_MS = Date.parse('2026-03-02T12:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let clockMs: number;
let test: TestStorage;
let onSlice: (step: CompactionStep) => Promise<void> | void;
beforeEach(async () => {
  clockMs = BEGIN_MS;
  onSlice = () => undefined;
  test = await openTestStorage({
    now: () => new Date(clockMs).toISOString(),
    onCompactionSlice: (step) => onSlice(step),
  });
});
afterEach(() => test.close());

const at = (minute: number) => new Date(BEGIN_MS + minute * MINUTE_MS).toISOString();
const record = (opening: string, minutes: readonly (readonly [number, 'OPEN' | 'CLOSED'])[]) =>
  test.commands.recordReadings({
    userId: 'ana',
    readings: minutes.map(([minute, state]) => ({
      id: `${opening} ${minute} ${state}`,
      opening,
      state,
      at: at(minute),
    })),
  });
const createRule = (opening: string, name = opening) =>
  test.commands.createRule(
    createRuleInput({
      userId: 'ana',
      name,
      opening,
      opensAt: null,
      closesAt: null,
      maxOpenSeconds: 60,
      effectiveFrom: '2026-01-01T00:00:00.000Z',
    }),
  );
const count = async (table: string) => {
  const [row] = await test.query<{ count: number }>(sql.raw(`select count(*) as count from ${table}`));
  return Number(row?.count);
};
const compactBefore = (before: string, options: { isDryRun?: boolean; archiveFolder?: string } = {}) =>
  test.storage.compaction.run({ before, ...options });

/** Two days: on the first one, the door was open three times and the gate stayed open; on the second one, the door once. */
async function fillTwoDays(): Promise<void> {
  await createRule('Door');
  await record('Door', [
    [-10, 'OPEN'],
    [-5, 'CLOSED'],
  ]);
  await record('Gate', [[-3, 'OPEN']]);
  await record('Safe', [
    [-3, 'CLOSED'],
    [-2, 'CLOSED'],
  ]);
  // The last entry from before the horizon is that of an alarm which is not in the snapshot.
  await record('Door', [
    [-4, 'OPEN'],
    [-2, 'CLOSED'],
  ]);
  clockMs += 3 * DAY_MS;
  await record('Door', [
    [3 * 1_440 - 10, 'OPEN'],
    [3 * 1_440 - 5, 'CLOSED'],
  ]);
}
/** Between the two days. */
const HORIZON = at(1_440);

async function readAll(): Promise<LogPage[]> {
  const pages: LogPage[] = [];
  let after = 0;
  let snapshot: number | undefined;
  for (;;) {
    const page = await test.eventLog.read(after, 2, snapshot);
    pages.push(page);
    after = page.upTo ?? page.entries.at(-1)?.position ?? after;
    snapshot = page.snapshotUpTo;
    if (after >= page.head) return pages;
  }
}

describe('a compaction', () => {
  it('removes what ended before the horizon, and keeps a snapshot of the states', async () => {
    await fillTwoDays();
    const head = (await test.eventLog.end()).position;
    const [lastOld] = await test.query<{ position: number; mark: string }>(
      sql`select position, mark from events where at < ${HORIZON} order by position desc limit 1`,
    );
    if (!lastOld) throw new Error('There is no event from before the horizon.');
    const dryRun = await compactBefore(HORIZON, { isDryRun: true });
    expect(await count('events')).toBe(head);

    const result = await compactBefore(HORIZON);
    expect(result).toMatchObject({ position: lastOld.position, readings: 3, intervals: 2, alarms: 2 });
    expect({ ...dryRun, isDryRun: false }).toEqual(result);
    expect(await count('events')).toBe(head + 1 - lastOld.position);
    // The last reading of each opening stays, and the one that the state of the safe follows from.
    expect(await test.query(sql`select name, state, since from openings order by name`)).toEqual([
      { name: 'Door', state: 'CLOSED', since: clockMs - 5 * MINUTE_MS },
      { name: 'Gate', state: 'OPEN', since: BEGIN_MS - 3 * MINUTE_MS },
      { name: 'Safe', state: 'CLOSED', since: BEGIN_MS - 3 * MINUTE_MS },
    ]);

    const pages = await readAll();
    const snapshotPages = pages.filter(({ snapshotUpTo }) => snapshotUpTo !== undefined);
    const snapshot = snapshotPages.flatMap(({ entries }) => entries);
    expect(snapshot).toHaveLength(result.keptEntries);
    expect(snapshot.map(({ type }) => type)).toEqual([
      'RuleCreated',
      'ReadingsRecorded',
      'ReadingsRecorded',
      'ReadingsRecorded',
    ]);
    expect(snapshotPages.at(-1)).toMatchObject({ upTo: lastOld.position, markUpTo: lastOld.mark });
    const rest = pages.filter((page) => !snapshotPages.includes(page)).flatMap(({ entries }) => entries);
    expect(rest.map(({ position }) => position)).toEqual(
      Array.from({ length: head + 1 - lastOld.position }, (_, index) => lastOld.position + 1 + index),
    );
    expect(rest.at(-1)).toMatchObject({
      type: 'HistoryRemoved',
      data: { before: HORIZON, position: lastOld.position },
    });
    expect(await test.storage.auditTrail.verifyEnds()).toEqual([]);
    expect(
      await test.query(sql`select action, subject from audit_entries order by sequence desc limit 1`),
    ).toEqual([{ action: 'removeHistory', subject: String(lastOld.position) }]);
  });

  it('keeps the last state of calendars and exceptions, and the versions of calendars since the horizon', async () => {
    const holiday = (date: string) => ({ date, label: null, windows: [] });
    const { id } = await test.commands.createCalendar({ userId: 'ana', name: 'x', dates: [] });
    const period = { from: at(0), until: at(60), effect: 'ALLOW' as const, reason: 'Stock-taking' };
    const exception = await test.commands.createException({ userId: 'ana', openings: null, ...period });
    for (const date of ['2026-04-01', '2026-04-02']) {
      clockMs += MINUTE_MS;
      await test.commands.updateCalendar({ id, dates: [holiday(date)] });
    }
    await test.commands.cancelException({ id: exception.id });
    clockMs += 3 * DAY_MS;
    await test.commands.updateCalendar({ id, dates: [holiday('2026-04-03')] });
    await compactBefore(HORIZON);
    const entries = (await readAll()).flatMap((page) => page.entries);
    expect(entries.map(({ type, data }) => [type, data])).toMatchObject([
      ['CalendarUpdated', { calendar: { dates: [holiday('2026-04-02')] } }],
      ['ExceptionCancelled', { exception: { id: exception.id } }],
      ['CalendarUpdated', { calendar: { dates: [holiday('2026-04-03')] } }],
      ['HistoryRemoved', {}],
    ]);
    expect(
      (await test.reader.select().from(test.tables.calendarVersions))
        .map(({ dates }) => dates[0]?.date)
        .sort(),
    ).toEqual(['2026-04-02', '2026-04-03']);
    expect(await count('exceptions')).toBe(1);
  });

  it('keeps what has happened to an alarm that has not ended, also in the export of its user', async () => {
    await createRule('Gate');
    await record('Gate', [[-3, 'OPEN']]);
    const isOfAlarm = ({ type }: LogEntry) => type.startsWith('Alarm');
    const { entries } = await test.eventLog.read(0, 100);
    const { alarm } = entries.find(isOfAlarm)?.data as { alarm: AlarmState };
    await test.commands.claimAlarm({ id: alarm.id });
    await test.commands.commentAlarm({ id: alarm.id, text: 'The lock is broken.' });
    clockMs += 3 * DAY_MS;
    await record('Gate', [[3 * 1_440 - 1, 'OPEN']]);
    await compactBefore(HORIZON);

    const kept = (await readAll()).flatMap((page) => page.entries).filter(isOfAlarm);
    expect(kept.map(({ type }) => type)).toEqual(['AlarmRaised', 'AlarmClaimed', 'AlarmCommented']);
    const comments = [];
    for await (const exported of exportUserData(test.reader, test.storage.auditTrail, 'ana'))
      if (exported.kind === 'alarmComment') comments.push(exported);
    expect(comments).toEqual([
      { kind: 'alarmComment', alarmId: alarm.id, at: at(0), by: 'olga', text: 'The lock is broken.' },
    ]);
  });

  it('leaves no comment out of an export that is in progress', async () => {
    await createRule('Gate');
    await record('Gate', [[-3, 'OPEN']]);
    const { entries } = await test.eventLog.read(0, 100);
    const { alarm } = entries.find(({ type }) => type === 'AlarmRaised')?.data as { alarm: AlarmState };
    await test.commands.commentAlarm({ id: alarm.id, text: 'In the first snapshot.' });
    clockMs += 3 * DAY_MS;
    await record('Gate', [[3 * 1_440 - 1, 'OPEN']]);
    await compactBefore(HORIZON);
    await test.commands.commentAlarm({ id: alarm.id, text: 'In the log.' });
    clockMs += 3 * DAY_MS;
    await record('Gate', [[6 * 1_440 - 1, 'OPEN']]);
    const texts: unknown[] = [];
    for await (const exported of exportUserData(test.reader, test.storage.auditTrail, 'ana')) {
      if (exported.kind !== 'alarmComment') continue;
      texts.push(exported['text']);
      // The second comment moves to the next snapshot.
      if (texts.length === 1) await compactBefore(at(4 * 1_440));
    }
    expect(texts).toEqual(['In the first snapshot.', 'In the log.']);
  });

  it('keeps the last reading before the horizon that is not withdrawn', async () => {
    await record('Door', [
      [-10, 'CLOSED'],
      [-5, 'CLOSED'],
      [-2, 'CLOSED'],
    ]);
    const ids = ['Door -2 CLOSED'];
    await test.commands.withdrawReadings({ userId: 'ana', opening: 'Door', ids, reason: 'A wrong clock' });
    clockMs += 3 * DAY_MS;
    await compactBefore(HORIZON);
    const [entry] = (await readAll()).flatMap((page) => page.entries);
    expect(entry).toMatchObject({ type: 'ReadingsRecorded', data: { readings: [{ at: at(-5) }] } });
  });

  it('refuses the withdrawal of a reading before the horizon: those before it are removed', async () => {
    await record('Door', [
      [-10, 'CLOSED'],
      [-5, 'CLOSED'],
    ]);
    clockMs += 3 * DAY_MS;
    await compactBefore(HORIZON);
    const ids = ['Door -5 CLOSED'];
    const command = { userId: 'ana', opening: 'Door', ids, reason: 'A wrong clock' };
    expect(await test.commands.withdrawReadings(command)).toEqual({ withdrawn: 0, unknown: ids });
  });

  it('tells a reader that is behind the horizon to start again, but not one at the horizon', async () => {
    await fillTwoDays();
    const { position } = await compactBefore(HORIZON);
    const { logId } = await test.eventLog.end();
    expect(await test.eventLog.read(position - 1, 10)).toMatchObject({ isCompacted: true, entries: [] });
    expect(await test.eventLog.read(position - 1, 10, position - 2)).toMatchObject({ isCompacted: true });
    expect((await test.eventLog.read(position - 1, 10, position)).isCompacted).toBeUndefined();
    const [mark] = (await test.eventLog.read(position, 1)).entries.map((entry) => entry.mark);
    expect((await test.eventLog.read(position + 1, 1)).markAfter).toBe(mark);
    expect((await test.eventLog.read(position, 1)).markAfter).toEqual(expect.any(String));
    // The comparison with a checkpoint works although its entry is gone.
    await test.eventLog.compareWithReader({ logId, position, mark: 'other' });
    expect((await test.eventLog.end()).logId).not.toBe(logId);
  });

  it('lets the history go on: open intervals end, and raise and clear their alarms', async () => {
    await createRule('Gate');
    await record('Shed', [
      [-10, 'OPEN'],
      [-9, 'CLOSED'],
    ]);
    await fillTwoDays();
    while (await test.storage.dueJobs.runSome());
    expect(await count(`alarms where status = 'ACTIVE'`)).toBe(1);
    await compactBefore(HORIZON);
    await test.reopen();
    await record('Gate', [[3 * 1_440 - 1, 'CLOSED']]);
    for (const opening of ['Safe', 'Shed']) await record(opening, [[3 * 1_440 - 1, 'CLOSED']]);
    expect(await test.query(sql`select opening, status from alarms order by opening`)).toEqual([
      { opening: 'Door', status: 'CLEARED' },
      { opening: 'Gate', status: 'CLEARED' },
    ]);
    expect(
      await test.query(sql`select since from openings where name in ('Safe', 'Shed') order by name`),
    ).toEqual([{ since: BEGIN_MS - 3 * MINUTE_MS }, { since: BEGIN_MS - 9 * MINUTE_MS }]);
  });

  it('refuses readings from before the horizon, also those of operators', async () => {
    await fillTwoDays();
    await compactBefore(HORIZON);
    const result = await record('Door', [
      [1_439, 'OPEN'],
      [1_440, 'OPEN'],
    ]);
    expect(result).toMatchObject({
      accepted: 1,
      refused: [
        { index: 0, code: 'READING_BEFORE_HORIZON', message: expect.stringContaining(HORIZON) as string },
      ],
    });
    await test.reopen();
    expect(await record('Door', [[1_439, 'OPEN']])).toMatchObject({ accepted: 0 });
  });

  it('evaluates a rule that is effective before the horizon only from there, and hides removed alarms', async () => {
    await fillTwoDays();
    const [old] = await test.query<{ id: string }>(sql`select id from alarms order by raised_at limit 1`);
    let raised: unknown[] | undefined;
    onSlice = async (step) => {
      if (step !== 'published') return;
      // Rows from before the horizon are not deleted yet.
      expect(await count('intervals')).toBe(4);
      await createRule('Door', 'Later');
      raised = await test.query(
        sql`select raised_at from alarms where rule_id = (select id from rules where name = 'Later')`,
      );
      await expect(test.commands.acknowledgeAlarm({ id: old?.id ?? '' })).rejects.toMatchObject({
        extensions: { code: 'NOT_FOUND' },
      });
    };
    await compactBefore(HORIZON);
    expect(raised).toEqual([{ raised_at: at(3 * 1_440 - 9) }]);
  });

  it('waits for commands whose readings were checked before', async () => {
    await fillTwoDays();
    const running = record('Door', [
      [100, 'OPEN'],
      [110, 'CLOSED'],
    ]);
    const compacted = compactBefore(HORIZON);
    expect(await running).toMatchObject({ accepted: 2 });
    await compacted;
    const types = (await readAll()).flatMap(({ entries }) => entries.map(({ type }) => type));
    expect(types.indexOf('HistoryRemoved')).toBe(types.length - 1);
    // Only the last reading of each opening: that of the gate is OPEN.
    expect(
      await count(`readings where at < ${Date.parse(HORIZON)} and code = ${toReadingCode('OPEN')}`),
    ).toBe(1);
  });

  it('refuses to remove the last day, to go back, and to run twice', async () => {
    await fillTwoDays();
    const code = (name: string) => ({ extensions: { code: name } });
    await expect(compactBefore(at(3 * 1_440 - 1_439))).rejects.toMatchObject(code('BAD_USER_INPUT'));
    const first = compactBefore(HORIZON);
    await expect(compactBefore(HORIZON)).rejects.toMatchObject(code('CONFLICT'));
    await first;
    await expect(compactBefore(at(0))).rejects.toMatchObject(code('BAD_USER_INPUT'));
    await expect(compactBefore(HORIZON)).resolves.toMatchObject({ entries: 0, readings: 0 });
  });

  it.each<CompactionStep>(['snapshot', 'published', 'entries', 'rows'])(
    'continues after a crash behind the step %s',
    async (crashStep) => {
      await fillTwoDays();
      const whole = (await readAll()).flatMap(({ entries }) => entries);
      let isCrashed = false;
      onSlice = (step) => {
        if (isCrashed || step !== crashStep) return;
        isCrashed = true;
        throw new Error('crash');
      };
      await expect(compactBefore(HORIZON)).rejects.toThrow('crash');
      await test.reopen();
      const present = (await readAll()).flatMap(({ entries }) => entries);
      if (crashStep === 'snapshot') expect(present).toEqual(whole);
      else expect(present.at(-1)).toMatchObject({ type: 'HistoryRemoved' });
      await test.storage.compaction.resume();
      expect((await readAll()).flatMap(({ entries }) => entries)).toEqual(present);
      if (crashStep === 'snapshot') expect(await count('log_snapshot')).toBe(0);
      await compactBefore(HORIZON);
      expect(await count('events where position <= (select position from log_horizon)')).toBe(0);
      expect(await count('log_snapshot where snapshot <> (select position from log_horizon)')).toBe(0);
      expect([await count('readings'), await count('intervals'), await count('alarms')]).toEqual([6, 2, 1]);
    },
  );

  it('is continued by a new leadership although an earlier one of the same instance has not ended', async () => {
    await fillTwoDays();
    let resumed: Promise<void> | undefined;
    onSlice = (step) => {
      if (step !== 'published' || resumed) return;
      resumed = test.storage.compaction.resume();
      throw new Error('deposed');
    };
    await expect(compactBefore(HORIZON)).rejects.toThrow('deposed');
    await resumed;
    expect([await count('readings'), await count('intervals'), await count('alarms')]).toEqual([6, 2, 1]);
  });

  it('writes the removed entries to an archive before it deletes them', async () => {
    await fillTwoDays();
    const whole = (await readAll()).flatMap(({ entries }) => entries);
    const folder = join(test.folder, 'archive');
    const { position, archive } = await compactBefore(HORIZON, { archiveFolder: folder });
    const [manifestName = '', name = ''] = readdirSync(folder).sort();
    expect(archive).toBe(join(folder, name));
    const manifest = JSON.parse(readFileSync(join(folder, manifestName), 'utf8')) as Record<string, unknown>;
    const bytes = readFileSync(join(folder, name));
    expect(manifest).toMatchObject({
      file: name,
      firstPosition: 1,
      lastPosition: position,
      entries: position,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
    const { logId } = await test.eventLog.end();
    expect(lines.map((line) => ({ logId, ...(JSON.parse(line) as object) }))).toEqual(
      whole.filter((entry) => entry.position <= position),
    );
    clockMs += 3 * DAY_MS;
    const next = await compactBefore(at(4 * 1_440), { archiveFolder: folder });
    expect(next.archive).toContain(`log-${String(position + 1).padStart(12, '0')}-`);
  });

  it('removes nothing if the archive cannot be written', async () => {
    await fillTwoDays();
    const before = await count('events');
    const archiveFolder = join(test.folder, 'a file');
    writeFileSync(archiveFolder, '');
    await expect(compactBefore(HORIZON, { archiveFolder })).rejects.toThrow('EEXIST');
    expect(await count('events')).toBe(before);
    expect(await record('Door', [[100, 'OPEN']])).toMatchObject({ accepted: 1 });
  });
});

describe('an erasure', () => {
  it('removes the user from the snapshot', async () => {
    await fillTwoDays();
    await test.commands.createRule(createRuleInput({ userId: 'ben' }));
    await compactBefore(HORIZON);
    expect(await count(`log_snapshot where data like '%"ana"%'`)).toBeGreaterThan(0);
    const log = { waitUntilRelayed: () => Promise.resolve(true), rewrite: () => Promise.resolve() };
    test.storage.erasures.start(log);
    const accepted = await test.storage.erasures.request({ id: 'olga', role: 'operator' }, 'ana');
    if (accepted.kind !== 'accepted') throw new Error(accepted.kind);
    expect(await accepted.waitUntilComplete(20_000)).toBe(true);
    expect(await count(`log_snapshot where data like '%"ana"%'`)).toBe(0);
    expect(await count(`events where data like '%"ana"%'`)).toBe(0);
    expect((await readAll()).at(-1)?.entries.length).toBeGreaterThan(0);
  });

  it('is not disturbed by a compaction: it waits', async () => {
    await fillTwoDays();
    await test.storage.erasures.request({ id: 'olga', role: 'operator' }, 'ana');
    await expect(compactBefore(HORIZON)).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } });
  });
});
