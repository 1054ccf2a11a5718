import type { Append } from '../db/append.js';
import type { Transact } from '../db/group-commit.js';
import type { Records } from '../db/records.js';
import { INTERVALS_AT_ONCE } from '../judging/change-of-rule.js';
import type { Judge, Occasion } from '../judging/judge.js';
import { openingChange, takeEffect } from '../judging/watch.js';

/** As much is worked in one transaction: it holds up everyone else for a few milliseconds. */
const AT_ONCE = 64;

/** What is to be done without anyone asking for it. */
export interface Agenda {
  /** When there is something to do: milliseconds since 1970, or undefined where there is nothing. */
  next(): number | undefined;
  /** Does some of what is due. @returns false where there was nothing */
  work(): Promise<boolean>;
}

export interface AgendaOptions {
  readonly records: Records;
  readonly judge: Judge;
  readonly append: Append;
  readonly transact: Transact;
  readonly now: () => string;
  /** An alarm is held back so long while its interval is open, in milliseconds. */
  readonly allowanceMs: number;
  /** Called after each commit that added to the log. */
  readonly appended: () => void;
}

/**
 * Readings ahead of the clock take effect; what was pending is raised; rules catch up on the record. In this order, so that
 * what fell due while nobody worked is judged by all that is known.
 */
export function createAgenda(options: AgendaOptions): Agenda {
  const { records, judge, append, transact, now, allowanceMs, appended } = options;
  const { readings, timers, catchUps, openings, intervals } = records;

  const takeEffectOf = (occasion: Occasion): number => {
    let count = 0;
    for (const [openingId, added] of readings.takeEffect(Date.parse(occasion.now), AT_ONCE)) {
      count += added.length;
      const opening = openings.byId(openingId);
      if (!opening) continue;
      const changes = takeEffect(records, opening, added);
      append(
        { type: 'OpeningChanged', version: 1, data: openingChange(opening, changes) },
        occasion.now,
        occasion.actor,
      );
      judge.changes(opening, changes, occasion);
    }
    return count;
  };

  const raisePending = (occasion: Occasion): number => {
    const due = timers.due(Date.parse(occasion.now) - allowanceMs, AT_ONCE);
    for (const { openingId, ruleId } of due) {
      const opening = openings.byId(openingId);
      const last = intervals.before(openingId, Number.MAX_SAFE_INTEGER);
      if (opening && last?.endedAt === null) judge.rule(opening, ruleId, [last], occasion);
      else timers.set(openingId, ruleId, undefined);
    }
    return due.length;
  };

  /** @returns whether a rule is behind */
  const catchUp = (occasion: Occasion): boolean => {
    const behind = catchUps.any();
    if (!behind) return false;
    const { ruleId, openingId, nextStart } = behind;
    const opening = openings.byId(openingId);
    const judged = opening ? intervals.from(openingId, nextStart, INTERVALS_AT_ONCE) : [];
    if (opening) judge.rule(opening, ruleId, judged, occasion);
    const last = judged.at(-1);
    if (last && judged.length === INTERVALS_AT_ONCE) catchUps.advance(ruleId, last.startedAt + 1);
    else catchUps.end(ruleId);
    return true;
  };

  return {
    next() {
      if (catchUps.any()) return 0;
      const due = timers.next();
      const early = readings.nextEarly();
      return earliest(due === undefined ? undefined : due + allowanceMs, early);
    },

    async work() {
      const worked = await transact(() => {
        const occasion: Occasion = { now: now(), actor: null };
        const effective = takeEffectOf(occasion);
        if (effective === AT_ONCE) return true;
        return raisePending(occasion) + effective > 0 || catchUp(occasion);
      });
      if (worked) appended();
      return worked;
    },
  };
}

const earliest = (...instants: readonly (number | undefined)[]): number | undefined => {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
};
