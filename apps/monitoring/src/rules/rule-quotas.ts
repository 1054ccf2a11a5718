import type { RuleState } from '@seguridad-abc/contracts';
import type { EventCause, Rejection } from '../domain/decision.js';
import { isBoundByQuotas, rejectQuota, type Quotas } from '../domain/quotas.js';
import { rejectOpeningQuota } from '../readings/reading-quotas.js';

/** What the quotas need to know of the stored rules and openings. */
export interface RuleCounts {
  countRulesOfUser(userId: string): number;
  countRulesOfOpening(userId: string, opening: string): number;
  /** The rules of an opening that hold at some time after an instant, also if they are deleted now. */
  countRulesSince(userId: string, opening: string, from: number): number;
  hasOpening(userId: string, opening: string): boolean;
  /** Includes openings that commands in progress are about to add. */
  countOpeningsOfUser(userId: string): number;
}

/** Judges a new rule, inside the transaction that would save it. @returns a rejection if it exceeds a quota */
export const createRuleQuotaCheck =
  (quotas: Quotas, counts: RuleCounts) =>
  (
    { userId, opening }: RuleState,
    before: RuleState | undefined,
    { actor, now }: EventCause,
  ): Rejection | undefined => {
    if (before || !actor || !isBoundByQuotas(actor)) return undefined;
    const { rulesPerOpening, rulesPerUser, openingsPerUser, latenessMs } = quotas;
    if (counts.countRulesOfOpening(userId, opening) >= rulesPerOpening) {
      const message = `An opening may have ${rulesPerOpening} rules. Delete one, or change it.`;
      return rejectQuota(['opening'], rulesPerOpening, message);
    }
    // Late readings are evaluated under deleted rules too, so many deleted rules make each reading slow.
    const since = Date.parse(now) - latenessMs;
    if (counts.countRulesSince(userId, opening, since) >= 2 * rulesPerOpening) {
      const message = `Too many rules of this opening were deleted lately: it may have ${rulesPerOpening} rules, and as many deleted ones that can still raise alarms. Change a rule instead, or try again later.`;
      return rejectQuota(['opening'], rulesPerOpening, message);
    }
    if (counts.countRulesOfUser(userId) >= rulesPerUser) {
      const message = `A user may have ${rulesPerUser} rules. Delete one, or change it.`;
      return rejectQuota(['opening'], rulesPerUser, message);
    }
    const isFull =
      !counts.hasOpening(userId, opening) && counts.countOpeningsOfUser(userId) >= openingsPerUser;
    return isFull ? rejectOpeningQuota(['opening'], openingsPerUser) : undefined;
  };
