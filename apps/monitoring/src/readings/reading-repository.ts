import { randomUUID } from 'node:crypto';
import {
  ACCEPTED_OUTCOME,
  formatInstant,
  SECOND_EVENT_VERSION,
  UNCHANGED_OUTCOME,
  type ChangedFields,
} from '@seguridad-abc/contracts';
import type { SensorReading } from '@seguridad-abc/evaluation';
import type { AuditSummaries } from '@seguridad-abc/platform';
import type { AlarmTableAccess } from '../alarms/alarm-repository.js';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import { getWorkOwner, MAX_SMALL_SIZE, type GroupCommit } from '../db/group-commit.js';
import type { AppendEvent } from '../db/log-appends.js';
import { runAll } from '../db/run-all.js';
import type { AppendAuditEntry } from '../domain/audit-record.js';
import type { CommandCaller, EventCause, Rejection } from '../domain/decision.js';
import type { EpisodeSubject } from '../domain/episode.js';
import type { DuplicateReading, ReceivedReading } from '../domain/reading-batch.js';
import { rejectWithdrawalUnderAlarm, type ProtectingAlarm } from '../domain/reading-withdrawal.js';
import { createWorkBudget, READING_COST_US, type WorkBudget } from '../domain/work-budget.js';
import {
  createLateOpeningSpan,
  getEpisodeKey,
  mergeChanges,
  type ChangedEpisode,
} from './changed-episodes.js';
import { groupBy } from './group-by.js';
import { findPresentSilences, updateOpening, type OpeningUpdateOptions } from './opening-changes.js';
import type { OpeningRecord, OpeningTableAccess, UnevaluatedEpisode } from './opening-tables.js';
import type { OtherPartialCommands } from './other-partial-commands.js';
import type { LeftOpening, LeftOpeningFinder } from './left-episodes.js';
import { createPartialCommands, findEarlier, type CommandKey } from './partial-commands.js';
import type { ReadingRepository } from './reading-commands.js';
import type { StoredReading } from './reading-table.js';
import { countReadings, type ReadingQuotas } from './reading-quotas.js';

/** Evaluates the changed episodes of an opening. Every call belongs inside the transaction that saves them. */
export interface ChangedEpisodeEvaluator {
  /** To be called when an opening is closed, or open since another instant, before the changes are evaluated. */
  forgetPendingAlarms(openingId: number): Promise<void>;
  /**
   * Evaluates the settled ones of changed episodes under all rules of the opening, until the budget is spent.
   * @param nextAt the instant of the earliest reading that commands have left; undefined if none is
   * @returns the episodes that are left
   */
  evaluateChanges(
    opening: OpeningRecord,
    changed: readonly ChangedEpisode[],
    nextAt: number | undefined,
    cause: EventCause,
    budget: WorkBudget,
  ): Promise<readonly ChangedEpisode[]>;
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

export interface ReadingRepositoryOptions {
  readonly tables: OpeningTableAccess;
  readonly alarms: Pick<AlarmTableAccess['alarms'], 'findActive'>;
  readonly evaluator: ChangedEpisodeEvaluator;
  readonly findWatched: OpeningUpdateOptions['findWatched'];
  /** Readings from before it are not withdrawn. */
  readonly horizon: Pick<HistoryHorizon, 'beforeMs' | 'assertKept'>;
  readonly appendEvent: AppendEvent;
  readonly appendAuditEntry: AppendAuditEntry;
  /** Counts commands that change no reading. */
  readonly auditSummaries: Pick<AuditSummaries, 'record'>;
  readonly transact: GroupCommit;
  /** Is called when a command has ended that changed episodes in several transactions. */
  readonly onSlicedCommandEnd: () => void;
  /** Judges the readings of a command before any of them is stored. */
  readonly quotas: Pick<ReadingQuotas, 'check'>;
  readonly otherPartialCommands: OtherPartialCommands;
  /** Finds an opening with episodes that are not evaluated. It reads what is committed. */
  readonly findLeftOpening: LeftOpeningFinder;
  /** Whether other instances may leave episodes too. */
  readonly hasOtherInstances: boolean;
  /** The server's instant. */
  readonly now: () => string;
  /** Called for each transaction. @default 100 readings and 7 ms */
  readonly getSliceLimits?: (() => SliceLimits) | undefined;
}

/** The repository with the jobs that its commands leave. */
export interface ReadingStorage extends ReadingRepository {
  /**
   * Lets early readings of an opening take effect, those of them that are still early. To be called inside a transaction.
   * @returns the number of readings
   */
  applyEarlyReadings(openingId: number, ids: readonly string[], cause: EventCause): Promise<number>;
  /** Whether commands that have failed may have left episodes that are not evaluated. */
  hasLeftEpisodes(): Promise<boolean>;
  /** Finds an opening with episodes that commands have left when they failed, or when their process ended. */
  findLeftOpening(): Promise<LeftOpening | undefined>;
  /** Evaluates the episodes that commands have left of an opening. To be called inside a transaction. */
  evaluateLeftEpisodes(openingId: number, cause: EventCause): Promise<void>;
}

/** A command that records or withdraws readings, and may take several transactions. */
interface RunningCommand<Item extends SensorReading> {
  readonly key: CommandKey;
  readonly caller: CommandCaller;
  readonly userId: string;
  /** The name of its mutation. */
  readonly action: string;
  /** Changes readings of an opening, with their event. */
  readonly applyStep: (
    opening: OpeningRecord,
    items: readonly Item[],
    cause: EventCause,
  ) => Promise<StepOutcome>;
  readonly isWithdrawal: boolean;
  /** What the audit trail records of one transaction. @param changed the numbers of changed readings by opening */
  readonly describeChange: (changed: Readonly<Record<string, number>>) => ChangedFields;
}

/** What a step of a command has done for one opening. */
interface StepOutcome {
  /** The opening with its present state. */
  readonly opening: OpeningRecord;
  /** The number of changed readings. */
  readonly count: number;
  readonly duplicates: readonly DuplicateReading[];
  readonly episodes: readonly ChangedEpisode[];
}

/** What a command still has to do for one opening. */
interface OpeningWork<Item> {
  readonly name: string;
  /** In the order of their instants, if they take several steps. */
  readonly items: readonly Item[];
  /** Undefined until a transaction has changed a reading. */
  readonly openingId?: number;
  readonly changed: readonly ChangedEpisode[];
}

/** What one transaction has done of a command. */
interface CommandSlice<Item> {
  /** The number of changed readings. */
  readonly count: number;
  readonly duplicates: readonly DuplicateReading[];
  readonly rest: readonly OpeningWork<Item>[];
}

/** A reading of a command with the later ones that have its id. */
interface QueuedReading extends ReceivedReading {
  readonly repeats: readonly ReceivedReading[];
}

/** Further transactions of a command wait in the queue of large work. */
const MIN_SIZE_OF_SLICE = MAX_SMALL_SIZE + 1;
const MAX_SIZE_OF_SLICE = 100;
/** Episodes that one transaction evaluates after a failure or a restart. */
const MAX_LEFT_EPISODES = 500;

export function createReadingRepository(options: ReadingRepositoryOptions): ReadingStorage {
  const { tables, alarms, evaluator, quotas, otherPartialCommands, findLeftOpening } = options;
  const { horizon, transact, now } = options;
  const { appendEvent, appendAuditEntry } = options;
  const { getSliceLimits = () => DEFAULT_SLICE_LIMITS } = options;
  const updateOptions: OpeningUpdateOptions = {
    tables,
    findWatched: options.findWatched,
    forgetPendingAlarms: (openingId) => evaluator.forgetPendingAlarms(openingId),
  };
  const partialCommands = createPartialCommands();
  let mayHaveLeftEpisodes = true;

  const createAttempt = ({ id, role, device, address }: CommandCaller, action: string, userId: string) => ({
    action,
    role,
    actor: id,
    ...(device !== undefined && { device }),
    address: address ?? null,
    userId,
  });

  /** Records the changed readings of one transaction by opening. */
  const audit = (
    { caller, action, userId, describeChange }: RunningCommand<never>,
    counts: ReadonlyMap<string, number>,
    at: string,
  ) => {
    const [onlyOpening] = counts.keys();
    const subject = counts.size === 1 ? (onlyOpening ?? null) : null;
    const after = describeChange(Object.fromEntries(counts));
    const attempt = createAttempt(caller, action, userId);
    // V8 adds properties to a copy slowly, so the copy comes last here and wherever each reading makes one.
    appendAuditEntry({ subject, after, outcome: ACCEPTED_OUTCOME, ...attempt }, at);
  };

  /** Updates what follows from changed readings that have an effect. */
  const update = (opening: OpeningRecord, effective: readonly SensorReading[], nowMs: number) =>
    updateOpening(updateOptions, opening, effective, nowMs);

  /** @param inserted the ids of the readings that are new */
  const listDuplicates = async (
    openingId: number,
    received: readonly QueuedReading[],
    inserted: ReadonlySet<string>,
  ): Promise<DuplicateReading[]> => {
    const known = received.filter(({ id }) => !inserted.has(id));
    const onRecord = await tables.readings.findByIds(
      openingId,
      known.map(({ id }) => id),
    );
    const toDuplicate = ({ id, index, ...claims }: ReceivedReading, first: SensorReading | undefined) => ({
      id,
      index,
      differs: !first || !hasEqualClaims(claims, first),
    });
    return received.flatMap((reading) =>
      inserted.has(reading.id)
        ? reading.repeats.map((repeat) => toDuplicate(repeat, reading))
        : [reading, ...reading.repeats].map((repeat) => toDuplicate(repeat, onRecord.get(reading.id))),
    );
  };

  /** Stores readings with their event. */
  const recordStep = async (
    opening: OpeningRecord,
    received: readonly QueuedReading[],
    cause: EventCause,
  ): Promise<StepOutcome> => {
    const clock = Date.parse(cause.now);
    for (const { at } of received) horizon.assertKept(at);
    const inserted = await tables.readings.insert(opening.id, received, clock);
    const added = received.filter(({ id }) => inserted.has(id));
    const isNew = added.length === received.length && received.every(({ repeats }) => repeats.length === 0);
    const duplicates = isNew ? [] : await listDuplicates(opening.id, received, inserted);
    if (added.length === 0) return { opening, count: 0, duplicates, episodes: [] };
    const effective = added.filter(({ at }) => at <= clock);
    const updated = await update(opening, effective, clock);
    const data = { ...updated.change, readings: added.map(toEventReading) };
    appendEvent({ type: 'ReadingsRecorded', version: SECOND_EVENT_VERSION, data }, cause.now, cause.actor);
    return { opening: updated.opening, count: added.length, duplicates, episodes: updated.episodes };
  };

  /** Withdraws readings with their event. Those that another command has withdrawn meanwhile stay as they are. */
  const withdrawStep = async (
    opening: OpeningRecord,
    chosen: readonly StoredReading[],
    reason: string,
    cause: EventCause,
  ): Promise<StepOutcome> => {
    const stored = await tables.readings.findByIds(
      opening.id,
      chosen.map(({ id }) => id),
    );
    const present = chosen
      .map(({ id }) => stored.get(id))
      .filter((reading): reading is StoredReading => reading?.isWithdrawn === false);
    if (present.length === 0) return { opening, count: 0, duplicates: [], episodes: [] };
    await runAll(present.map((reading) => tables.readings.withdraw(opening.id, reading)));
    const effective = present.filter(({ isEffective }) => isEffective);
    const updated = await update(opening, effective, Date.parse(cause.now));
    const instants = [...new Set(present.map(({ at }) => at))];
    const withReading = await tables.readings.findOfInstants(opening.id, instants);
    const data = {
      ...updated.change,
      readings: present.map(({ id, at }) => ({ id, at: formatInstant(at) })),
      instantsWithoutReading: instants.filter((at) => !withReading.has(at)).map(formatInstant),
      reason,
    };
    appendEvent({ type: 'ReadingsWithdrawn', version: 1, data }, cause.now, cause.actor);
    return { opening: updated.opening, count: present.length, duplicates: [], episodes: updated.episodes };
  };

  /**
   * Lists the active alarms with the first reading whose withdrawal could retract them: that which starts the episode. If a window
   * was not opened in time, without the closing before it the opening would have been open.
   */
  const listProtectingAlarms = async (openingId: number): Promise<ProtectingAlarm[]> => {
    const active = await alarms.findActive(openingId);
    return runAll(
      active.map(async ({ id, kind, startedAt }) => {
        const isLateOpening = kind === 'NOT_OPENED';
        const before = isLateOpening
          ? await tables.intervals.findLastBefore(openingId, 'OPEN', startedAt)
          : undefined;
        return { id, protectedFrom: before?.endedAt ?? startedAt };
      }),
    );
  };

  /** Reads episodes again that an earlier transaction has changed: other commands may have changed them too. */
  const reloadAll = async (
    openingId: number,
    changed: readonly ChangedEpisode[],
  ): Promise<ChangedEpisode[]> => {
    const bySubject = groupBy(changed, ({ subject }) => subject);
    const reloaded = await runAll(
      [...bySubject].map(([subject, episodes]) => reloadOfSubject(openingId, subject, episodes)),
    );
    return reloaded.flat();
  };

  const reloadOfSubject = async (
    openingId: number,
    subject: EpisodeSubject,
    episodes: readonly ChangedEpisode[],
  ): Promise<ChangedEpisode[]> => {
    const starts = episodes.map(({ startedAt }) => startedAt);
    switch (subject) {
      case 'LATE_OPENINGS': {
        const rows = await tables.unevaluated.listByOpening(openingId);
        const row = rows.find((one) => one.subject === subject);
        return row ? [createLateOpeningSpan(row.startedAt, row.until ?? row.startedAt, true)] : [...episodes];
      }
      case 'SILENCE': {
        const present = await findPresentSilences(tables, openingId, starts);
        return episodes.map((episode) => toReloaded(episode, present.get(episode.startedAt)));
      }
      default: {
        const found = await tables.intervals.findByStarts(openingId, subject, starts);
        const byStartKey = new Map(found.map((interval) => [interval.startId, interval]));
        return episodes.map((episode) => toReloaded(episode, byStartKey.get(episode.startKey)));
      }
    }
  };

  const loadLeft = async (openingId: number, limit?: number) => {
    const rows = await tables.unevaluated.listByOpening(openingId, limit);
    return reloadAll(
      openingId,
      rows.map(({ subject, startKey, startedAt, until }) => ({
        subject,
        startKey,
        startedAt,
        present: until === null ? undefined : { endedAt: until },
        isStored: true,
      })),
    );
  };

  /** Adds the episodes that other commands have left to a command. What was read again is as it is now. */
  const addLeft = async (openingId: number, changed: readonly ChangedEpisode[]) => {
    const left = new Map((await loadLeft(openingId)).map((one) => [getEpisodeKey(one), one]));
    const own = changed.filter((one) => !left.has(getEpisodeKey(one)) || one.isEvaluated === true);
    for (const one of own) left.delete(getEpisodeKey(one));
    return [...own, ...left.values()];
  };

  /** Evaluates the settled ones of changed episodes. @returns those that are not evaluated */
  const evaluateSettled = async (
    opening: OpeningRecord,
    changed: readonly ChangedEpisode[],
    nextAt: number | undefined,
    cause: EventCause,
    budget: WorkBudget,
  ): Promise<readonly ChangedEpisode[]> => {
    const left = await evaluator.evaluateChanges(opening, changed, nextAt, cause, budget);
    const leftKeys = new Set(left.map(getEpisodeKey));
    const done = changed.filter((episode) => episode.isStored && !leftKeys.has(getEpisodeKey(episode)));
    if (done.length > 0) await tables.unevaluated.remove(opening.id, ...done);
    return left;
  };

  /** Works for one opening until the budget is spent. @returns the remaining work; undefined if there is none */
  const workOnOpening = async <Item extends SensorReading>(
    command: RunningCommand<Item>,
    work: OpeningWork<Item>,
    cause: EventCause,
    budget: WorkBudget,
    readingsPerStep: number,
  ): Promise<Omit<CommandSlice<Item>, 'rest'> & { readonly rest: OpeningWork<Item> | undefined }> => {
    const { name, openingId } = work;
    const [found, nextAtOfOtherInstances] = await runAll([
      tables.openings.findOrCreate(command.userId, name),
      otherPartialCommands.findNextAtByName(command.userId, name),
    ]);
    let opening = found;
    const nextAtOfOthers = findEarlier(
      partialCommands.findNextAt(opening.id, command.key),
      nextAtOfOtherInstances,
    );
    let { items } = work;
    // If the user's data was erased meanwhile, this is another opening.
    const isContinued = opening.id === openingId;
    let changed: readonly ChangedEpisode[] = isContinued ? await reloadAll(opening.id, work.changed) : [];
    let count = 0;
    const duplicates: DuplicateReading[] = [];
    for (;;) {
      if (items.length === 0 && isContinued && nextAtOfOthers === undefined) {
        changed = await addLeft(opening.id, changed);
      }
      const nextAt = findEarlier(items[0]?.at, nextAtOfOthers);
      if (changed.length > 0) changed = await evaluateSettled(opening, changed, nextAt, cause, budget);
      const isDone = items.length === 0 && (changed.length === 0 || !budget.isSpent);
      if (isDone) {
        // Readings that other commands have left can change them: those commands evaluate them.
        if (changed.length > 0) await storeUnevaluated(opening.id, changed);
        return { count, duplicates, rest: undefined };
      }
      if (budget.isSpent) return { count, duplicates, rest: { name, items, openingId: opening.id, changed } };
      const step = items.slice(0, readingsPerStep);
      items = items.slice(readingsPerStep);
      const outcome = await command.applyStep(opening, step, cause);
      budget.spend(step.length * READING_COST_US);
      opening = outcome.opening;
      count += outcome.count;
      duplicates.push(...outcome.duplicates);
      changed = mergeChanges(changed, outcome.episodes);
    }
  };

  /** Does a part of a command, inside a transaction. */
  const runSlice = async <Item extends SensorReading>(
    command: RunningCommand<Item>,
    work: readonly OpeningWork<Item>[],
  ): Promise<CommandSlice<Item>> => {
    const { readingsPerStep, costUs } = getSliceLimits();
    const { caller: actor, isWithdrawal } = command;
    const cause = { now: now(), actor, isWithdrawal };
    const budget = createWorkBudget(costUs);
    const counts = new Map<string, number>();
    const duplicates: DuplicateReading[] = [];
    let count = 0;
    let done = 0;
    let rest: OpeningWork<Item> | undefined;
    for (const next of work) {
      if (budget.isSpent) break;
      const outcome = await workOnOpening(command, next, cause, budget, readingsPerStep);
      if (outcome.count > 0) counts.set(next.name, outcome.count);
      count += outcome.count;
      duplicates.push(...outcome.duplicates);
      rest = outcome.rest;
      done++;
    }
    if (counts.size > 0) audit(command, counts, cause.now);
    const others = work.slice(done);
    return { count, duplicates, rest: rest ? [await leaveToNextSlice(rest), ...others] : others };
  };

  /** Stores that episodes are not evaluated. */
  const leaveToNextSlice = async <Item>(work: OpeningWork<Item>): Promise<OpeningWork<Item>> => {
    const { openingId, changed } = work;
    if (openingId === undefined) return work;
    await storeUnevaluated(openingId, changed);
    return { ...work, changed: changed.map((one) => ({ ...one, isStored: true })) };
  };

  const storeUnevaluated = async (openingId: number, changed: readonly ChangedEpisode[]) => {
    const rows: UnevaluatedEpisode[] = [];
    for (const { subject, startKey, startedAt, present, isStored } of changed) {
      const isSpan = subject === 'LATE_OPENINGS';
      if (isStored && !isSpan) continue;
      const until = isSpan ? (present?.endedAt ?? startedAt) : null;
      const row = { subject, startKey, startedAt, until };
      // A part of the span may be evaluated.
      if (isStored) await tables.unevaluated.remove(openingId, row);
      rows.push(row);
    }
    if (rows.length > 0) await tables.unevaluated.add(openingId, ...rows);
  };

  /** After a failure, other instances would leave the remaining episodes alone for a while. @param work undefined or left: it has failed */
  const forgetAtOtherInstances = async (
    { key, userId }: RunningCommand<never>,
    work: readonly unknown[] | undefined,
  ) => {
    if (!options.hasOtherInstances || work?.length === 0) return;
    const forget = () => otherPartialCommands.save(key, undefined, undefined);
    // If this fails too, they do after some time.
    await transact(forget, { users: [userId] }).catch(() => undefined);
  };

  const endSlicedCommand = (key: CommandKey) => {
    partialCommands.set(key, undefined, undefined);
    otherPartialCommands.end(key);
    // After a failure, a job evaluates the remaining episodes.
    mayHaveLeftEpisodes = true;
    options.onSlicedCommandEnd();
  };

  /**
   * Runs a command in as many transactions as it takes.
   * @param begin creates the work inside the first transaction, or rejects the command
   */
  const run = async <Item extends SensorReading>(
    command: RunningCommand<Item>,
    total: number,
    begin: () => Promise<readonly OpeningWork<Item>[] | Rejection>,
  ): Promise<Rejection | Omit<CommandSlice<Item>, 'rest'>> => {
    let isSliced = false as boolean;
    let work: readonly OpeningWork<Item>[] | undefined;
    let size = total;
    let count = 0;
    const duplicates: DuplicateReading[] = [];
    try {
      // One after another: a transaction continues what the one before has left.
      do {
        const slice = await transact(
          async () => {
            const present = work ?? (await begin());
            if (isRejection(present)) return present;
            const done = await runSlice(command, present);
            const [next] = done.rest;
            partialCommands.set(command.key, next?.openingId, next?.items[0]?.at);
            isSliced ||= next?.openingId !== undefined;
            if (isSliced) await otherPartialCommands.save(command.key, next?.openingId, next?.items[0]?.at);
            return done;
          },
          {
            size: Math.min(size, MAX_SIZE_OF_SLICE),
            owner: getWorkOwner(command.caller),
            users: [command.userId],
          },
        );
        if (isRejection(slice)) return slice;
        count += slice.count;
        duplicates.push(...slice.duplicates);
        work = slice.rest;
        size = Math.max(MIN_SIZE_OF_SLICE, total);
      } while (work.length > 0);
    } finally {
      if (isSliced) {
        await forgetAtOtherInstances(command, work);
        endSlicedCommand(command.key);
      }
    }
    if (count === 0)
      options.auditSummaries.record({
        ...createAttempt(command.caller, command.action, command.userId),
        subject: null,
        outcome: UNCHANGED_OUTCOME,
      });
    return { count, duplicates };
  };

  return {
    async record(caller, userId, byOpening) {
      const begin = async () => {
        const exceeded = await quotas.check(caller, userId, byOpening);
        if (exceeded) return exceeded;
        // All at once, so that the quota counts them although further transactions store their readings.
        if (byOpening.size > 1) await tables.openings.createMissing(userId, [...byOpening.keys()]);
        return [...byOpening].map(([name, readings]) => ({
          name,
          items: queueReadings(readings),
          changed: [],
        }));
      };
      const outcome = await run<QueuedReading>(
        {
          key: randomUUID(),
          caller,
          userId,
          action: 'recordReadings',
          isWithdrawal: false,
          applyStep: recordStep,
          describeChange: (acceptedReadings) => ({ acceptedReadings }),
        },
        countReadings(byOpening),
        begin,
      );
      if (isRejection(outcome)) return outcome;
      const duplicateReadings = [...outcome.duplicates].sort((a, b) => a.index - b.index);
      return { accepted: outcome.count, duplicates: duplicateReadings.length, duplicateReadings };
    },

    async withdraw(caller, { userId, opening: name, ids, reason }) {
      let unknown: readonly string[] = [];
      const begin = async (): Promise<readonly OpeningWork<StoredReading>[] | Rejection> => {
        const opening = await tables.openings.findByName(userId, name);
        const stored = opening && (await tables.readings.findByIds(opening.id, ids));
        // Without the last reading before the horizon, nothing would be known of that time: the others are removed.
        const found = ids.map((id) => {
          const reading = stored?.get(id);
          return reading && reading.at >= horizon.beforeMs ? reading : undefined;
        });
        unknown = ids.filter((_, index) => found[index] === undefined);
        const items = found
          .filter((reading): reading is StoredReading => reading?.isWithdrawn === false)
          .sort((a, b) => a.at - b.at);
        if (!opening || items.length === 0) return [];
        const active = caller.role === 'operator' ? [] : await listProtectingAlarms(opening.id);
        return rejectWithdrawalUnderAlarm(items, active) ?? [{ name, items, changed: [] }];
      };
      const outcome = await run<StoredReading>(
        {
          key: randomUUID(),
          caller,
          userId,
          action: 'withdrawReadings',
          isWithdrawal: true,
          applyStep: (opening, chosen, cause) => withdrawStep(opening, chosen, reason, cause),
          describeChange: (withdrawnReadings) => ({ withdrawnReadings, reason }),
        },
        ids.length,
        begin,
      );
      return isRejection(outcome) ? outcome : { withdrawn: outcome.count, unknown };
    },

    async applyEarlyReadings(openingId, ids, cause) {
      const stored = await tables.readings.findByIds(openingId, ids);
      const added = [...stored.values()].filter(({ isEffective }) => !isEffective);
      await runAll(added.map((reading) => tables.readings.makeEffective(openingId, reading)));
      const before = added.length > 0 ? await tables.openings.findById(openingId) : undefined;
      if (!before) return added.length;
      const { opening, change, episodes } = await update(before, added, Date.parse(cause.now));
      appendEvent(
        { type: 'OpeningChanged', version: SECOND_EVENT_VERSION, data: change },
        cause.now,
        cause.actor,
      );
      const nextAt = findEarlier(
        partialCommands.findNextAt(openingId),
        await otherPartialCommands.findNextAt(openingId),
      );
      const unlimited = createWorkBudget(Infinity);
      const left = await evaluateSettled(opening, episodes, nextAt, cause, unlimited);
      await storeUnevaluated(openingId, left);
      return added.length;
    },

    async hasLeftEpisodes() {
      if (!mayHaveLeftEpisodes) return false;
      // A command that ends meanwhile sets it again.
      mayHaveLeftEpisodes = options.hasOtherInstances;
      const found = await findLeftOpening(partialCommands.listOpenings());
      mayHaveLeftEpisodes ||= found !== undefined;
      return found !== undefined;
    },

    async findLeftOpening() {
      return mayHaveLeftEpisodes ? findLeftOpening(partialCommands.listOpenings()) : undefined;
    },

    async evaluateLeftEpisodes(openingId, cause) {
      // A command may have begun since the opening was found.
      if (partialCommands.listOpenings().includes(openingId)) return;
      if (await otherPartialCommands.isAt(openingId)) return;
      const opening = await tables.openings.findById(openingId);
      if (!opening) {
        await tables.unevaluated.removeByOpening(openingId);
        return;
      }
      const found = await loadLeft(openingId, MAX_LEFT_EPISODES);
      if (found.length === 0) return;
      let left: readonly ChangedEpisode[] = found;
      do {
        const budget = createWorkBudget(getSliceLimits().costUs);
        left = await evaluateSettled(opening, left, undefined, cause, budget);
        // The database does not say which of them are evaluated and only wait for the others.
      } while (left.length === found.length && !hasAdvanced(found, left));
      await storeUnevaluated(openingId, left);
    },
  };
}

/** Whether a part of the span of late openings is evaluated. */
const hasAdvanced = (before: readonly ChangedEpisode[], after: readonly ChangedEpisode[]): boolean => {
  const findStart = (episodes: readonly ChangedEpisode[]) =>
    episodes.find(({ subject }) => subject === 'LATE_OPENINGS')?.startedAt;
  return findStart(before) !== findStart(after);
};

const isRejection = (outcome: object): outcome is Rejection =>
  'kind' in outcome && outcome.kind === 'rejected';

/** @param present the episode as it is now; undefined if it does not exist any more */
const toReloaded = (episode: ChangedEpisode, present: ChangedEpisode['present']): ChangedEpisode => {
  const isEvaluated = episode.isEvaluated === true && present?.endedAt === episode.present?.endedAt;
  const isSame = present !== undefined;
  return {
    ...episode,
    present: isSame ? { endedAt: present.endedAt } : undefined,
    isStored: true,
    isEvaluated: isEvaluated && isSame,
  };
};

const toEventReading = ({ id, state, tampered, batteryLow, at }: SensorReading) => ({
  id,
  state,
  tampered,
  batteryLow,
  at: formatInstant(at),
});

/** Whether two readings say the same, whatever their ids are. */
const hasEqualClaims = (a: Omit<SensorReading, 'id'>, b: Omit<SensorReading, 'id'>): boolean =>
  a.at === b.at && a.state === b.state && a.tampered === b.tampered && a.batteryLow === b.batteryLow;

/** Of several readings with one id the first of the command counts, whatever its instant. In the order of their instants. */
function queueReadings(received: readonly ReceivedReading[]): readonly QueuedReading[] {
  const byId = new Map<string, ReceivedReading[]>();
  for (const reading of received) {
    const ofId = byId.get(reading.id);
    if (ofId) ofId.push(reading);
    else byId.set(reading.id, [reading]);
  }
  return [...byId.values()]
    .flatMap(([first, ...repeats]) => (first ? [{ repeats, ...first }] : []))
    .sort((a, b) => a.at - b.at);
}
