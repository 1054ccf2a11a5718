import { listOpenByOccurrences, watchesOpenBy, type OpenIntervals } from '@seguridad-abc/evaluation';
import type { AlarmTableAccess } from '../alarms/alarm-repository.js';
import { evaluateLateOpenings, type AlarmRecord, type EvaluatedRule } from '../domain/interval-evaluation.js';
import {
  createLateOpeningSpan,
  getEpisodeKey,
  MAX_WINDOW_MS,
  type ChangedEpisode,
  type EpisodeIdentity,
} from '../readings/changed-episodes.js';
import { computeWithHistory } from '../readings/loaded-ranges.js';
import { createLoadedIntervals } from '../readings/opening-changes.js';
import type { OpeningTableAccess } from '../readings/opening-tables.js';
import { addEvaluation, type EvaluationRun } from './evaluation-run.js';

/** The time whose windows one step evaluates. */
export const LATE_OPENINGS_STEP_MS = 30 * 24 * 60 * 60 * 1_000; // 30 days
/** Rows of the intervals that are loaded together for late openings: windows of some days need a few. */
const LATE_OPENINGS_PAGE_SIZE = 16;

/** The key of all late openings of an opening: a command in progress changes one span of them. */
const LATE_OPENINGS: EpisodeIdentity = { subject: 'LATE_OPENINGS', startKey: '' };

export interface LateOpeningEvaluatorOptions {
  readonly alarms: Pick<AlarmTableAccess['alarms'], 'findByStart'>;
  readonly openingTables: Pick<OpeningTableAccess, 'intervals' | 'unevaluated'>;
  /** What ended before the horizon is removed, with its alarms. They must not be raised again. */
  readonly isRemovedHistory: (endedAt: number | null) => boolean;
}

/** Evaluates windows that had to be opened (`openBy`). */
export type LateOpeningEvaluator = ReturnType<typeof createLateOpeningEvaluator>;

export function createLateOpeningEvaluator({
  alarms,
  openingTables: { intervals, unevaluated },
  isRemovedHistory,
}: LateOpeningEvaluatorOptions) {
  const createOpenIntervals = (openingId: number): OpenIntervals => {
    const stored = createLoadedIntervals({ intervals }, openingId, 'OPEN', LATE_OPENINGS_PAGE_SIZE);
    return {
      intervalBefore: (at) => stored.lastBefore(at),
      intervalFrom: (at) => stored.firstFrom(at),
    };
  };

  /**
   * Evaluates the windows under one rule that had to be opened in `[from, until]`.
   * @returns when the next alarm ends without a reading
   */
  const evaluateLate = async (
    run: EvaluationRun,
    rule: EvaluatedRule,
    stored: readonly AlarmRecord[],
    openIntervals: OpenIntervals,
    from: number,
    until: number,
  ): Promise<number> => {
    const latestMs = Math.min(until, Date.parse(run.options.now) - run.options.latenessAllowanceMs);
    const occurrences = listOpenByOccurrences(rule.evaluated, from, latestMs).filter(
      ({ endsAt }) => !isRemovedHistory(endsAt),
    );
    // Only a stored alarm can be retracted.
    const timeZone = stored.length > 0 ? (await run.rules.getState(rule.id)).timeZone : '';
    const evaluation = await computeWithHistory(() =>
      evaluateLateOpenings(rule, stored, occurrences, openIntervals, timeZone, run.options),
    );
    return addEvaluation(evaluation, run);
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
    run: EvaluationRun,
    rule: EvaluatedRule,
    from: number,
    until: number,
    isChanging: (episode: EpisodeIdentity) => boolean,
  ): Promise<number> => {
    if (isChanging(LATE_OPENINGS)) {
      await unevaluated.add(run.opening.id, { ...LATE_OPENINGS, startedAt: from, until });
      return Infinity;
    }
    await run.writes.flush();
    const stored = await findStoredLate(run.opening.id, from, until);
    const ofRule = stored.filter(({ ruleId }) => ruleId === rule.id);
    const openIntervals = createOpenIntervals(run.opening.id);
    return evaluateLate(run, rule, ofRule, openIntervals, from, until);
  };

  /** Evaluates late openings under all rules, until the budget is spent. @returns the span that is left */
  const evaluateLateSpan = async (
    run: EvaluationRun,
    span: ChangedEpisode,
  ): Promise<ChangedEpisode | undefined> => {
    const watching = [...run.rules.versionsByRule].filter(([, ofRule]) => ofRule.some(watchesOpenBy));
    if (watching.length === 0) return undefined;
    const { startedAt, present, isStored } = span;
    const until = present?.endedAt ?? startedAt;
    const openIntervals = createOpenIntervals(run.opening.id);
    for (let from = startedAt; from <= until; from += LATE_OPENINGS_STEP_MS) {
      if (run.budget?.isSpent === true) return createLateOpeningSpan(from, until, isStored);
      const stepUntil = Math.min(from + LATE_OPENINGS_STEP_MS - 1, until);
      await run.writes.flush();
      const stored = await findStoredLate(run.opening.id, from, stepUntil);
      for (const [ruleId] of watching) {
        const rule = await run.rules.getRule(ruleId);
        const ofRule = stored.filter((alarm) => alarm.ruleId === ruleId);
        const endsAt = await evaluateLate(run, rule, ofRule, openIntervals, from, stepUntil);
        run.writes.advancePending(rule, endsAt);
      }
    }
    return undefined;
  };

  return { createChangeCheck, evaluateSettledLate, evaluateLateSpan };
}
