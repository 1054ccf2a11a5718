import {
  ACCEPTED_OUTCOME,
  UNCHANGED_OUTCOME,
  formatInstant,
  type OpeningChange,
} from '@seguridad-abc/contracts';
import { applyReadings, type IntervalChanges, type SensorReading } from '@seguridad-abc/evaluation';
import type { AuditSummaries } from '@seguridad-abc/platform';
import { getWorkOwner, MAX_SMALL_SIZE, type GroupCommit } from '../db/group-commit.js';
import type { AppendEvent } from '../db/outbox.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import type { CommandCaller, EventCause } from '../domain/decision.js';
import { MAX_READING_AHEAD_MS } from '../domain/reading-batch.js';
import { createWorkBudget, READING_COST_US, type WorkBudget } from '../domain/work-budget.js';
import {
  findSettled,
  mergeChanges,
  toIntervalsToEvaluate,
  type ChangedInterval,
  type IntervalsToEvaluate,
} from './changed-intervals.js';
import type { OpeningRecord, OpeningTableAccess } from './opening-tables.js';
import { createPartialCommands, findEarlier, type CommandKey } from './partial-commands.js';
import type { ReadingRepository } from './reading-commands.js';
import { countReadings } from './reading-quotas.js';

/** Evaluates the changed intervals of an opening. Every call belongs inside the transaction that saves them. */
export interface ChangedIntervalEvaluator {
  /** To be called with all changes of a transaction, before any of them is evaluated. */
  forgetPendingAlarms(opening: OpeningRecord, changes: IntervalChanges): void;
  /**
   * Evaluates changed intervals under all rules of the opening, until the budget is spent.
   * @returns the intervals that are left
   */
  evaluateChanges(
    opening: OpeningRecord,
    changes: IntervalsToEvaluate,
    cause: EventCause,
    budget: WorkBudget,
  ): IntervalsToEvaluate;
}

/** What one transaction does of a large command. */
export interface SliceLimits {
  /** Readings of one opening that are stored together, with one event. */
  readonly readingsPerStep: number;
  /** The estimated cost after which the transaction begins no further step, in microseconds. */
  readonly costUs: number;
}

/**
 * A command of some readings takes one transaction, unless they change many alarms. The last step or interval may exceed the
 * limit: one interval of an opening with as many rules as customers may have costs 50 ms.
 */
const DEFAULT_SLICE_LIMITS: SliceLimits = { readingsPerStep: 100, costUs: 7_000 };

export interface SqliteReadingRepositoryOptions {
  readonly tables: OpeningTableAccess;
  readonly evaluator: ChangedIntervalEvaluator;
  /** Counts the rules of an opening that hold at some time after an instant. */
  readonly countRules: (openingId: number, from: number) => number;
  readonly appendEvent: AppendEvent;
  readonly appendAuditEntry: AppendAuditEntry;
  /** Counts commands that add no reading. */
  readonly auditSummaries: Pick<AuditSummaries, 'record'>;
  readonly transact: GroupCommit;
  /** Is called when a command has ended that changed intervals in several transactions. */
  readonly onSlicedCommandEnd: () => void;
  /** The server's instant. */
  readonly now: () => string;
  /** Called for each transaction. @default 100 readings and 7 ms */
  readonly getSliceLimits?: (() => SliceLimits) | undefined;
}

export interface SqliteReadingRepository extends ReadingRepository {
  /**
   * Lets early readings take effect whose instant is reached. To be called inside a transaction.
   * @param limit of the readings, each counted with the rules of its opening; one reading always takes effect
   * @returns the number of readings
   */
  applyEarlyReadings(cause: EventCause, limit: number): number;
  /** Whether commands that have failed may have left intervals that are not evaluated. */
  hasLeftIntervals(): boolean;
  /**
   * Evaluates intervals that commands have left when they failed, or when the process ended. To be called inside a
   * transaction.
   * @returns false if there was none
   */
  evaluateLeftIntervals(cause: EventCause): boolean;
}

/** What a command still has to do for one opening. */
interface OpeningWork {
  readonly name: string;
  /** In the order of their instants, if they take several steps. */
  readonly readings: readonly SensorReading[];
  /** Undefined until a transaction has stored a reading. */
  readonly openingId?: number;
  readonly changed: readonly ChangedInterval[];
}

/** What one transaction has done of a command. */
interface RecordedSlice {
  /** The number of new readings. */
  readonly accepted: number;
  readonly rest: readonly OpeningWork[];
}

/** Further transactions of a command wait in the queue of large work. */
const MIN_SIZE_OF_SLICE = MAX_SMALL_SIZE + 1;
const MAX_SIZE_OF_SLICE = 100;

export function createSqliteReadingRepository(
  options: SqliteReadingRepositoryOptions,
): SqliteReadingRepository {
  const { tables, evaluator, countRules, appendEvent, appendAuditEntry, transact, now } = options;
  const { getSliceLimits = () => DEFAULT_SLICE_LIMITS } = options;
  const partialCommands = createPartialCommands();
  let mayHaveLeftIntervals = true;

  const createAttempt = ({ id, role, device, address }: CommandCaller, userId: string) => ({
    action: 'recordReadings',
    role,
    actor: id,
    ...(device !== undefined && { device }),
    address: address ?? null,
    userId,
  });

  /** Records the new readings of one transaction by opening. */
  const audit = (
    caller: CommandCaller,
    userId: string,
    accepted: ReadonlyMap<string, number>,
    at: string,
  ) => {
    const [onlyOpening] = accepted.keys();
    const subject = accepted.size === 1 ? (onlyOpening ?? null) : null;
    const after = { acceptedReadings: Object.fromEntries(accepted) };
    appendAuditEntry({ ...createAttempt(caller, userId), subject, after, outcome: ACCEPTED_OUTCOME }, at);
  };

  /** Stores readings with their event. @returns the number of new ones, and how they change intervals */
  const recordStep = (
    opening: OpeningRecord,
    received: readonly SensorReading[],
    cause: EventCause,
  ): { readonly accepted: number; readonly changes?: IntervalChanges } => {
    const clock = Date.parse(cause.now);
    const added = received.filter((reading) =>
      tables.readings.insert(opening.id, reading, reading.at <= clock),
    );
    if (added.length === 0) return { accepted: 0 };
    const effective = added.filter(({ at }) => at <= clock);
    const present = effective.length > 0 ? opening : (tables.openings.findById(opening.id) ?? opening);
    const changes =
      effective.length > 0
        ? updateIntervals(tables, opening, effective)
        : { put: [], removed: [], state: present.state, since: present.since };
    const readings = added.map(({ id, state, at }) => ({ id, state, at: formatInstant(at) }));
    const data = { ...toOpeningChange(opening, changes), readings };
    appendEvent({ type: 'ReadingsRecorded', version: 1, data }, cause.now, cause.actor);
    evaluator.forgetPendingAlarms(opening, changes);
    return { accepted: added.length, changes };
  };

  /** Reads again intervals that an earlier transaction has changed: other commands may have changed them too. */
  const reload = (openingId: number, changed: readonly Pick<ChangedInterval, 'startId' | 'startedAt'>[]) =>
    changed.map(({ startId, startedAt }): ChangedInterval => {
      const found = tables.intervals.findAt(openingId, startedAt);
      const present = found?.startId === startId ? found : undefined;
      return { startId, startedAt, present, isStored: true };
    });

  /** Adds the intervals that other commands have left to a command. */
  const addLeft = (openingId: number, changed: readonly ChangedInterval[]) => {
    const left = tables.unevaluated.listByOpening(openingId);
    const leftIds = new Set(left.map(({ startId }) => startId));
    // What was read again is as it is now, also if this transaction has changed it.
    return [...changed.filter(({ startId }) => !leftIds.has(startId)), ...reload(openingId, left)];
  };

  /** Evaluates the settled ones of changed intervals. @returns those that are not evaluated */
  const evaluateSettled = (
    opening: OpeningRecord,
    changed: readonly ChangedInterval[],
    nextAt: number | undefined,
    cause: EventCause,
    budget: WorkBudget,
  ): readonly ChangedInterval[] => {
    const settled = findSettled(changed, nextAt);
    if (settled.length === 0) return changed;
    const left = evaluator.evaluateChanges(opening, toIntervalsToEvaluate(settled), cause, budget);
    const leftIds = new Set([...left.put, ...left.removed].map(({ startId }) => startId));
    const evaluated = new Set(settled.filter(({ startId }) => !leftIds.has(startId)));
    for (const { startId, isStored } of evaluated)
      if (isStored) tables.unevaluated.remove(opening.id, startId);
    return changed.filter((one) => !evaluated.has(one));
  };

  /** Works for one opening until the budget is spent. @returns the remaining work; undefined if there is none */
  const workOnOpening = (
    userId: string,
    work: OpeningWork,
    command: CommandKey,
    cause: EventCause,
    budget: WorkBudget,
    readingsPerStep: number,
  ): { readonly accepted: number; readonly rest: OpeningWork | undefined } => {
    const { name, openingId } = work;
    const opening = tables.openings.findOrCreate(userId, name);
    const nextAtOfOthers = partialCommands.findNextAt(opening.id, command);
    let { readings } = work;
    // If the user's data was erased meanwhile, this is another opening.
    const isContinued = opening.id === openingId;
    let changed: readonly ChangedInterval[] = isContinued ? reload(opening.id, work.changed) : [];
    let accepted = 0;
    for (;;) {
      if (readings.length === 0 && isContinued && nextAtOfOthers === undefined) {
        changed = addLeft(opening.id, changed);
      }
      const nextAt = findEarlier(readings[0]?.at, nextAtOfOthers);
      changed = evaluateSettled(opening, changed, nextAt, cause, budget);
      const isDone = readings.length === 0 && (changed.length === 0 || !budget.isSpent);
      if (isDone) {
        // Readings that other commands have left can change them: those commands evaluate them.
        storeUnevaluated(opening.id, changed);
        return { accepted, rest: undefined };
      }
      if (budget.isSpent) return { accepted, rest: { name, readings, openingId: opening.id, changed } };
      const step = readings.slice(0, readingsPerStep);
      readings = readings.slice(readingsPerStep);
      const recorded = recordStep(opening, step, cause);
      budget.spend(step.length * READING_COST_US);
      accepted += recorded.accepted;
      if (recorded.changes) changed = mergeChanges(changed, recorded.changes);
    }
  };

  /** Does a part of a command, inside a transaction. */
  const recordSlice = (
    caller: CommandCaller,
    userId: string,
    work: readonly OpeningWork[],
    command: CommandKey,
  ): RecordedSlice => {
    const { readingsPerStep, costUs } = getSliceLimits();
    const cause = { now: now(), actor: caller };
    const budget = createWorkBudget(costUs);
    const acceptedByOpening = new Map<string, number>();
    let accepted = 0;
    let done = 0;
    let rest: OpeningWork | undefined;
    for (const next of work) {
      if (budget.isSpent) break;
      const outcome = workOnOpening(userId, next, command, cause, budget, readingsPerStep);
      if (outcome.accepted > 0) acceptedByOpening.set(next.name, outcome.accepted);
      accepted += outcome.accepted;
      rest = outcome.rest;
      done++;
    }
    if (acceptedByOpening.size > 0) audit(caller, userId, acceptedByOpening, cause.now);
    const others = work.slice(done);
    return { accepted, rest: rest ? [leaveToNextSlice(rest), ...others] : others };
  };

  /** Stores that intervals are not evaluated. */
  const leaveToNextSlice = (work: OpeningWork): OpeningWork => {
    const { openingId, changed } = work;
    if (openingId === undefined) return work;
    storeUnevaluated(openingId, changed);
    return { ...work, changed: changed.map((one) => ({ ...one, isStored: true })) };
  };

  const storeUnevaluated = (openingId: number, changed: readonly ChangedInterval[]) => {
    for (const one of changed) if (!one.isStored) tables.unevaluated.add(openingId, one);
  };

  const endSlicedCommand = (command: CommandKey) => {
    partialCommands.set(command, undefined, undefined);
    // After a failure, a job evaluates the remaining intervals.
    mayHaveLeftIntervals = true;
    options.onSlicedCommandEnd();
  };

  return {
    async record(caller, userId, byOpening) {
      const total = countReadings(byOpening);
      const command: CommandKey = {};
      let isSliced = false as boolean;
      let work: readonly OpeningWork[] = [...byOpening].map(([name, readings]) => ({
        name,
        readings: orderByInstant(readings),
        changed: [],
      }));
      let size = total;
      let accepted = 0;
      try {
        // One after another: a transaction continues what the one before has left.
        while (work.length > 0) {
          const slice = await transact(
            () => {
              const recorded = recordSlice(caller, userId, work, command);
              const [next] = recorded.rest;
              partialCommands.set(command, next?.openingId, next?.readings[0]?.at);
              isSliced ||= next?.openingId !== undefined;
              return recorded;
            },
            Math.min(size, MAX_SIZE_OF_SLICE),
            getWorkOwner(caller),
          );
          accepted += slice.accepted;
          work = slice.rest;
          size = Math.max(MIN_SIZE_OF_SLICE, total);
        }
      } finally {
        if (isSliced) endSlicedCommand(command);
      }
      if (accepted === 0) {
        const subject = null;
        options.auditSummaries.record({
          ...createAttempt(caller, userId),
          subject,
          outcome: UNCHANGED_OUTCOME,
        });
      }
      return { accepted, duplicates: total - accepted };
    },

    applyEarlyReadings(cause, limit) {
      let total = 0;
      // One interval and its rules count as one, so that the readings of an opening with many rules take several turns.
      const weigh = (openingId: number) =>
        1 + countRules(openingId, Date.parse(cause.now) - MAX_READING_AHEAD_MS);
      const effective = tables.readings.makeEffective(Date.parse(cause.now), limit, weigh);
      for (const [openingId, added] of effective) {
        total += added.length;
        const opening = tables.openings.findById(openingId);
        if (!opening) continue;
        const changes = updateIntervals(tables, opening, added);
        const data = toOpeningChange(opening, changes);
        appendEvent({ type: 'OpeningChanged', version: 1, data }, cause.now, cause.actor);
        evaluator.forgetPendingAlarms(opening, changes);
        const changed = mergeChanges([], changes);
        const nextAt = partialCommands.findNextAt(openingId);
        storeUnevaluated(
          openingId,
          evaluateSettled(opening, changed, nextAt, cause, createWorkBudget(Infinity)),
        );
      }
      return total;
    },

    hasLeftIntervals() {
      mayHaveLeftIntervals &&= tables.unevaluated.findOpening(partialCommands.listOpenings()) !== undefined;
      return mayHaveLeftIntervals;
    },

    evaluateLeftIntervals(cause) {
      if (!mayHaveLeftIntervals) return false;
      const openingId = tables.unevaluated.findOpening(partialCommands.listOpenings());
      if (openingId === undefined) return false;
      const opening = tables.openings.findById(openingId);
      if (opening) {
        const changed = reload(openingId, tables.unevaluated.listByOpening(openingId));
        evaluateSettled(opening, changed, undefined, cause, createWorkBudget(getSliceLimits().costUs));
      } else {
        tables.unevaluated.removeByOpening(openingId);
      }
      return true;
    },
  };
}

/** Of several readings with one id the first of the command counts, whatever its instant. */
function orderByInstant(readings: readonly SensorReading[]): readonly SensorReading[] {
  if (readings.length === 1) return readings;
  const byId = new Map<string, SensorReading>();
  for (const reading of readings) if (!byId.has(reading.id)) byId.set(reading.id, reading);
  return [...byId.values()].sort((a, b) => a.at - b.at);
}

/** Updates the intervals and the state of an opening for stored readings that take effect. */
function updateIntervals(
  { openings, readings, intervals }: OpeningTableAccess,
  { id }: OpeningRecord,
  added: readonly SensorReading[],
): IntervalChanges {
  const changes = applyReadings(
    {
      firstReading: (state, from) => readings.findFirst(id, state, from),
      intervalBefore: (at) => intervals.findLastBefore(id, at),
      intervalsBetween: (from, until) => intervals.findBetween(id, from, until),
    },
    added,
  );
  for (const { startedAt } of changes.removed) intervals.remove(id, startedAt);
  for (const interval of changes.put) intervals.upsert(id, interval);
  openings.setState(id, changes);
  return changes;
}

const toOpeningChange = (
  { userId, name }: OpeningRecord,
  { state, since, put, removed }: IntervalChanges,
): OpeningChange => ({
  userId,
  opening: name,
  state,
  since: formatNullableInstant(since),
  intervals: put.map(({ startId, startedAt, endedAt }) => ({
    startId,
    startedAt: formatInstant(startedAt),
    endedAt: formatNullableInstant(endedAt),
  })),
  removed: removed.map(({ startId }) => startId),
});

const formatNullableInstant = (ms: number | null) => (ms === null ? null : formatInstant(ms));
