import { formatInstant } from '@seguridad-abc/contracts';
import {
  findNextOpenBy,
  getSilenceStart,
  watchesOpenBy,
  type EvaluatedException,
  type RuleVersion,
} from '@seguridad-abc/evaluation';
import type { AlarmTableAccess } from '../alarms/alarm-repository.js';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import type { AppendEvent } from '../db/log-appends.js';
import { runAll } from '../db/run-all.js';
import type { EventCause } from '../domain/decision.js';
import type { EvaluatedEpisode } from '../domain/episode.js';
import {
  evaluateEpisode,
  NO_ORPHANED_ALARMS,
  retractAlarm,
  type AlarmRecord,
  type EvaluationOptions,
  type OrphanedAlarms,
} from '../domain/interval-evaluation.js';
import type { WorkBudget } from '../domain/work-budget.js';
import {
  END_OF_TIME,
  isSettled,
  MAX_WINDOW_MS,
  NO_READING,
  type ChangedEpisode,
} from '../readings/changed-episodes.js';
import type { OpeningRecord, OpeningTableAccess } from '../readings/opening-tables.js';
import type { ChangedEpisodeEvaluator } from '../readings/reading-repository.js';
import type { RuleTableAccess } from '../rules/rule-repository.js';
import { addEvaluation, createEvaluationWrites, type EvaluationRun } from './evaluation-run.js';
import { createLateOpeningEvaluator, LATE_OPENINGS_STEP_MS } from './late-openings.js';
import { listPastEpisodes, listPresentIntervals } from './listed-episodes.js';
import type { OrphanPool } from './orphan-pool.js';
import { createRuleContext, findStoredRule, type RuleContext } from './rule-context.js';
import { collectOrphans, findStoredAlarms } from './stored-alarms.js';
import { watchesOnlyOpen, watchesSilence, watchesSubject } from './watched-conditions.js';

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

export function createIntervalEvaluator(options: IntervalEvaluatorOptions): IntervalEvaluator {
  const { openingTables, latenessAllowanceMs, findExceptions } = options;
  const { alarms, pendingAlarms } = options.alarmTables;
  const { rules, versions } = options.ruleTables;
  const { readings } = openingTables;
  /** What ended before the horizon is removed, with its alarms. They must not be raised again. */
  const isRemovedHistory = (endedAt: number | null) => endedAt !== null && endedAt < options.horizon.beforeMs;

  const lateOpenings = createLateOpeningEvaluator({ alarms, openingTables, isRemovedHistory });

  const createOptions = (cause: EventCause): EvaluationOptions => ({
    now: cause.now,
    latenessAllowanceMs,
    searchUntil: Date.parse(cause.now) + SEARCH_AHEAD_MS,
    isWithdrawal: cause.isWithdrawal === true,
  });

  const createRun = (
    opening: OpeningRecord,
    versionsByRule: ReadonlyMap<string, readonly RuleVersion[]>,
    from: number,
    cause: EventCause,
    budget: WorkBudget | undefined,
  ): EvaluationRun => {
    const context = createRuleContext({ rules, findExceptions }, opening, versionsByRule, from);
    const writes = createEvaluationWrites(options, opening, context, cause, budget);
    return { opening, rules: context, writes, options: createOptions(cause), budget };
  };

  /** Evaluates an interval or a silence under all rules. */
  const evaluateUnderRules = async (
    run: EvaluationRun,
    changed: ChangedEpisode,
    endedAt: number | null,
    stored: readonly AlarmRecord[],
    orphans: OrphanedAlarms,
  ) => {
    const { subject } = changed;
    const storedByRule = new Map<string, AlarmRecord[]>();
    for (const [ruleId, ofRule] of run.rules.versionsByRule)
      if (watchesSubject(ofRule, subject)) storedByRule.set(ruleId, []);
    for (const alarm of stored) {
      const ofRule = storedByRule.get(alarm.ruleId);
      if (ofRule) ofRule.push(alarm);
      else storedByRule.set(alarm.ruleId, [alarm]);
    }
    for (const [ruleId, ofRule] of storedByRule) {
      const episode = await toEpisode(changed, endedAt, ruleId, run.rules);
      if (!episode || isRemovedHistory(endedAt)) continue;
      const rule = await run.rules.getRule(ruleId);
      const evaluation = evaluateEpisode(rule, episode, ofRule, orphans, run.options);
      run.writes.advancePending(rule, addEvaluation(evaluation, run));
    }
  };

  /** Evaluates an interval or a silence under one rule. @returns when its next alarm is due */
  const evaluateUnderRule = async (
    run: EvaluationRun,
    ruleId: string,
    changed: ChangedEpisode,
    endedAt: number | null,
  ): Promise<number> => {
    const episode = await toEpisode(changed, endedAt, ruleId, run.rules);
    if (!episode || isRemovedHistory(endedAt)) return Infinity;
    const ofStart = await alarms.findByStart(
      run.opening.id,
      episode.subject,
      episode.startedAt,
      episode.startedAt,
    );
    const stored = ofStart.filter((alarm) => alarm.ruleId === ruleId && alarm.startKey === episode.startKey);
    const rule = await run.rules.getRule(ruleId);
    const evaluation = evaluateEpisode(rule, episode, stored, NO_ORPHANED_ALARMS, run.options);
    return addEvaluation(evaluation, run);
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
      const run = createRun(opening, versionsByRule, first.startedAt, cause, budget);
      const storedByEpisode = await findStoredAlarms(alarms, run, changed);
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
          const rest = await lateOpenings.evaluateLateSpan(run, episode);
          if (rest) left.set(episode, rest);
          else left.delete(episode);
          isComplete &&= !rest;
          continue;
        }
        const stored = (storedByEpisode.get(episode) ?? []).filter((alarm) => !orphans.hasTaken(alarm));
        await evaluateUnderRules(run, episode, present.endedAt, stored, orphans);
        left.set(episode, { ...episode, isEvaluated: true });
      }
      const waiting = await retractOrphans(run, orphans, nextAt, isComplete);
      for (const episode of settled) {
        const isDone = !episode.present || left.get(episode)?.isEvaluated === true;
        if (isDone && !waiting.has(episode)) left.delete(episode);
      }
      await run.writes.flush();
      return [...left.values()];
    },

    async evaluatePresent(opening, ruleId, cause, budget) {
      const nowMs = Date.parse(cause.now);
      const latestMs = nowMs - latenessAllowanceMs;
      const [pendingBefore, isChanging, present] = await runAll([
        pendingAlarms.find(opening.id, ruleId),
        lateOpenings.createChangeCheck(opening.id),
        listPresentIntervals(openingTables, opening),
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
      const run = createRun(opening, new Map([[ruleId, ofRule]]), contextFrom, cause, budget);
      let due = Infinity;
      for (const episode of present) {
        if (isChanging(episode)) continue;
        if (!watchesSubject(ofRule, episode.subject)) continue;
        due = Math.min(due, await evaluateUnderRule(run, ruleId, episode, null));
      }
      let needsOpen = watchesOnlyOpen(ofRule);
      if (ofRule.some(watchesOpenBy)) {
        const rule = await run.rules.getRule(ruleId);
        const endsAt = await lateOpenings.evaluateSettledLate(run, rule, lateFrom + 1, latestMs, isChanging);
        due = Math.min(due, endsAt);
        const next = findNextOpenBy(rule.evaluated, latestMs, nowMs + SEARCH_AHEAD_MS);
        due = Math.min(due, next.at ?? next.searchedUntil);
        needsOpen = false;
      }
      await run.writes.flush();
      const pending = due === Infinity ? undefined : { due, needsOpen, evaluatedUntil: latestMs };
      await pendingAlarms.replace(opening.id, ruleId, pending);
    },

    async evaluatePast(opening, ruleId, from, isFirst, cause) {
      const nowMs = Date.parse(cause.now);
      const includesBefore =
        isFirst || from <= Date.parse((await findStoredRule(rules, ruleId)).effectiveFrom);
      const ofRule = await versions.findByRule(ruleId, from, null);
      const hasOpenBy = ofRule.some(watchesOpenBy);
      const listed = await listPastEpisodes(openingTables, opening.id, ofRule, from, includesBefore);
      let { until } = listed;
      if (hasOpenBy) until = Math.min(until, from + LATE_OPENINGS_STEP_MS);
      if (until > nowMs) until = Infinity;

      const some = listed.episodes.filter(({ startedAt }) => startedAt < until).sort(compareStarts);
      const firstStart = Math.min(from, some[0]?.startedAt ?? from);
      const allVersions = firstStart < from ? await versions.findByRule(ruleId, firstStart, null) : ofRule;
      const run = createRun(opening, new Map([[ruleId, allVersions]]), firstStart, cause, undefined);
      const isChanging = await lateOpenings.createChangeCheck(opening.id);
      for (const episode of some) {
        if (isChanging(episode)) continue;
        const endedAt = episode.present?.endedAt ?? null;
        const due = await evaluateUnderRule(run, ruleId, episode, endedAt);
        run.writes.advancePending(await run.rules.getRule(ruleId), due);
      }
      if (hasOpenBy) {
        const stepUntil = Math.min(until - 1, nowMs);
        const rule = await run.rules.getRule(ruleId);
        const endsAt = await lateOpenings.evaluateSettledLate(run, rule, from, stepUntil, isChanging);
        run.writes.advancePending(rule, endsAt);
      }
      await run.writes.flush();
      return until === Infinity ? undefined : until;
    },
  };
}

const compareStarts = (a: ChangedEpisode, b: ChangedEpisode) => a.startedAt - b.startedAt;

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
  rules: Pick<RuleContext, 'getBeginning'>,
): Promise<EvaluatedEpisode | undefined> =>
  subject === 'SILENCE'
    ? toSilence(startedAt, endedAt, await rules.getBeginning(ruleId))
    : { subject, startKey, startedAt, endedAt };

/**
 * Retracts alarms whose condition was never broken. An alarm whose time a reading can still change waits for it.
 * @returns the episodes whose alarms wait
 */
async function retractOrphans(
  run: EvaluationRun,
  orphans: OrphanPool,
  nextAt: number | undefined,
  isComplete: boolean,
): Promise<Set<ChangedEpisode>> {
  const waiting = new Set<ChangedEpisode>();
  let hasBegun = false;
  for (const { alarm, episode } of orphans.list()) {
    const clearedAt = alarm.clearedAt === null ? Infinity : Date.parse(alarm.clearedAt);
    const canContinue = nextAt !== undefined && clearedAt >= nextAt;
    // One alarm at least, so that the command makes progress.
    if (!isComplete || canContinue || (hasBegun && run.budget?.isSpent === true)) {
      waiting.add(episode);
      continue;
    }
    hasBegun = true;
    const shownAt = episode.present?.endedAt ?? undefined;
    const { timeZone } = await run.rules.getState(alarm.ruleId);
    const change = retractAlarm(alarm, shownAt, timeZone, run.options);
    if (change) run.writes.addAlarmChange(change);
  }
  return waiting;
}
