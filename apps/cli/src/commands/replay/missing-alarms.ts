import type { RuleColumnsFragment } from '../../graphql/generated.js';
import type { ScheduledReading } from './parse-readings-csv.js';

/** Number of openings that a line lists. */
const MAX_LISTED_OPENINGS = 5;

/**
 * Explains why readings can raise no alarm: no rule watches their opening, or it took effect later.
 * @returns lines for the user; none if some rule evaluates every reading
 */
export function explainMissingAlarms(
  readings: readonly ScheduledReading[],
  rules: readonly Pick<RuleColumnsFragment, 'opening' | 'enabled' | 'effectiveFrom'>[],
): readonly string[] {
  /** The time from which a rule watches an opening, in ms since 1970. */
  const watchedFrom = new Map<string, number>();
  for (const { opening, effectiveFrom } of rules.filter(({ enabled }) => enabled)) {
    watchedFrom.set(opening, Math.min(Date.parse(effectiveFrom), watchedFrom.get(opening) ?? Infinity));
  }
  const unwatchedOpenings = new Set<string>();
  let unwatchedCount = 0;
  let earlyCount = 0;
  let firstEarlyAt: string | undefined;
  for (const { opening, state, at, dueAt } of readings) {
    // The server stores names in this form.
    const from = watchedFrom.get(opening.normalize('NFC'));
    const isStillOpen = state === 'OPEN' && at === dueAt;
    if (from === undefined) {
      unwatchedCount += 1;
      unwatchedOpenings.add(opening);
    } else if (Date.parse(dueAt) < from && !isStillOpen) {
      earlyCount += 1;
      if (firstEarlyAt === undefined || at < firstEarlyAt) firstEarlyAt = at;
    }
  }
  const listed = [...unwatchedOpenings].slice(0, MAX_LISTED_OPENINGS).join(', ');
  const more = unwatchedOpenings.size > MAX_LISTED_OPENINGS ? ', …' : '';
  return [
    ...(firstEarlyAt === undefined
      ? []
      : [
          `${earlyCount} of ${readings.length} readings raise no alarm, because the rules took effect later (effectiveFrom). ` +
            'To evaluate them, import the rules under other names, or with another --user for rules and readings, ' +
            `and with --effective-from ${firstEarlyAt}.`,
        ]),
    ...(unwatchedCount === 0
      ? []
      : [
          `${unwatchedCount} of ${readings.length} readings raise no alarm, because no enabled rule names their opening ` +
            `(${listed}${more}).`,
        ]),
  ];
}
