import type { AlarmTableAccess } from '../alarms/sqlite-alarm-repository.js';
import type { GroupCommit } from '../db/group-commit.js';
import type { EventCause } from '../domain/decision.js';
import type { IntervalEvaluator, RuleReevaluation } from '../evaluation/interval-evaluator.js';
import type { OpeningTableAccess } from '../readings/opening-tables.js';
import type { SqliteReadingRepository } from '../readings/sqlite-reading-repository.js';
import type { RuleTableAccess } from '../rules/sqlite-rule-repository.js';

/** Jobs that one transaction runs. Commands wait for it, a few milliseconds. */
const MAX_JOBS_PER_TRANSACTION = 64;

/** Jobs take turns with the callers of commands. */
const JOB_OWNER = 'jobs';

/** The stored jobs that run when their instant comes, also after a restart. */
export interface DueJobs {
  /** Resolves to the instant of the next job in milliseconds since 1970, or to `undefined` without a job. 0 is due now. */
  findNextDueAt(): Promise<number | undefined>;
  /** Runs some of the due jobs. @returns false if none was due */
  runSome(): Promise<boolean>;
}

export interface SqliteDueJobsOptions {
  readonly openingTables: OpeningTableAccess;
  readonly alarmTables: Pick<AlarmTableAccess, 'pendingAlarms'>;
  readonly ruleTables: Pick<RuleTableAccess, 'reevaluationJobs'>;
  readonly readings: Pick<
    SqliteReadingRepository,
    'applyEarlyReadings' | 'hasLeftIntervals' | 'evaluateLeftIntervals'
  >;
  readonly evaluator: IntervalEvaluator;
  readonly reevaluation: Pick<RuleReevaluation, 'runJob'>;
  readonly transact: GroupCommit;
  /** The server's instant. */
  readonly now: () => string;
  /** How long an alarm is held back while its interval is open, in milliseconds. */
  readonly latenessAllowanceMs: number;
}

/**
 * The order of the jobs matters after a downtime: early readings take effect first, so that alarms are evaluated with every
 * reading that is known. Intervals that commands have left come before pending alarms. Re-evaluations under changed rules come
 * last.
 */
export function createSqliteDueJobs(options: SqliteDueJobsOptions): DueJobs {
  const { readings, evaluator, reevaluation, transact, now, latenessAllowanceMs } = options;
  const { openings, intervals, readings: readingTable } = options.openingTables;
  const { pendingAlarms } = options.alarmTables;
  const { reevaluationJobs } = options.ruleTables;

  /** @returns the number of pending alarms that were due */
  const evaluatePending = (cause: EventCause): number => {
    const latestMs = Date.parse(cause.now) - latenessAllowanceMs;
    const due = pendingAlarms.findDue(latestMs, MAX_JOBS_PER_TRANSACTION);
    for (const { openingId, ruleId } of due) {
      const opening = openings.findById(openingId);
      const last = intervals.findLastBefore(openingId, Number.MAX_SAFE_INTEGER);
      if (opening && last?.endedAt === null) evaluator.evaluateRule(opening, ruleId, [last], cause);
      else pendingAlarms.set(openingId, ruleId, undefined);
    }
    return due.length;
  };

  return {
    findNextDueAt() {
      if (reevaluationJobs.findAny() || readings.hasLeftIntervals()) return Promise.resolve(0);
      const pendingAt = pendingAlarms.getNextDueAt();
      const instants = [
        pendingAt === undefined ? Infinity : pendingAt + latenessAllowanceMs,
        readingTable.getNextEarlyAt() ?? Infinity,
      ];
      const next = Math.min(...instants);
      return Promise.resolve(next === Infinity ? undefined : next);
    },

    runSome: () =>
      transact(
        () => {
          const cause: EventCause = { now: now(), actor: null };
          const effective = readings.applyEarlyReadings(cause, MAX_JOBS_PER_TRANSACTION);
          // More early readings may be due: they have to take effect before alarms are evaluated.
          if (effective > 0 || readings.evaluateLeftIntervals(cause)) return true;
          return evaluatePending(cause) > 0 || reevaluation.runJob(cause);
        },
        1,
        JOB_OWNER,
      ),
  };
}
