import type { OpeningInterval } from '@seguridad-abc/evaluation';
import type { EventCause } from '../domain/decision.js';
import { deriveRuleVersionChange } from '../domain/rule-version-change.js';
import type { OpeningTableAccess } from '../readings/opening-tables.js';
import type { RuleTableAccess } from '../rules/rule-tables.js';
import type { ApplyRuleChange } from '../rules/sqlite-rule-repository.js';
import type { IntervalEvaluator } from './interval-evaluator.js';

/** Intervals that one transaction evaluates. A job evaluates further ones, so that other commands need not wait. */
export const REEVALUATION_BATCH_SIZE = 500;

/** Evaluates past and present intervals again after a rule changed. */
export interface RuleReevaluation {
  /** Starts a new rule version, and evaluates the intervals that it affects. */
  readonly applyRuleChange: ApplyRuleChange;
  /** Continues one re-evaluation job. To be called inside a transaction. @returns false if there was no job */
  runJob(cause: EventCause): boolean;
}

export function createRuleReevaluation(
  { openings, intervals }: Pick<OpeningTableAccess, 'openings' | 'intervals'>,
  { versions, reevaluationJobs }: Pick<RuleTableAccess, 'versions' | 'reevaluationJobs'>,
  evaluator: IntervalEvaluator,
): RuleReevaluation {
  /** The interval that contains an instant, and those that start later. */
  const findAffected = (openingId: number, instant: number): OpeningInterval[] => {
    const last = intervals.findLastBefore(openingId, instant);
    const containing = last && (last.endedAt === null || last.endedAt > instant) ? [last] : [];
    return [...containing, ...intervals.findFrom(openingId, instant, REEVALUATION_BATCH_SIZE)];
  };

  return {
    applyRuleChange(before, after, cause) {
      const opening = openings.findOrCreate(after.userId, after.opening);
      const change = deriveRuleVersionChange(before, after);
      if (!change) return;
      versions.change(after.id, opening.id, change);
      const affected = findAffected(opening.id, change.affectedFrom);
      evaluator.evaluateRule(opening, after.id, affected, cause);
      const last = affected.at(-1);
      if (affected.length < REEVALUATION_BATCH_SIZE || !last) return;
      reevaluationJobs.add({ ruleId: after.id, openingId: opening.id, nextStart: last.startedAt + 1 });
      // The open interval does not wait for the job.
      const present = intervals.findLastBefore(opening.id, Number.MAX_SAFE_INTEGER);
      if (present?.endedAt === null) evaluator.evaluateRule(opening, after.id, [present], cause);
    },

    runJob(cause) {
      const job = reevaluationJobs.findAny();
      if (!job) return false;
      const { ruleId, openingId, nextStart } = job;
      const opening = openings.findById(openingId);
      const batch = opening ? intervals.findFrom(openingId, nextStart, REEVALUATION_BATCH_SIZE) : [];
      if (opening) evaluator.evaluateRule(opening, ruleId, batch, cause);
      const last = batch.at(-1);
      if (last && batch.length === REEVALUATION_BATCH_SIZE) {
        reevaluationJobs.advance(ruleId, last.startedAt + 1);
      } else {
        reevaluationJobs.remove(ruleId);
      }
      return true;
    },
  };
}
