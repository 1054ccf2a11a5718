import {
  alarmStateSchema,
  formatInstant,
  pickFields,
  SIGNALS,
  type AlarmKind,
  type RuleState,
  type Signal,
} from '@seguridad-abc/contracts';
import {
  createExceptionPeriods,
  findNextOpenBy,
  getSilenceStart,
  listOpenByOccurrences,
  watchesOpenBy,
  type EvaluatedException,
  type EvaluatedVersions,
  type OpenIntervals,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import { v5 as uuidv5 } from 'uuid';
import type { AlarmTableAccess, PendingAlarmRow } from '../alarms/alarm-repository.js';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import type { AppendEvent } from '../db/log-appends.js';
import { runAll } from '../db/run-all.js';
import type { EventCause } from '../domain/decision.js';
import type { EpisodeSubject, EvaluatedEpisode } from '../domain/episode.js';
import {
  evaluateEpisode,
  evaluateLateOpenings,
  NO_ORPHANED_ALARMS,
  reachesAlarm,
  retractAlarm,
  type AlarmRecord,
  type EpisodeEvaluation,
  type EvaluatedAlarmChange,
  type EvaluatedRule,
  type EvaluationOptions,
  type OrphanedAlarms,
  type RaisedAlarm,
} from '../domain/interval-evaluation.js';
import { ALARM_CHANGE_COST_US, RULE_EVALUATION_COST_US, type WorkBudget } from '../domain/work-budget.js';
import {
  createLateOpeningSpan,
  getEpisodeKey,
  isSettled,
  MAX_WINDOW_MS,
  NO_READING,
  type ChangedEpisode,
  type EpisodeIdentity,
} from '../readings/changed-episodes.js';
import { groupBy } from '../readings/group-by.js';
import { computeWithHistory } from '../readings/loaded-ranges.js';
import { createLoadedIntervals } from '../readings/opening-changes.js';
import type { OpeningRecord, OpeningTableAccess } from '../readings/opening-tables.js';
import type { ChangedEpisodeEvaluator } from '../readings/reading-repository.js';
import type { RuleTableAccess } from '../rules/rule-repository.js';
import { createOrphanPool, type OrphanPool } from './orphan-pool.js';
import { watchesOnlyOpen, watchesSignal, watchesSilence } from './watched-conditions.js';

/**
 * Evaluates stored episodes: saves new versions of alarms with their events, and the pending alarms. Every call belongs
 * inside a transaction.
 */
export interface IntervalEvaluator extends ChangedEpisodeEvaluator {
  /**
   * Evaluates what goes on at present under one rule, and the windows that had to be opened since the last time, and replaces
   * the pending alarm. It leaves out what a command in progress has changed: it evaluates that under all rules when its
   * readings are complete.
   */
  evaluatePresent(
    opening: OpeningRecord,
    ruleId: string,
    cause: EventCause,
    budget?: WorkBudget,
  ): Promise<void>;
  /**
   * Evaluates some of an opening's past under one rule, in the order of time.
   * @param from the instant from which on the rule has changed, or the result of the last call
   * @param isFirst whether to include what starts before that instant and lasts longer
   * @returns where to continue; undefined at the end
   */
  evaluatePast(
    opening: OpeningRecord,
    ruleId: string,
    from: number,
    isFirst: boolean,
    cause: EventCause,
  ): Promise<number | undefined>;
}

export interface IntervalEvaluatorOptions {
  readonly alarmTables: AlarmTableAccess;
  readonly ruleTables: Pick<RuleTableAccess, 'rules' | 'versions'>;
  readonly openingTables: Pick<OpeningTableAccess, 'intervals' | 'readings' | 'unevaluated'>;
  /** The exceptions of an opening that end after an instant. */
  readonly findExceptions: (
    userId: string,
    opening: string,
    from: number,
  ) => Promise<readonly EvaluatedException[]>;
  readonly appendEvent: AppendEvent;
  /** How long an alarm is held back while its condition lasts, in milliseconds. */
  readonly latenessAllowanceMs: number;
  /** What ended before it is not evaluated. */
  readonly horizon: Pick<HistoryHorizon, 'beforeMs'>;
}

/**
 * How far ahead alarms are searched. Calendars, exceptions and long windows can move an alarm further away: then it is searched
 * again at the end of this time.
 */
const SEARCH_AHEAD_MS = 8 * 24 * 60 * 60 * 1_000; // 8 days
/** Intervals of a signal that one transaction evaluates under a changed rule, so that other commands wait about 30 ms. */
export const REEVALUATION_BATCH_SIZE = 50;
/** Silences that one transaction looks at under a changed rule: most are too short to be evaluated. */
const SILENCE_BATCH_SIZE = 500;
/** The time whose windows one step evaluates. */
const LATE_OPENINGS_STEP_MS = 30 * 24 * 60 * 60 * 1_000; // 30 days
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** Rows of the intervals that are loaded together for late openings: windows of some days need a few. */
const LATE_OPENINGS_PAGE_SIZE = 16;

/** The rules of an opening, as far as one call needs them. What it loads, it loads once. */
interface RuleContext {
  readonly versionsByRule: ReadonlyMap<string, readonly RuleVersion[]>;
  getRule(ruleId: string): Promise<EvaluatedRule>;
  /** The present state of a rule. */
  getState(ruleId: string): Promise<RuleState>;
  /** The beginning of a rule's first version. */
  getBeginning(ruleId: string): Promise<number>;
}

/** Collects what an evaluation changes, so that few statements store it. */
interface EvaluationWrites {
  addAlarmChange(change: EvaluatedAlarmChange): void;
  /** Makes sure that an opening is evaluated again when the next alarm is due. */
  advancePending(rule: EvaluatedRule, due: number): void;
  /** Stores everything. To be called before stored alarms are read again, and at the end. */
  flush(): Promise<void>;
}

export function createIntervalEvaluator(options: IntervalEvaluatorOptions): IntervalEvaluator {
  const { alarmTables, ruleTables, appendEvent, latenessAllowanceMs, findExceptions } = options;
  const { alarms, pendingAlarms } = alarmTables;
  const { rules, versions } = ruleTables;
  const { intervals, readings, unevaluated } = options.openingTables;
  /** What ended before the horizon is removed, with its alarms. They must not be raised again. */
  const isRemovedHistory = (endedAt: number | null) => endedAt !== null && endedAt < options.horizon.beforeMs;

  const getStoredRule = async (id: string): Promise<RuleState> => {
    const rule = await rules.findById(id);
    if (!rule) throw new Error(`The rule ${id} has versions or alarms, but is not stored.`);
    return rule;
  };

  /**
   * Gives raised alarms their ids. A rule has one opening, so its id also identifies the opening of the episode. An id can be taken:
   * the alarm that was first raised in this episode may continue in another one.
   */
  const assignIds = async (raised: readonly RaisedAlarm[]): Promise<Map<RaisedAlarm, string>> => {
    const ids = new Map<RaisedAlarm, string>();
    const assigned = new Set<string>();
    let without = raised;
    for (let occurrence = 1; without.length > 0; occurrence++) {
      const candidates = without.map((one) => ({ one, id: deriveRaisedId(one, occurrence) }));
      const taken = await alarms.findTaken(candidates.map(({ id }) => id));
      for (const { one, id } of candidates) {
        if (taken.has(id) || assigned.has(id)) continue;
        ids.set(one, id);
        assigned.add(id);
      }
      without = without.filter((one) => !ids.has(one));
    }
    return ids;
  };

  const createWrites = (
    opening: OpeningRecord,
    context: Pick<RuleContext, 'getState'>,
    { actor, now }: EventCause,
    budget: WorkBudget | undefined,
  ): EvaluationWrites => {
    const evaluatedUntil = Date.parse(now) - latenessAllowanceMs;
    let changes: EvaluatedAlarmChange[] = [];
    const pending = new Map<string, PendingAlarmRow>();

    const saveAlarms = async (saved: readonly EvaluatedAlarmChange[]) => {
      const raised = saved.filter(isRaisedAlarm);
      const ids = await assignIds(raised);
      const records = new Map<string, AlarmRecord>();
      for (const change of saved) {
        let alarm: AlarmRecord;
        if (isRaisedAlarm(change)) {
          const { severity } = await context.getState(change.newAlarm.ruleId);
          alarm = { ...change.newAlarm, id: ids.get(change) ?? '', severity };
        } else alarm = change.alarm;
        records.set(alarm.id, alarm);
        if (change.type === undefined) continue;
        const data = { alarm: pickFields(alarmStateSchema, alarm) };
        appendEvent({ type: change.type, version: 1, data }, alarm.updatedAt, actor);
      }
      await alarms.upsert(...records.values());
    };

    return {
      addAlarmChange(change) {
        budget?.spend(ALARM_CHANGE_COST_US);
        changes.push(change);
      },
      advancePending({ id: ruleId, evaluated }, due) {
        if (due === Infinity) return;
        const needsOpen = watchesOnlyOpen(evaluated.versions);
        const row = { openingId: opening.id, ruleId, due, needsOpen, evaluatedUntil };
        const before = pending.get(ruleId);
        const earlier = before && {
          due: Math.min(before.due, due),
          needsOpen: before.needsOpen && needsOpen,
        };
        pending.set(ruleId, { ...row, ...earlier });
      },
      async flush() {
        const saved = changes;
        changes = [];
        const advanced = [...pending.values()];
        pending.clear();
        if (saved.length + advanced.length === 0) return;
        await runAll([saved.length > 0 ? saveAlarms(saved) : undefined, pendingAlarms.advance(advanced)]);
      },
    };
  };

  const createOptions = (cause: EventCause): EvaluationOptions => ({
    now: cause.now,
    latenessAllowanceMs,
    searchUntil: Date.parse(cause.now) + SEARCH_AHEAD_MS,
    isWithdrawal: cause.isWithdrawal === true,
  });

  const createContext = (
    opening: OpeningRecord,
    versionsByRule: ReadonlyMap<string, readonly RuleVersion[]>,
    from: number,
  ): RuleContext => {
    let exceptions: Promise<EvaluatedVersions['exceptions']> | undefined;
    const getExceptions = () =>
      (exceptions ??= findExceptions(opening.userId, opening.name, from).then(createExceptionPeriods));
    const evaluatedRules = new Map<string, EvaluatedRule>();
    const states = new Map<string, Promise<RuleState>>();
    const getState = (id: string): Promise<RuleState> => {
      const state = states.get(id) ?? getStoredRule(id);
      states.set(id, state);
      return state;
    };
    return {
      versionsByRule,
      async getRule(id) {
        let rule = evaluatedRules.get(id);
        if (!rule) {
          rule = {
            id,
            userId: opening.userId,
            opening: opening.name,
            openingId: opening.id,
            evaluated: { versions: versionsByRule.get(id) ?? [], exceptions: await getExceptions() },
          };
          evaluatedRules.set(id, rule);
        }
        return rule;
      },
      getState,
      getBeginning: async (id) => Date.parse((await getState(id)).effectiveFrom),
    };
  };

  const createOpenIntervals = (openingId: number): OpenIntervals => {
    const stored = createLoadedIntervals({ intervals }, openingId, 'OPEN', LATE_OPENINGS_PAGE_SIZE);
    return {
      intervalBefore: (at) => stored.lastBefore(at),
      intervalFrom: (at) => stored.firstFrom(at),
    };
  };

  const addEvaluation = (
    { alarmChanges, nextDueAt }: EpisodeEvaluation,
    writes: EvaluationWrites,
    budget: WorkBudget | undefined,
  ): number => {
    budget?.spend(RULE_EVALUATION_COST_US);
    for (const change of alarmChanges) writes.addAlarmChange(change);
    return nextDueAt;
  };

  /** Finds the stored alarms of episodes, with few statements. */
  const findStored = async (
    opening: OpeningRecord,
    changed: readonly ChangedEpisode[],
    context: RuleContext,
  ): Promise<Map<ChangedEpisode, readonly AlarmRecord[]>> => {
    const found = new Map<ChangedEpisode, readonly AlarmRecord[]>();
    const bySubject = groupBy(changed, ({ subject }) => subject);
    await runAll(
      [...bySubject].map(async ([subject, episodes]) => {
        if (subject === 'LATE_OPENINGS') return;
        if (subject === 'SILENCE') {
          const alarmsOfSilences = await findStoredOfSilences(opening, episodes, context);
          for (const [episode, ofSilence] of alarmsOfSilences) found.set(episode, ofSilence);
          return;
        }
        const byStart = groupBy(
          await findStoredOfSignal(opening.id, subject, episodes),
          ({ startKey }) => startKey,
        );
        for (const episode of episodes) {
          const ofKey = byStart.get(episode.startKey) ?? [];
          found.set(
            episode,
            ofKey.filter(({ startedAt }) => startedAt === episode.startedAt),
          );
        }
      }),
    );
    return found;
  };

  /** Most commands change one interval. SQLite looks up one start faster than a list. */
  const findStoredOfSignal = (openingId: number, signal: Signal, episodes: readonly ChangedEpisode[]) => {
    const starts = episodes.map(({ startedAt }) => startedAt);
    const [first = NO_READING] = starts;
    return starts.length === 1
      ? alarms.findByStart(openingId, signal, first, first)
      : alarms.findByStarts(openingId, signal, starts);
  };

  /** The alarm of a silence starts at the beginning of its rule, if that is later than the reading before the silence. */
  const findStoredOfSilences = async (
    opening: OpeningRecord,
    episodes: readonly ChangedEpisode[],
    context: RuleContext,
  ): Promise<Map<ChangedEpisode, readonly AlarmRecord[]>> => {
    const getLastStart = ({ startedAt, present }: ChangedEpisode) =>
      present ? (present.endedAt ?? END_OF_TIME) - 1 : startedAt;
    const first = Math.min(...episodes.map(({ startedAt }) => startedAt));
    const last = Math.max(...episodes.map(getLastStart));
    const inSpan = await alarms.findByStart(opening.id, 'SILENCE', first, last);
    const found = new Map<ChangedEpisode, AlarmRecord[]>();
    for (const episode of episodes) {
      const { startedAt, present } = episode;
      const ofSilence: AlarmRecord[] = [];
      for (const alarm of inSpan) {
        if (alarm.startedAt < startedAt || alarm.startedAt > getLastStart(episode)) continue;
        const beginning = await context.getBeginning(alarm.ruleId);
        const isOfSilence = present
          ? alarm.startedAt === Math.max(startedAt, beginning)
          : beginning < alarm.startedAt;
        if (isOfSilence) ofSilence.push(alarm);
      }
      found.set(episode, ofSilence);
    }
    return found;
  };

  /** The silence that begins with a reading, as a rule sees it; undefined if it ends before the rule begins. */
  const toSilence = (
    startedAt: number,
    endedAt: number | null,
    ruleBeginsAt: number,
  ): EvaluatedEpisode | undefined => {
    if (endedAt !== null && endedAt <= ruleBeginsAt) return undefined;
    const start = getSilenceStart(startedAt, ruleBeginsAt);
    return { subject: 'SILENCE', startKey: formatInstant(start), startedAt: start, endedAt };
  };

  const toEpisode = async (
    { subject, startKey, startedAt }: ChangedEpisode,
    endedAt: number | null,
    ruleId: string,
    context: RuleContext,
  ): Promise<EvaluatedEpisode | undefined> =>
    subject === 'SILENCE'
      ? toSilence(startedAt, endedAt, await context.getBeginning(ruleId))
      : { subject, startKey, startedAt, endedAt };

  /** Evaluates an interval or a silence under all rules. */
  const evaluateUnderRules = async (
    changed: ChangedEpisode,
    endedAt: number | null,
    stored: readonly AlarmRecord[],
    context: RuleContext,
    orphans: OrphanedAlarms,
    cause: EventCause,
    writes: EvaluationWrites,
    budget: WorkBudget,
  ) => {
    const { subject } = changed;
    const storedByRule = new Map<string, AlarmRecord[]>();
    for (const [ruleId, ofRule] of context.versionsByRule)
      if (watchesSubject(ofRule, subject)) storedByRule.set(ruleId, []);
    for (const alarm of stored) {
      const ofRule = storedByRule.get(alarm.ruleId);
      if (ofRule) ofRule.push(alarm);
      else storedByRule.set(alarm.ruleId, [alarm]);
    }
    const evaluationOptions = createOptions(cause);
    for (const [ruleId, ofRule] of storedByRule) {
      const episode = await toEpisode(changed, endedAt, ruleId, context);
      if (!episode || isRemovedHistory(endedAt)) continue;
      const rule = await context.getRule(ruleId);
      const evaluation = evaluateEpisode(rule, episode, ofRule, orphans, evaluationOptions);
      writes.advancePending(rule, addEvaluation(evaluation, writes, budget));
    }
  };

  /**
   * Evaluates the windows under one rule that had to be opened in `[from, until]`.
   * @returns when the next alarm ends without a reading
   */
  const evaluateLate = async (
    rule: EvaluatedRule,
    stored: readonly AlarmRecord[],
    openIntervals: OpenIntervals,
    from: number,
    until: number,
    context: RuleContext,
    cause: EventCause,
    writes: EvaluationWrites,
    budget: WorkBudget | undefined,
  ): Promise<number> => {
    const latestMs = Math.min(until, Date.parse(cause.now) - latenessAllowanceMs);
    const occurrences = listOpenByOccurrences(rule.evaluated, from, latestMs).filter(
      ({ endsAt }) => !isRemovedHistory(endsAt),
    );
    // Only a stored alarm can be retracted.
    const timeZone = stored.length > 0 ? (await context.getState(rule.id)).timeZone : '';
    const evaluation = await computeWithHistory(() =>
      evaluateLateOpenings(rule, stored, occurrences, openIntervals, timeZone, createOptions(cause)),
    );
    return addEvaluation(evaluation, writes, budget);
  };

  /** Finds the stored alarms of all windows that had to be opened in `[from, until]`. */
  const findStoredLate = (openingId: number, from: number, until: number) =>
    alarms.findByStart(openingId, 'LATE_OPENINGS', from - MAX_WINDOW_MS, until);

  /** Creates a test whether a command in progress has changed an episode. */
  const createChangeCheck = async (openingId: number): Promise<(episode: EpisodeIdentity) => boolean> => {
    const changing = new Set((await unevaluated.listByOpening(openingId)).map(getEpisodeKey));
    return (episode) => changing.has(getEpisodeKey(episode));
  };

  /**
   * Evaluates the windows under one rule that had to be opened in `[from, until]`, and earlier ones whose alarms may have ended. If a
   * command in progress changes late openings, it evaluates these too.
   * @returns when the next alarm ends without a reading
   */
  const evaluateSettledLate = async (
    opening: OpeningRecord,
    rule: EvaluatedRule,
    from: number,
    until: number,
    isChanging: (episode: EpisodeIdentity) => boolean,
    context: RuleContext,
    cause: EventCause,
    writes: EvaluationWrites,
    budget: WorkBudget | undefined,
  ): Promise<number> => {
    if (isChanging(LATE_OPENINGS)) {
      await unevaluated.add(opening.id, { ...LATE_OPENINGS, startedAt: from, until });
      return Infinity;
    }
    await writes.flush();
    const stored = await findStoredLate(opening.id, from, until);
    const ofRule = stored.filter(({ ruleId }) => ruleId === rule.id);
    const openIntervals = createOpenIntervals(opening.id);
    return evaluateLate(rule, ofRule, openIntervals, from, until, context, cause, writes, budget);
  };

  /** Evaluates late openings under all rules, until the budget is spent. @returns the span that is left */
  const evaluateLateSpan = async (
    opening: OpeningRecord,
    span: ChangedEpisode,
    context: RuleContext,
    cause: EventCause,
    writes: EvaluationWrites,
    budget: WorkBudget,
  ): Promise<ChangedEpisode | undefined> => {
    const watching = [...context.versionsByRule].filter(([, ofRule]) => ofRule.some(watchesOpenBy));
    if (watching.length === 0) return undefined;
    const { startedAt, present, isStored } = span;
    const until = present?.endedAt ?? startedAt;
    const openIntervals = createOpenIntervals(opening.id);
    for (let from = startedAt; from <= until; from += LATE_OPENINGS_STEP_MS) {
      if (budget.isSpent) return createLateOpeningSpan(from, until, isStored);
      const stepUntil = Math.min(from + LATE_OPENINGS_STEP_MS - 1, until);
      await writes.flush();
      const stored = await findStoredLate(opening.id, from, stepUntil);
      for (const [ruleId] of watching) {
        const rule = await context.getRule(ruleId);
        const ofRule = stored.filter((alarm) => alarm.ruleId === ruleId);
        const endsAt = await evaluateLate(
          rule,
          ofRule,
          openIntervals,
          from,
          stepUntil,
          context,
          cause,
          writes,
          budget,
        );
        writes.advancePending(rule, endsAt);
      }
    }
    return undefined;
  };

  /** Collects the alarms that have lost their episode, or whose episode does not reach them any more. */
  const collectOrphans = (
    changed: readonly ChangedEpisode[],
    storedByEpisode: ReadonlyMap<ChangedEpisode, readonly AlarmRecord[]>,
  ): OrphanPool => {
    const pool = createOrphanPool();
    for (const episode of changed) {
      for (const alarm of storedByEpisode.get(episode) ?? []) {
        if (alarm.status === 'RETRACTED') continue;
        if (!episode.present || !reachesAlarm(episode.present, alarm)) pool.add(alarm, episode);
      }
    }
    return pool;
  };

  /**
   * Retracts alarms whose condition was never broken. An alarm whose time a reading can still change waits for it.
   * @returns the episodes whose alarms wait
   */
  const retractOrphans = async (
    orphans: OrphanPool,
    nextAt: number | undefined,
    isComplete: boolean,
    context: RuleContext,
    cause: EventCause,
    writes: EvaluationWrites,
    budget: WorkBudget,
  ): Promise<Set<ChangedEpisode>> => {
    const waiting = new Set<ChangedEpisode>();
    let hasBegun = false;
    for (const { alarm, episode } of orphans.list()) {
      const clearedAt = alarm.clearedAt === null ? Infinity : Date.parse(alarm.clearedAt);
      const canContinue = nextAt !== undefined && clearedAt >= nextAt;
      // One alarm at least, so that the command makes progress.
      if (!isComplete || canContinue || (hasBegun && budget.isSpent)) {
        waiting.add(episode);
        continue;
      }
      hasBegun = true;
      const shownAt = episode.present?.endedAt ?? undefined;
      const { timeZone } = await context.getState(alarm.ruleId);
      const change = retractAlarm(alarm, shownAt, timeZone, createOptions(cause));
      if (change) writes.addAlarmChange(change);
    }
    return waiting;
  };

  const watchesSubject = (ofRule: readonly RuleVersion[], subject: EpisodeSubject): boolean => {
    switch (subject) {
      case 'SILENCE':
        return ofRule.some(watchesSilence);
      case 'LATE_OPENINGS':
        return ofRule.some(watchesOpenBy);
      default:
        return ofRule.some((version) => watchesSignal(version, subject));
    }
  };

  /** What goes on at present: intervals that have not ended, and the silence since the last reading. */
  const listPresentIntervals = async (opening: OpeningRecord): Promise<ChangedEpisode[]> => {
    const found = await runAll(
      SIGNALS.filter((signal) => isSignalPresent(opening, signal)).map(async (signal) => {
        const last = await intervals.findLastBefore(opening.id, signal, END_OF_TIME);
        if (last?.endedAt !== null) return [];
        const { startId, startedAt } = last;
        return [
          { subject: signal, startKey: startId, startedAt, present: { endedAt: null }, isStored: false },
        ];
      }),
    );
    return found.flat();
  };

  const evaluateOnePresent = async (
    opening: OpeningRecord,
    ruleId: string,
    changed: ChangedEpisode,
    endedAt: number | null,
    context: RuleContext,
    cause: EventCause,
    writes: EvaluationWrites,
    budget: WorkBudget | undefined,
  ): Promise<number> => {
    const episode = await toEpisode(changed, endedAt, ruleId, context);
    if (!episode || isRemovedHistory(endedAt)) return Infinity;
    const ofStart = await alarms.findByStart(
      opening.id,
      episode.subject,
      episode.startedAt,
      episode.startedAt,
    );
    const stored = ofStart.filter((alarm) => alarm.ruleId === ruleId && alarm.startKey === episode.startKey);
    const rule = await context.getRule(ruleId);
    const evaluation = evaluateEpisode(rule, episode, stored, NO_ORPHANED_ALARMS, createOptions(cause));
    return addEvaluation(evaluation, writes, budget);
  };

  return {
    forgetPendingAlarms: (openingId) => pendingAlarms.removeThatNeedOpen(openingId),

    async evaluateChanges(opening, changed, nextAt, cause, budget) {
      const settled = changed.filter((episode) => isSettled(episode, nextAt)).sort(compareStarts);
      const [first] = settled;
      if (!first) return changed;
      const until = settled.reduce(
        (latest, { startedAt, present }) =>
          Math.max(latest, startedAt, present ? (present.endedAt ?? Infinity) : startedAt),
        first.startedAt,
      );
      const versionsByRule = await versions.findByOpening(
        opening.id,
        first.startedAt,
        until === Infinity ? null : until + 1,
      );
      const context = createContext(opening, versionsByRule, first.startedAt);
      const writes = createWrites(opening, context, cause, budget);
      const storedByEpisode = await findStored(opening, changed, context);
      const orphans = collectOrphans(changed, storedByEpisode);
      const left = new Map<ChangedEpisode, ChangedEpisode>(changed.map((one) => [one, one]));
      let isComplete = true;
      for (const episode of settled) {
        const { subject, present, isEvaluated } = episode;
        if (!present || isEvaluated === true) continue;
        if (budget.isSpent) {
          isComplete = false;
          break;
        }
        if (subject === 'LATE_OPENINGS') {
          const rest = await evaluateLateSpan(opening, episode, context, cause, writes, budget);
          if (rest) left.set(episode, rest);
          else left.delete(episode);
          isComplete &&= !rest;
          continue;
        }
        const stored = (storedByEpisode.get(episode) ?? []).filter((alarm) => !orphans.hasTaken(alarm));
        await evaluateUnderRules(episode, present.endedAt, stored, context, orphans, cause, writes, budget);
        left.set(episode, { ...episode, isEvaluated: true });
      }
      const waiting = await retractOrphans(orphans, nextAt, isComplete, context, cause, writes, budget);
      for (const episode of settled) {
        const isDone = !episode.present || left.get(episode)?.isEvaluated === true;
        if (isDone && !waiting.has(episode)) left.delete(episode);
      }
      await writes.flush();
      return [...left.values()];
    },

    async evaluatePresent(opening, ruleId, cause, budget) {
      const nowMs = Date.parse(cause.now);
      const latestMs = nowMs - latenessAllowanceMs;
      const [pendingBefore, isChanging, present] = await runAll([
        pendingAlarms.find(opening.id, ruleId),
        createChangeCheck(opening.id),
        listPresentIntervals(opening),
      ]);
      const lateFrom = pendingBefore?.evaluatedUntil ?? latestMs;
      const from = Math.min(lateFrom - MAX_WINDOW_MS, ...present.map(({ startedAt }) => startedAt));
      let ofRule = await versions.findByRule(ruleId, from, null);
      let contextFrom = from;
      if (ofRule.some(watchesSilence)) {
        // If the clock was set back, the last reading is later than now. The silences before it have ended.
        const heardAt = (await readings.findHeardBefore(opening.id, END_OF_TIME)) ?? NO_READING;
        if (heardAt < from) {
          ofRule = await versions.findByRule(ruleId, heardAt, null);
          contextFrom = heardAt;
        }
        present.push({
          subject: 'SILENCE',
          startKey: String(heardAt),
          startedAt: heardAt,
          present: { endedAt: null },
          isStored: false,
        });
      }
      const context = createContext(opening, new Map([[ruleId, ofRule]]), contextFrom);
      const writes = createWrites(opening, context, cause, budget);
      let due = Infinity;
      for (const episode of present) {
        if (isChanging(episode)) continue;
        if (!watchesSubject(ofRule, episode.subject)) continue;
        due = Math.min(
          due,
          await evaluateOnePresent(opening, ruleId, episode, null, context, cause, writes, budget),
        );
      }
      let needsOpen = watchesOnlyOpen(ofRule);
      if (ofRule.some(watchesOpenBy)) {
        const rule = await context.getRule(ruleId);
        const endsAt = await evaluateSettledLate(
          opening,
          rule,
          lateFrom + 1,
          latestMs,
          isChanging,
          context,
          cause,
          writes,
          budget,
        );
        due = Math.min(due, endsAt);
        const next = findNextOpenBy(rule.evaluated, latestMs, nowMs + SEARCH_AHEAD_MS);
        due = Math.min(due, next.at ?? next.searchedUntil);
        needsOpen = false;
      }
      await writes.flush();
      const pending = due === Infinity ? undefined : { due, needsOpen, evaluatedUntil: latestMs };
      await pendingAlarms.replace(opening.id, ruleId, pending);
    },

    async evaluatePast(opening, ruleId, from, isFirst, cause) {
      const nowMs = Date.parse(cause.now);
      const includesBefore = isFirst || from <= Date.parse((await getStoredRule(ruleId)).effectiveFrom);
      const ofRule = await versions.findByRule(ruleId, from, null);
      const hasSilence = ofRule.some(watchesSilence);
      const hasOpenBy = ofRule.some(watchesOpenBy);
      const episodes: ChangedEpisode[] = [];
      let until = Infinity;
      const signals = SIGNALS.filter((signal) => watchesSubject(ofRule, signal));
      for (const signal of signals) {
        const [found, last] = await runAll([
          intervals.findFrom(opening.id, signal, from, REEVALUATION_BATCH_SIZE + 1),
          includesBefore ? intervals.findLastBefore(opening.id, signal, from) : undefined,
        ]);
        until = Math.min(until, found[REEVALUATION_BATCH_SIZE]?.startedAt ?? Infinity);
        const containing = last && (last.endedAt === null || last.endedAt > from) ? [last] : [];
        for (const { startId, startedAt, endedAt } of [...containing, ...found])
          episodes.push({
            subject: signal,
            startKey: startId,
            startedAt,
            present: { endedAt },
            isStored: false,
          });
      }
      if (hasSilence) {
        const heard = await readings.listHeardFrom(opening.id, from, SILENCE_BATCH_SIZE + 1);
        until = Math.min(until, heard[SILENCE_BATCH_SIZE] ?? Infinity);
        const before = includesBefore
          ? [(await readings.findHeardBefore(opening.id, from)) ?? NO_READING]
          : [];
        const starts = [...before, ...heard];
        const shortestMs = Math.min(...ofRule.map((one) => one.silentAfterSeconds ?? Infinity)) * 1_000;
        starts.forEach((startedAt, index) => {
          const endedAt = starts[index + 1] ?? null;
          if (endedAt !== null && endedAt - startedAt < shortestMs) return;
          const startKey = String(startedAt);
          episodes.push({ subject: 'SILENCE', startKey, startedAt, present: { endedAt }, isStored: false });
        });
      }
      if (hasOpenBy) until = Math.min(until, from + LATE_OPENINGS_STEP_MS);
      if (until > nowMs) until = Infinity;

      const some = episodes.filter(({ startedAt }) => startedAt < until).sort(compareStarts);
      const firstStart = Math.min(from, some[0]?.startedAt ?? from);
      const allVersions = firstStart < from ? await versions.findByRule(ruleId, firstStart, null) : ofRule;
      const context = createContext(opening, new Map([[ruleId, allVersions]]), firstStart);
      const writes = createWrites(opening, context, cause, undefined);
      const isChanging = await createChangeCheck(opening.id);
      for (const episode of some) {
        if (isChanging(episode)) continue;
        const endedAt = episode.present?.endedAt ?? null;
        const due = await evaluateOnePresent(
          opening,
          ruleId,
          episode,
          endedAt,
          context,
          cause,
          writes,
          undefined,
        );
        writes.advancePending(await context.getRule(ruleId), due);
      }
      if (hasOpenBy) {
        const stepUntil = Math.min(until - 1, nowMs);
        const rule = await context.getRule(ruleId);
        const endsAt = await evaluateSettledLate(
          opening,
          rule,
          from,
          stepUntil,
          isChanging,
          context,
          cause,
          writes,
          undefined,
        );
        writes.advancePending(rule, endsAt);
      }
      await writes.flush();
      return until === Infinity ? undefined : until;
    },
  };
}

const isRaisedAlarm = (change: EvaluatedAlarmChange): change is RaisedAlarm => 'newAlarm' in change;

/** The key of all late openings of an opening: a command in progress changes one span of them. */
const LATE_OPENINGS: EpisodeIdentity = { subject: 'LATE_OPENINGS', startKey: '' };

const compareStarts = (a: ChangedEpisode, b: ChangedEpisode) => a.startedAt - b.startedAt;

function isSignalPresent({ state, tampered, batteryLow }: OpeningRecord, signal: Signal): boolean {
  switch (signal) {
    case 'OPEN':
      return state === 'OPEN';
    case 'TAMPERED':
      return tampered === true;
    case 'BATTERY_LOW':
      return batteryLow === true;
  }
}

/** The namespace of alarm ids (RFC 9562, UUID version 5). */
const ALARM_ID_NAMESPACE = 'b7a44a1c-6a2b-5a0e-9c55-3d3a1f0e7d21';

/**
 * Derives the id of an alarm from what started its episode when it was first raised, so that a repeated evaluation finds the same
 * alarm.
 * @param occurrence from 2 on if alarms have this id that continue in other episodes
 */
export const deriveAlarmId = (ruleId: string, kind: AlarmKind, startKey: string, occurrence = 1): string =>
  uuidv5(
    JSON.stringify(occurrence === 1 ? [ruleId, kind, startKey] : [ruleId, kind, startKey, occurrence]),
    ALARM_ID_NAMESPACE,
  );

const deriveRaisedId = ({ newAlarm }: RaisedAlarm, occurrence: number): string =>
  deriveAlarmId(newAlarm.ruleId, newAlarm.kind, newAlarm.startKey, occurrence);
