import { storedRuleStateSchema, type RuleConditions, type RuleState } from '@seguridad-abc/contracts';
import type { RuleVersion } from '@seguridad-abc/evaluation';
import {
  and,
  asc,
  count,
  countDistinct,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNull,
  lt,
  sql,
  type SQL,
} from 'drizzle-orm';
import {
  createCalendarVersionTable,
  type CalendarVersion,
  type CalendarVersionTable,
} from '../calendars/calendar-version-table.js';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createColumnPlaceholders, createUpsertValues, prepareInsert } from '../db/prepared-columns.js';
import { prepare } from '../db/prepared-statement.js';
import { getTables, type MonitoringTables } from '../db/schema.js';
import { isUniqueViolation } from '../db/unique-violation.js';
import { createAggregateRepository, type RepositoryOptions } from '../db/aggregate-repository.js';
import { rejectConflict, type EventCause, type Rejection } from '../domain/decision.js';
import { evolveRule, type RuleVersionChange } from '../domain/rule-decisions.js';
import type { RuleRepository } from './rule-commands.js';

/** Makes a rule's change effective for alarms, inside the transaction that saves it. @param before `undefined` for a new rule */
export type ApplyRuleChange = (
  before: RuleState | undefined,
  after: RuleState,
  cause: EventCause,
) => Promise<void>;

export interface RuleRepositoryOptions extends RepositoryOptions {
  readonly tables: Pick<RuleTableAccess, 'rules'>;
  /** Reads what is committed. */
  readonly reader: Pick<RuleTableAccess['rules'], 'findByIds'>;
  readonly hasCalendar: RuleRepository['hasCalendar'];
  readonly applyRuleChange: ApplyRuleChange;
  readonly checkQuotas: (
    rule: RuleState,
    before: RuleState | undefined,
    cause: EventCause,
  ) => Promise<Rejection | undefined>;
}

export function createRuleRepository(options: RuleRepositoryOptions): RuleRepository {
  const { rules } = options.tables;
  const { reader, hasCalendar, applyRuleChange, checkQuotas } = options;
  return {
    hasCalendar,
    ...createAggregateRepository(
      {
        stateSchema: storedRuleStateSchema,
        find: rules.findById,
        findAll: reader.findByIds,
        evolve: evolveRule,
        checkQuotas,
        async save(rule, before, cause) {
          await rules.upsert(rule);
          await applyRuleChange(before, rule, cause);
        },
        explainError: (error) => (isUniqueViolation(error, 'rules.name') ? NAME_CONFLICT : undefined),
      },
      options,
    ),
  };
}

const NAME_CONFLICT = rejectConflict(
  'name',
  'The user already has a rule of this name for this opening. Choose another name.',
);

export type RuleTableAccess = ReturnType<typeof createRuleTableAccess>;

/** The re-evaluation of past intervals under a rule, not finished yet. */
export type ReevaluationJob = MonitoringTables['reevaluationJobs']['$inferSelect'];

/** `validUntil` of a current rule version: later than every instant. */
export const NO_END = 8_640_000_000_000_000;

/**
 * The tables of rules, rule versions, versions of calendars and re-evaluation jobs. Every call belongs inside a transaction.
 * @param onDue is called with 0 (at once) if a job is added
 */
export const createRuleTableAccess = (db: MonitoringDrizzle, onDue: (at: number) => void) => {
  const calendarVersions = createCalendarVersionTable(db);
  return {
    rules: createRuleTable(db),
    versions: createRuleVersionTable(db, calendarVersions),
    calendarVersions,
    reevaluationJobs: createReevaluationJobTable(db, onDue),
  };
};

function createRuleTable(db: MonitoringDrizzle) {
  const { rules } = getTables(db);
  const byId = prepare(
    db,
    db
      .select()
      .from(rules)
      .where(eq(rules.id, sql.placeholder('id'))),
  );
  const isOfUser = and(eq(rules.userId, sql.placeholder('userId')), isNull(rules.deletedAt));
  const ofUser = prepare(db, db.select({ count: count() }).from(rules).where(isOfUser));
  const ofOpening = prepare(
    db,
    db
      .select({ count: count() })
      .from(rules)
      .where(and(isOfUser, eq(rules.opening, sql.placeholder('opening')))),
  );
  const upsert = prepareInsert(
    db,
    db
      .insert(rules)
      .values(createColumnPlaceholders(rules))
      .onConflictDoUpdate({ target: rules.id, set: createUpsertValues(rules) }),
  );

  return {
    findById: (id: string): Promise<RuleState | undefined> => byId.get({ id }),
    findByIds: async (ids: readonly string[]): Promise<RuleState[]> =>
      db
        .select()
        .from(rules)
        .where(inArray(rules.id, [...ids])),
    /** Some of the rules that name a calendar and are not deleted. */
    async listIdsOfCalendar(calendarId: string, limit: number): Promise<string[]> {
      const found = await db
        .select({ id: rules.id })
        .from(rules)
        .where(and(eq(rules.calendarId, calendarId), isNull(rules.deletedAt)))
        .orderBy(asc(rules.id))
        .limit(limit);
      return found.map(({ id }) => id);
    },
    /** The number of rules of a user that are not deleted. */
    countOfUser: async (userId: string): Promise<number> => (await ofUser.get({ userId }))?.count ?? 0,
    /** The number of rules of an opening that are not deleted. */
    countOfOpening: async (userId: string, opening: string): Promise<number> =>
      (await ofOpening.get({ userId, opening }))?.count ?? 0,
    upsert,
  };
}

/**
 * Rule versions in `[validFrom, validUntil)`. A disabled or deleted rule has no version. A change of the calendar that a rule names
 * begins a new version when versions are read, so that it writes nothing for each rule.
 */
function createRuleVersionTable(db: MonitoringDrizzle, calendarVersions: CalendarVersionTable) {
  const { ruleVersions } = getTables(db);
  const { ruleId, openingId, validFrom, validUntil, ...conditions } = getTableColumns(ruleVersions);
  const version = { from: validFrom, until: validUntil, ...conditions };
  const isOfOpening = eq(openingId, sql.placeholder('openingId'));
  const isOfRule = eq(ruleId, sql.placeholder('ruleId'));
  const overlaps = and(gt(validUntil, sql.placeholder('from')), lt(validFrom, sql.placeholder('until')));
  const byOpening = prepare(
    db,
    db
      .select({ ruleId, version })
      .from(ruleVersions)
      .where(and(isOfOpening, overlaps))
      .orderBy(asc(ruleId), asc(validFrom)),
  );
  const byRule = prepare(
    db,
    db.select(version).from(ruleVersions).where(and(isOfRule, overlaps)).orderBy(asc(validFrom)),
  );
  const holdsSince = and(isOfOpening, gt(validUntil, sql.placeholder('from')));
  const rulesSince = prepare(
    db,
    db
      .select({ count: countDistinct(ruleId) })
      .from(ruleVersions)
      .where(holdsSince),
  );
  const versionsSince = prepare(db, db.select({ count: count() }).from(ruleVersions).where(holdsSince));
  const hasVersion = (condition: SQL) => sql<boolean | number>`exists (select 1 from ${ruleVersions}
    where ${isOfOpening} and (${condition}))`;
  const watched = prepare(
    db,
    db
      .select({
        silences: hasVersion(sql`${conditions.silentAfterSeconds} is not null`),
        lateOpenings: hasVersion(
          sql`${conditions.calendarId} is not null or ${getDialect(db).contains(conditions.windows, '"openBy":"')}`,
        ),
      })
      .from(sql`(select 1) as one`),
  );
  const isPresent = and(isOfRule, eq(validUntil, NO_END));
  /** A version that would begin only after the change never holds. */
  const removeFuture = prepare(
    db,
    db.delete(ruleVersions).where(and(isPresent, gte(validFrom, sql.placeholder('at')))),
  );
  const endPresent = prepare(
    db,
    db
      .update(ruleVersions)
      .set({ validUntil: sql`${sql.placeholder('at')}` })
      .where(isPresent),
  );
  const insert = prepareInsert(db, db.insert(ruleVersions).values(createColumnPlaceholders(ruleVersions)));

  /** Adds the versions of a row that hold at any time of `[from, until)`. */
  const addVersions = async (
    to: RuleVersion[],
    row: RuleVersionRow,
    from: number,
    until: number,
  ): Promise<void> => {
    const { calendarId: calendar, decidedAt } = row;
    if (calendar === null) {
      to.push(toRuleVersion(row, null));
      return;
    }
    const calendarFrom = Math.max(row.from, decidedAt);
    const end = Math.min(row.until, until);
    const found = await calendarVersions.find(calendar, Math.max(calendarFrom, from), end);
    to.push(...splitAtCalendarVersions(row, calendarFrom, found));
  };

  return {
    /** The versions that hold at any time of `[from, until)`, in order, by rule id. @param until `null` for no end */
    async findByOpening(id: number, from: number, until: number | null): Promise<Map<string, RuleVersion[]>> {
      const byRuleId = new Map<string, RuleVersion[]>();
      const end = until ?? NO_END;
      for (const { ruleId: rule, version } of await byOpening.all({ openingId: id, from, until: end })) {
        const versions = byRuleId.get(rule) ?? [];
        byRuleId.set(rule, versions);
        await addVersions(versions, version, from, end);
      }
      return byRuleId;
    },

    /** The versions of a rule that hold at any time of `[from, until)`, in order. @param until `null` for no end */
    async findByRule(id: string, from: number, until: number | null): Promise<RuleVersion[]> {
      const versions: RuleVersion[] = [];
      const end = until ?? NO_END;
      for (const row of await byRule.all({ ruleId: id, from, until: end }))
        await addVersions(versions, row, from, end);
      return versions;
    },

    /** The number of rules of an opening that hold at some time after an instant, also if they are deleted now. */
    countRules: async (id: number, from: number): Promise<number> =>
      (await rulesSince.get({ openingId: id, from }))?.count ?? 0,

    /** What the rules of an opening may watch for besides intervals, now or at another time. */
    findWatched: async (id: number): Promise<WatchedEpisodes> => {
      const found = await watched.get({ openingId: id });
      return { silences: Boolean(found?.silences), lateOpenings: Boolean(found?.lateOpenings) };
    },

    /** The number of versions of an opening's rules that hold at some time after an instant, without changes of calendars. */
    countVersions: async (id: number, from: number): Promise<number> =>
      (await versionsSince.get({ openingId: id, from }))?.count ?? 0,

    async change(rule: string, opening: number, { endsAt, next }: RuleVersionChange): Promise<void> {
      await removeFuture.run({ ruleId: rule, at: endsAt });
      await endPresent.run({ ruleId: rule, at: endsAt });
      if (!next) return;
      const { calendarId: calendar, from } = next;
      // If the clock was set back, the calendar has been changed later than the rule.
      const calendarFrom = calendar === null ? undefined : await calendarVersions.getLastValidFrom(calendar);
      await insert({
        ...next,
        ruleId: rule,
        openingId: opening,
        validFrom: from,
        validUntil: NO_END,
        decidedAt: Math.max(endsAt, calendarFrom ?? endsAt),
      });
    },
  };
}

/** What rules can watch for besides the intervals of signals. */
export interface WatchedEpisodes {
  readonly silences: boolean;
  readonly lateOpenings: boolean;
}

/** A stored rule version. It may consist of several versions with different dates of its calendar. */
type RuleVersionRow = RuleConditions & {
  readonly from: number;
  readonly until: number;
  readonly decidedAt: number;
};

const toRuleVersion = (row: RuleVersionRow, calendar: RuleVersion['calendar']): RuleVersion => ({
  from: row.from,
  until: row.until === NO_END ? null : row.until,
  enabled: true,
  windows: row.windows,
  calendar,
  timeZone: row.timeZone,
  graceSeconds: row.graceSeconds,
  maxOpenSeconds: row.maxOpenSeconds,
  activeWindows: row.activeWindows,
  silentAfterSeconds: row.silentAfterSeconds,
  onTamper: row.onTamper,
  onBatteryLow: row.onBatteryLow,
});

/**
 * Splits a stored rule version where the dates of its calendar change.
 * @param calendarFrom the first instant at which the dates can change within the version; before it, the dates are those of
 *   this instant
 * @param calendarVersions in order; if the first one begins later than `calendarFrom`, the earlier ones are removed: nothing is
 *   due before it
 */
function splitAtCalendarVersions(
  row: RuleVersionRow,
  calendarFrom: number,
  calendarVersions: readonly CalendarVersion[],
): RuleVersion[] {
  return calendarVersions.map(({ validFrom, validUntil, dates }) => {
    const from = validFrom <= calendarFrom ? row.from : validFrom;
    const until = Math.min(validUntil ?? row.until, row.until);
    return toRuleVersion({ ...row, from, until }, dates);
  });
}

function createReevaluationJobTable(db: MonitoringDrizzle, onDue: (at: number) => void) {
  const { reevaluationJobs } = getTables(db);
  const upsert = prepareInsert(
    db,
    db
      .insert(reevaluationJobs)
      .values(createColumnPlaceholders(reevaluationJobs))
      .onConflictDoUpdate({
        target: reevaluationJobs.ruleId,
        set: { nextStart: getDialect(db).least(reevaluationJobs.nextStart, sql`excluded.next_start`) },
      }),
  );
  const isOfRule = eq(reevaluationJobs.ruleId, sql.placeholder('ruleId'));
  const advance = prepare(
    db,
    db
      .update(reevaluationJobs)
      .set({ nextStart: sql`${sql.placeholder('nextStart')}` })
      .where(isOfRule),
  );
  const remove = prepare(db, db.delete(reevaluationJobs).where(isOfRule));
  const ofRule = prepare(db, db.select().from(reevaluationJobs).where(isOfRule));

  return {
    find: (ruleId: string): Promise<ReevaluationJob | undefined> => ofRule.get({ ruleId }),
    /** A rule that already has a job keeps the earlier of the two starts. */
    async add(job: ReevaluationJob): Promise<void> {
      await upsert(job);
      onDue(0);
    },
    /** @param nextStart the start of the first interval that is not evaluated yet */
    advance: (ruleId: string, nextStart: number): Promise<void> => advance.run({ ruleId, nextStart }),
    remove: (ruleId: string): Promise<void> => remove.run({ ruleId }),
  };
}
