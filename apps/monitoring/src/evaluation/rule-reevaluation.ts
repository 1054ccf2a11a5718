import type { EventCause } from '../domain/decision.js';
import { deriveRuleVersionChange } from '../domain/rule-decisions.js';
import type { OpeningTableAccess } from '../readings/opening-tables.js';
import type { ApplyRuleChange, RuleTableAccess } from '../rules/rule-repository.js';
import type { IntervalEvaluator } from './interval-evaluator.js';

/** Evaluates the past and the present again after a rule changed. */
export interface RuleReevaluation {
  /** Starts a new rule version, and evaluates what it affects: some of the past at once, the rest in jobs. */
  readonly applyRuleChange: ApplyRuleChange;
  /** Continues one re-evaluation job. To be called inside a transaction. @returns false if there was no job */
  runJob(cause: EventCause): boolean;
}

export function createRuleReevaluation(
  { openings }: Pick<OpeningTableAccess, 'openings'>,
  { versions, reevaluationJobs }: Pick<RuleTableAccess, 'versions' | 'reevaluationJobs'>,
  evaluator: Pick<IntervalEvaluator, 'evaluatePast' | 'evaluatePresent'>,
): RuleReevaluation {
  return {
    applyRuleChange(before, after, cause) {
      const opening = openings.findOrCreate(after.userId, after.opening);
      const change = deriveRuleVersionChange(before, after);
      if (!change) return;
      versions.change(after.id, opening.id, change);
      const nextStart = evaluator.evaluatePast(opening, after.id, change.affectedFrom, true, cause);
      if (nextStart !== undefined)
        reevaluationJobs.add({ ruleId: after.id, openingId: opening.id, nextStart });
      // What goes on does not wait for the job.
      evaluator.evaluatePresent(opening, after.id, cause);
    },

    runJob(cause) {
      const job = reevaluationJobs.findAny();
      if (!job) return false;
      const { ruleId, openingId, nextStart } = job;
      const opening = openings.findById(openingId);
      const next = opening && evaluator.evaluatePast(opening, ruleId, nextStart, false, cause);
      if (next === undefined) reevaluationJobs.remove(ruleId);
      else reevaluationJobs.advance(ruleId, next);
      return true;
    },
  };
}
