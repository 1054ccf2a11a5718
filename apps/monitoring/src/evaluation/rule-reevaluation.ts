import type { EventCause } from '../domain/decision.js';
import { deriveRuleVersionChange } from '../domain/rule-decisions.js';
import type { OpeningTableAccess } from '../readings/opening-tables.js';
import type { ApplyRuleChange, RuleTableAccess } from '../rules/rule-repository.js';
import type { IntervalEvaluator } from './interval-evaluator.js';

/** Evaluates the past and the present again after a rule changed. */
export interface RuleReevaluation {
  /** Starts a new rule version, and evaluates what it affects: some of the past at once, the rest in jobs. */
  readonly applyRuleChange: ApplyRuleChange;
  /**
   * Continues the re-evaluation job of a rule, if it has one. To be called inside a transaction.
   * @returns false if there was no job
   */
  runJob(ruleId: string, cause: EventCause): Promise<boolean>;
}

export function createRuleReevaluation(
  { openings }: Pick<OpeningTableAccess, 'openings'>,
  { versions, reevaluationJobs }: Pick<RuleTableAccess, 'versions' | 'reevaluationJobs'>,
  evaluator: Pick<IntervalEvaluator, 'evaluatePast' | 'evaluatePresent'>,
): RuleReevaluation {
  return {
    async applyRuleChange(before, after, cause) {
      const opening = await openings.findOrCreate(after.userId, after.opening);
      const change = deriveRuleVersionChange(before, after);
      if (!change) return;
      await versions.change(after.id, opening.id, change);
      const nextStart = await evaluator.evaluatePast(opening, after.id, change.affectedFrom, true, cause);
      if (nextStart !== undefined)
        await reevaluationJobs.add({ ruleId: after.id, openingId: opening.id, nextStart });
      // What goes on does not wait for the job.
      await evaluator.evaluatePresent(opening, after.id, cause);
    },

    async runJob(ruleId, cause) {
      const job = await reevaluationJobs.find(ruleId);
      if (!job) return false;
      const { openingId, nextStart } = job;
      const opening = await openings.findById(openingId);
      const next = opening && (await evaluator.evaluatePast(opening, ruleId, nextStart, false, cause));
      if (next === undefined) await reevaluationJobs.remove(ruleId);
      else await reevaluationJobs.advance(ruleId, next);
      return true;
    },
  };
}
