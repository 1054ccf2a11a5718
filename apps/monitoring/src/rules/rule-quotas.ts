import type { RuleState } from '@seguridad-abc/contracts';
import type { CalendarDates } from '@seguridad-abc/evaluation';
import type { EventCause, Rejection } from '../domain/decision.js';
import { deriveRuleVersionChange } from '../domain/rule-decisions.js';
import {
  isBoundByQuotas,
  MAX_RULES_IN_FORCE_FACTOR,
  rejectOpeningQuota,
  rejectQuota,
  type Quotas,
} from '../domain/quotas.js';

/** What the quotas need to know of the stored rules and openings. */
export interface RuleCounts {
  countRulesOfUser(userId: string): Promise<number>;
  countRulesOfOpening(userId: string, opening: string): Promise<number>;
  /** The rules of an opening that hold at some time after an instant, also if they are deleted now. */
  countRulesSince(userId: string, opening: string, from: number): Promise<number>;
  /** The versions of the rules of an opening that hold at some time after an instant. */
  countVersionsSince(userId: string, opening: string, from: number): Promise<number>;
  hasOpening(userId: string, opening: string): Promise<boolean>;
  /** The present dates of a calendar. */
  findCalendarDates(calendarId: string): Promise<CalendarDates | undefined>;
  /** Includes openings that commands in progress are about to add. */
  countOpeningsOfUser(userId: string): Promise<number>;
}

/** Rule versions of an opening that late readings can be evaluated under, for each rule that the opening may have. */
const MAX_VERSIONS_PER_RULE = 10;

const DAY_MS = 86_400_000;
/** Zones differ from UTC by less, and a window passes one midnight at most. */
const DAYS_OF_OFFSET = 2;

/**
 * About how many windows of the past a new rule is evaluated for at most: those with `openBy`, which raise alarms without any
 * reading, and the active windows, in each of which silences are counted anew. No other quota bounds them.
 */
function estimatePastWindows(
  { windows, activeWindows, effectiveFrom, enabled }: RuleState,
  calendar: CalendarDates | undefined,
  now: string,
): number {
  const firstDay = Math.floor(Date.parse(effectiveFrom) / DAY_MS) - DAYS_OF_OFFSET;
  const lastDay = Math.floor(Date.parse(now) / DAY_MS) + DAYS_OF_OFFSET;
  if (!enabled || lastDay < firstDay) return 0;
  const weekly = [...(windows ?? []).filter(hasOpenBy), ...(activeWindows ?? [])];
  const perWeek = weekly.reduce((sum, { days }) => sum + days.length, 0);
  let total = Math.ceil((lastDay - firstDay) / 7) * perWeek;
  for (const [day, date] of (windows && calendar) ?? [])
    if (firstDay <= day && day <= lastDay) total += date.windows.filter(hasOpenBy).length;
  return total;
}

const hasOpenBy = ({ openBy }: { readonly openBy: string | null }): boolean => openBy !== null;

/** Judges a new or changed rule, inside the transaction that would save it. @returns a rejection if it exceeds a quota */
export const createRuleQuotaCheck =
  (quotas: Quotas, counts: RuleCounts) =>
  async (
    rule: RuleState,
    before: RuleState | undefined,
    { actor, now }: EventCause,
  ): Promise<Rejection | undefined> => {
    if (!actor || !isBoundByQuotas(actor)) return undefined;
    const { userId, opening } = rule;
    const { rulesPerOpening, rulesPerUser, openingsPerUser, latenessMs } = quotas;
    const since = Date.parse(now) - latenessMs;
    if (deriveRuleVersionChange(before, rule)?.next) {
      const limit = MAX_VERSIONS_PER_RULE * rulesPerOpening;
      if ((await counts.countVersionsSince(userId, opening, since)) >= limit) {
        const message = `The rules of this opening were changed too often lately: more than ${limit} times. Try again later.`;
        return rejectQuota([before ? 'id' : 'opening'], limit, message);
      }
    }
    if (before) return undefined;
    if ((await counts.countRulesOfOpening(userId, opening)) >= rulesPerOpening) {
      const message = `An opening may have ${rulesPerOpening} rules. Delete one, or change it.`;
      return rejectQuota(['opening'], rulesPerOpening, message);
    }
    // Late readings are evaluated under deleted rules too, so many deleted rules make each reading slow.
    const rulesSince = await counts.countRulesSince(userId, opening, since);
    if (rulesSince >= MAX_RULES_IN_FORCE_FACTOR * rulesPerOpening) {
      const message = `Too many rules of this opening were deleted lately: it may have ${rulesPerOpening} rules, and as many deleted ones that can still raise alarms. Change a rule instead, or try again later.`;
      return rejectQuota(['opening'], rulesPerOpening, message);
    }
    if ((await counts.countRulesOfUser(userId)) >= rulesPerUser) {
      const message = `A user may have ${rulesPerUser} rules. Delete one, or change it.`;
      return rejectQuota(['opening'], rulesPerUser, message);
    }
    const calendar = rule.calendarId === null ? undefined : await counts.findCalendarDates(rule.calendarId);
    const pastWindows = estimatePastWindows(rule, calendar, now);
    if (pastWindows > quotas.alarmsPerCommand) {
      const message = `The past of this rule has ${pastWindows} windows to evaluate, and a command may have ${quotas.alarmsPerCommand}. Choose a later effectiveFrom, or fewer windows with openBy and active windows.`;
      return rejectQuota(['effectiveFrom'], quotas.alarmsPerCommand, message);
    }
    const isFull =
      !(await counts.hasOpening(userId, opening)) &&
      (await counts.countOpeningsOfUser(userId)) >= openingsPerUser;
    return isFull ? rejectOpeningQuota(['opening'], openingsPerUser) : undefined;
  };
