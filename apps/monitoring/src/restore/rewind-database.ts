import {
  parseLogEvent,
  type AlarmState,
  type CalendarState,
  type DeviceState,
  type MonitoringEvent,
  type OpeningChange,
  type Reading,
  type RuleState,
} from '@seguridad-abc/contracts';
import { StartError } from '@seguridad-abc/platform';
import { and, asc, eq, gt, gte, inArray, lte, min, ne, sql } from 'drizzle-orm';
import { createAlarmTableAccess } from '../alarms/alarm-repository.js';
import { createCalendarTable } from '../calendars/calendar-repository.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { runSql } from '../db/prepared-statement.js';
import {
  alarms,
  calendars,
  calendarVersions,
  devices,
  erasedOpenings,
  erasures,
  events,
  idempotencyKeyRows,
  intervals,
  logHorizon,
  openingExceptions,
  openings,
  pendingAlarms,
  readings,
  reevaluationJobs,
  rules,
  ruleVersions,
  snapshotEntries,
  timeZoneDataVersion,
  unevaluatedEpisodes,
} from '../db/sqlite-schema.js';
import { hasNewDates } from '../domain/calendar-decisions.js';
import { deriveRuleVersionChange } from '../domain/rule-decisions.js';
import { createExceptionTable } from '../exceptions/exception-repository.js';
import { createAlarmStartFinder, type AlarmStart } from './alarm-starts.js';
import { createOpeningTableAccess } from '../readings/opening-tables.js';
import { WITHDRAWN_CODE } from '../db/reading-codes.js';
import { createRuleTableAccess } from '../rules/rule-repository.js';

const EVENTS_PER_READ = 1_000;

/** Nothing waits: monitoring does not run. */
const IGNORE_DUE = () => undefined;

/**
 * Takes a database back to a position of its event log. Removes later events, and derives the state again from the earlier
 * ones. The audit trail stays as it is: it also records what was attempted later. Monitoring evaluates all intervals again when
 * it starts, because the log does not say which of them were evaluated. To be called inside a transaction.
 * @throws StartError if the log is compacted beyond the position, lacks its beginning, or has an entry that this version cannot
 * read
 */
export async function rewindDatabase(db: MonitoringDrizzle, position: number): Promise<void> {
  const [horizon] = await db.select().from(logHorizon);
  const compactedUpTo = horizon?.position ?? 0;
  if (position < compactedUpTo)
    throw new StartError(
      `The log of the backup is compacted up to position ${compactedUpTo}: choose that position or a later one, or an older backup.`,
    );
  await db.delete(events).where(lte(events.position, compactedUpTo));
  const [first] = await db.select({ position: min(events.position) }).from(events);
  if (first?.position !== compactedUpTo + 1)
    throw new StartError('The log of the backup is archived: restore the whole backup.');
  const kept = compactedUpTo > 0 ? await keepCompactedState(db, compactedUpTo) : undefined;
  await removeLaterEvents(db, position);
  const knownDevices = await db.select().from(devices);
  const seenAt = new Map(
    knownDevices.map(({ id, lastSeenAt, repeatedRequests }) => [id, { lastSeenAt, repeatedRequests }]),
  );
  const definitions = [rules, ruleVersions, calendars, calendarVersions, openingExceptions, devices];
  const derived = [openings, readings, intervals, alarms, pendingAlarms];
  for (const table of [...definitions, ...derived, reevaluationJobs, unevaluatedEpisodes])
    await db.delete(table);
  const replay = createEventReplay(db, {
    findActivity: (id) => seenAt.get(id),
    findAlarm: (id) => kept?.alarms.get(id),
  });
  const replayRow = async (row: ReplayedRow) => {
    const parsed = parseLogEvent({ ...row, mark: undefined, traceparent: undefined, logId: 'restored' });
    if (!parsed.ok)
      throw new StartError(`Entry ${row.position} of the log cannot be read: ${parsed.reason}.`);
    await replay(parsed.event, row.at);
  };
  if (horizon && kept) {
    await replayPages(
      (after) => readSnapshotPage(db, compactedUpTo, after),
      0,
      (row) =>
        // The readings of the snapshot are among those that are put back.
        replayRow(row.type === 'ReadingsRecorded' ? { ...row, type: 'OpeningChanged' } : row),
    );
    await kept.putBack(Date.parse(horizon.before));
  }
  await replayPages((after) => readEventPage(db, after), compactedUpTo, replayRow);
  await setAlarmStarts(db);
  await scheduleEvaluation(db);
}

type ReplayedRow = Omit<typeof events.$inferSelect, 'mark' | 'traceparent'>;

async function replayPages(
  readPage: (after: number) => Promise<readonly ReplayedRow[]>,
  from: number,
  replay: (row: ReplayedRow) => Promise<void>,
): Promise<void> {
  for (let after = from; ;) {
    const page = await readPage(after);
    for (const row of page) await replay(row);
    const last = page.at(-1);
    if (!last) return;
    after = last.position;
  }
}

const readEventPage = async (db: MonitoringDrizzle, after: number): Promise<ReplayedRow[]> =>
  db
    .select()
    .from(events)
    .where(gt(events.position, after))
    .orderBy(asc(events.position))
    .limit(EVENTS_PER_READ);

const readSnapshotPage = async (
  db: MonitoringDrizzle,
  snapshot: number,
  after: number,
): Promise<ReplayedRow[]> =>
  db
    .select()
    .from(snapshotEntries)
    .where(and(eq(snapshotEntries.snapshot, snapshot), gt(snapshotEntries.position, after)))
    .orderBy(asc(snapshotEntries.position))
    .limit(EVENTS_PER_READ);

/**
 * Keeps what a compacted log does not say of the state at its snapshot: readings, the last interval of openings whose intervals
 * are all removed, and of which intervals alarms are. To be called before the tables and later events are deleted.
 */
async function keepCompactedState(db: MonitoringDrizzle, compactedUpTo: number) {
  await runSql(
    db,
    sql`create temp table kept_readings as
    select user_id, name, code, at, readings.id as id, readings.tampered, readings.battery_low from ${readings} join ${openings} on openings.id = opening_id`,
  );
  // The entries after the snapshot have these readings.
  await runSql(
    db,
    sql`delete from temp.kept_readings where (user_id, name, id) in (
    select data ->> '$.userId', data ->> '$.opening', reading.value ->> '$.id'
    from ${events}, json_each(data, '$.readings') as reading
    where events.type = 'ReadingsRecorded' and position > ${compactedUpTo})`,
  );
  await runSql(
    db,
    sql`create temp table kept_intervals as
    select user_id, name, signal, started_at, start_id, ended_at from ${intervals} join ${openings} on openings.id = opening_id`,
  );
  const known = await db
    .select({
      id: alarms.id,
      startKey: alarms.startKey,
      startedAt: alarms.startedAt,
      windowEndsAt: alarms.windowEndsAt,
      cause: alarms.cause,
    })
    .from(alarms);
  return {
    alarms: new Map(known.map((alarm) => [alarm.id, alarm])),
    /** To be called when the snapshot is replayed. */
    async putBack(beforeMs: number): Promise<void> {
      await runSql(
        db,
        sql`insert into ${readings} (opening_id, code, at, id, effective, tampered, battery_low)
        select openings.id, code, at, kept.id, at < ${beforeMs} or code >= ${WITHDRAWN_CODE}, kept.tampered, kept.battery_low from temp.kept_readings as kept
        join ${openings} on openings.user_id = kept.user_id and openings.name = kept.name`,
      );
      await runSql(
        db,
        sql`insert into ${intervals} (opening_id, signal, started_at, start_id, ended_at)
        select openings.id, signal, max(started_at), start_id, ended_at from temp.kept_intervals as kept
        join ${openings} on openings.user_id = kept.user_id and openings.name = kept.name
        where ended_at < ${beforeMs} and (openings.id, signal) not in (select opening_id, signal from ${intervals})
        group by openings.id, signal`,
      );
      await runSql(db, sql`drop table temp.kept_readings`);
      await runSql(db, sql`drop table temp.kept_intervals`);
    },
  };
}

async function removeLaterEvents(db: MonitoringDrizzle, position: number): Promise<void> {
  const [next] = await db
    .select({ at: events.at })
    .from(events)
    .where(eq(events.position, position + 1));
  await db.delete(events).where(gt(events.position, position));
  // The next event gets the next position.
  await runSql(db, sql`update sqlite_sequence set seq = ${position} where name = 'events'`);
  // A repeated command must not get the result of one that is lost.
  if (next) await db.delete(idempotencyKeyRows).where(gte(idempotencyKeyRows.at, next.at));
  // An erasure that is not complete begins again: its user has data again.
  const unfinished = await db
    .select({ id: erasures.id })
    .from(erasures)
    .where(and(gt(erasures.position, position), sql`${erasures.completedAt} is null`));
  const lost = unfinished.map(({ id }) => id);
  await db.delete(erasedOpenings).where(inArray(erasedOpenings.erasureId, lost));
  await db
    .update(erasures)
    .set({ position: null, auditSequence: null, erasedPosition: 0 })
    .where(inArray(erasures.id, lost));
}

type DeviceActivity = Pick<typeof devices.$inferSelect, 'lastSeenAt' | 'repeatedRequests'>;

interface EventReplayOptions {
  readonly findActivity: (deviceId: string) => DeviceActivity | undefined;
  /** What the database knew of an alarm whose interval is not in the log any more. */
  readonly findAlarm: (id: string) => (AlarmStart & { readonly cause: string }) | undefined;
}

/** Creates a function that applies events to the tables, in the order of the log. */
function createEventReplay(
  db: MonitoringDrizzle,
  { findActivity, findAlarm }: EventReplayOptions,
): (event: MonitoringEvent, at: string) => Promise<void> {
  const openingTables = createOpeningTableAccess(db, IGNORE_DUE);
  const ruleTables = createRuleTableAccess(db, IGNORE_DUE);
  const alarmTables = createAlarmTableAccess(db, IGNORE_DUE);
  const calendarTable = createCalendarTable(db);
  const exceptionTable = createExceptionTable(db);
  const findEpisode = createAlarmStartFinder(openingTables, ruleTables);
  /** A retracted alarm stays in the episode in which it was. */
  const findStart = async (
    alarm: AlarmState,
    openingId: number,
    known: AlarmStart | undefined,
  ): Promise<AlarmStart> =>
    (alarm.status === 'RETRACTED' ? undefined : await findEpisode({ ...alarm, openingId })) ??
    known ?? { startKey: '', startedAt: Date.parse(alarm.raisedAt), windowEndsAt: null };

  const applyRule = async (rule: RuleState) => {
    const before = await ruleTables.rules.findById(rule.id);
    const opening = await openingTables.openings.findOrCreate(rule.userId, rule.opening);
    await ruleTables.rules.upsert(rule);
    const change = deriveRuleVersionChange(before, rule);
    if (change) await ruleTables.versions.change(rule.id, opening.id, change);
  };

  const applyCalendar = async (calendar: CalendarState) => {
    const before = await calendarTable.findById(calendar.id);
    await calendarTable.upsert(calendar);
    if (hasNewDates(before, calendar)) await ruleTables.calendarVersions.add(calendar);
  };

  const applyOpening = async (change: OpeningChange, received: readonly Reading[], at: string) => {
    const opening = await openingTables.openings.findOrCreate(change.userId, change.opening);
    const { id } = opening;
    const clock = Date.parse(at);
    const added = received.map((reading) => ({ ...reading, at: Date.parse(reading.at) }));
    await openingTables.readings.insert(id, added, clock);
    // Readings that were ahead of the clock have taken effect.
    if (received.length === 0)
      await db
        .update(readings)
        .set({ effective: true })
        .where(and(eq(readings.openingId, id), sql`not ${readings.effective}`, lte(readings.at, clock)));
    for (const { signal, startId } of change.removed)
      await db
        .delete(intervals)
        .where(
          and(eq(intervals.openingId, id), eq(intervals.signal, signal), eq(intervals.startId, startId)),
        );
    for (const { signal, startId, startedAt, endedAt } of change.intervals)
      await openingTables.intervals.upsert(id, signal, [
        {
          startId,
          startedAt: Date.parse(startedAt),
          endedAt: endedAt === null ? null : Date.parse(endedAt),
        },
      ]);
    const since = change.since === null ? null : Date.parse(change.since);
    const { state, tampered, batteryLow } = change;
    await openingTables.openings.setState(id, { state, since, tampered, batteryLow });
  };

  const withdraw = async ({ userId, opening, readings: withdrawn }: ReadingWithdrawal) => {
    const { id: openingId } = await openingTables.openings.findOrCreate(userId, opening);
    for (const { id } of withdrawn) {
      const stored = await openingTables.readings.findById(openingId, id);
      if (stored?.isWithdrawn === false) await openingTables.readings.withdraw(openingId, stored);
    }
  };

  const applyAlarm = async (alarm: AlarmState) => {
    const stored = await alarmTables.alarms.findById(alarm.id);
    const known = stored ?? findAlarm(alarm.id);
    const openingId =
      stored?.openingId ?? (await openingTables.openings.findOrCreate(alarm.userId, alarm.opening)).id;
    const cause = alarm.status === 'RETRACTED' ? (known?.cause ?? alarm.reason) : alarm.reason;
    const { startKey, startedAt, windowEndsAt } = await findStart(alarm, openingId, known);
    await alarmTables.alarms.upsert({ ...alarm, openingId, startKey, startedAt, windowEndsAt, cause });
  };

  const applyDevice = async (device: DeviceState) => {
    const { lastSeenAt = null, repeatedRequests = 0 } = findActivity(device.id) ?? {};
    const row = { ...device, lastSeenAt, repeatedRequests };
    await db.insert(devices).values(row).onConflictDoUpdate({ target: devices.id, set: row });
  };

  return async (event, at) => {
    const { data } = event;
    if ('rule' in data) await applyRule(data.rule);
    else if ('calendar' in data) await applyCalendar(data.calendar);
    else if ('exception' in data) await exceptionTable.upsert(data.exception);
    else if ('alarm' in data) await applyAlarm(data.alarm);
    else if ('device' in data) await applyDevice(data.device);
    else if (event.type === 'ReadingsRecorded') await applyOpening(event.data, event.data.readings, at);
    else if (event.type === 'OpeningChanged') await applyOpening(event.data, [], at);
    else if (event.type === 'ReadingsWithdrawn') {
      await withdraw(event.data);
      await applyOpening(event.data, [], at);
    }
    // An erasure has replaced the earlier events of its user.
  };
}

type ReadingWithdrawal = Extract<MonitoringEvent, { type: 'ReadingsWithdrawn' }>['data'];

/** A later reading can have moved the start of an episode without an event of its alarm. */
async function setAlarmStarts(db: MonitoringDrizzle): Promise<void> {
  const findStart = createAlarmStartFinder(
    createOpeningTableAccess(db, IGNORE_DUE),
    createRuleTableAccess(db, IGNORE_DUE),
  );
  for (const record of await db.select().from(alarms).where(ne(alarms.status, 'RETRACTED'))) {
    const start = await findStart(record);
    if (start) await db.update(alarms).set(start).where(eq(alarms.id, record.id));
  }
}

/** Lets monitoring evaluate everything again. An alarm that is stored already does not change. */
async function scheduleEvaluation(db: MonitoringDrizzle): Promise<void> {
  await runSql(
    db,
    sql`insert into ${unevaluatedEpisodes} (opening_id, subject, start_key, started_at)
    select opening_id, signal, start_id, started_at from ${intervals}`,
  );
  // Silences, and the windows in which an opening was not opened, follow from the rules.
  await runSql(
    db,
    sql`insert into ${reevaluationJobs} (rule_id, opening_id, next_start)
    select rule_id, opening_id, min(valid_from) from ${ruleVersions}
    where silent_after_seconds is not null or calendar_id is not null or windows like '%"openBy":"%'
    group by rule_id`,
  );
  // Without this row, the present state of all openings is evaluated at the next start.
  await db.delete(timeZoneDataVersion);
}
