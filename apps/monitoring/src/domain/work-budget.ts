/** The estimated cost of one new reading with its changes of intervals, in microseconds. */
export const READING_COST_US = 70;
/** The estimated cost of the evaluation of one interval under one rule that changes no alarm, in microseconds. */
export const RULE_EVALUATION_COST_US = 3;
/** The estimated cost of the evaluation of a pending alarm that changes no alarm, in microseconds. */
export const PENDING_ALARM_COST_US = 100;
/** The estimated cost of one changed alarm with its event, in microseconds. */
export const ALARM_CHANGE_COST_US = 250;

/**
 * Limits the work of one transaction, so that other commands do not wait long. The work counts by its estimated cost, not by
 * a clock, so that the same commands always take the same transactions.
 */
export interface WorkBudget {
  /** Whether the transaction should begin no further work. What it has begun may exceed the budget. */
  readonly isSpent: boolean;
  spend(costUs: number): void;
}

/** @param limitUs the estimated cost after which the budget is spent, in microseconds */
export function createWorkBudget(limitUs: number): WorkBudget {
  let left = limitUs;
  return {
    get isSpent() {
      return left <= 0;
    },
    spend(costUs) {
      left -= costUs;
    },
  };
}
