import type { Actor, RuleState } from '@seguridad-abc/contracts';
import type { OpenInterval } from '@seguridad-abc/evaluation';
import type { Records } from '../db/records.js';
import { versionChange } from '../domain/rule-version-change.js';
import type { Judge } from './judge.js';

/** More intervals on record than these are judged later, so as not to hold up everyone else. */
export const INTERVALS_AT_ONCE = 500;

/** Lets a rule's change take effect, inside the transaction that saves it. @param before undefined for a new rule */
export type ChangeOfRule = (before: RuleState | undefined, after: RuleState, actor: Actor) => void;

/** @param now the server's instant */
export function createChangeOfRule(
  { openings, intervals, versions, catchUps }: Records,
  judge: Judge,
  now: () => string,
): ChangeOfRule {
  const since = (openingId: number, instant: number): OpenInterval[] => {
    const last = intervals.before(openingId, instant);
    const containing = last && (last.endedAt === null || last.endedAt > instant) ? [last] : [];
    return [...containing, ...intervals.from(openingId, instant, INTERVALS_AT_ONCE)];
  };

  return (before, after, actor) => {
    const opening = openings.named(after.userId, after.opening);
    const change = versionChange(before, after);
    if (!change) return;
    versions.change(after.id, opening.id, change);
    const occasion = { now: now(), actor };
    const judged = since(opening.id, change.since);
    judge.rule(opening, after.id, judged, occasion);
    const last = judged.at(-1);
    if (judged.length < INTERVALS_AT_ONCE || !last) return;
    catchUps.begin({ ruleId: after.id, openingId: opening.id, nextStart: last.startedAt + 1 });
    // What is open now does not wait for what was.
    const present = intervals.before(opening.id, Number.MAX_SAFE_INTEGER);
    if (present?.endedAt === null) judge.rule(opening, after.id, [present], occasion);
  };
}
