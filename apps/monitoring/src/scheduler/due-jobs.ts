import type { AlarmTableAccess } from '../alarms/sqlite-alarm-repository.js';
import type { GroupCommit } from '../db/group-commit.js';
import type { EventCause } from '../domain/decision.js';
import { createWorkBudget, PENDING_ALARM_COST_US } from '../domain/work-budget.js';
import type { IntervalEvaluator } from '../evaluation/interval-evaluator.js';
import type { RuleReevaluation } from '../evaluation/rule-reevaluation.js';
import type { OpeningTableAccess } from '../readings/opening-tables.js';
import type { SqliteReadingRepository } from '../readings/sqlite-reading-repository.js';
import type { RuleTableAccess } from '../rules/rule-repository.js';

/** Jobs that one transaction runs. Commands wait for it, a few milliseconds. */
const MAX_JOBS_PER_TRANSACTION = 64;
/** The estimated cost after which a transaction begins no further job, in microseconds. */
const MAX_COST_US = 7_000;

/** Jobs take turns with the callers of commands. */
const JOB_OWNER = 'jobs';

/** The stored jobs that run when their instant comes, also after a restart. */
export interface DueJobs {
  /** Resolves to the instant of the next job in milliseconds since 1970, or to `undefined` without a job. 0 is due now. */
  findNextDueAt(): Promise<number | undefined>;
  /** Runs some of the due jobs. @returns false if none was due */
  runSome(): Promise<boolean>;
}

/** Timers of alarms that have run since the start. */
export interface TimerCounts {
  readonly run: number;
  /** Those that ran more than a second after their instant. */
  readonly late: number;
}

/** Timers of alarms whose instant has come. */
export interface DueTimers {
  /** At most 10,000 are counted. */
  readonly dueCount: number;
  /** How long the one that has waited longest is due; 0 without one. */
  readonly latenessMs: number;
}

/** Due jobs with their figures. */
export interface SqliteDueJobs extends DueJobs {
  readonly timerCounts: TimerCounts;
  readDueTimers(): DueTimers;
}

/** A timer that runs later than this after its instant is late. */
const LATE_TIMER_MS = 1_000;
const MAX_COUNTED_TIMERS = 10_000;

export interface SqliteDueJobsOptions {
  readonly openingTables: OpeningTableAccess;
  readonly alarmTables: Pick<AlarmTableAccess, 'pendingAlarms'>;
  readonly ruleTables: Pick<RuleTableAccess, 'reevaluationJobs'>;
  readonly readings: Pick<
    SqliteReadingRepository,
    'applyEarlyReadings' | 'hasLeftEpisodes' | 'evaluateLeftEpisodes'
  >;
  readonly evaluator: Pick<IntervalEvaluator, 'evaluatePresent'>;
  readonly reevaluation: Pick<RuleReevaluation, 'runJob'>;
  readonly transact: GroupCommit;
  /** The server's instant. */
  readonly now: () => string;
  /** How long an alarm is held back while its interval is open, in milliseconds. */
  readonly latenessAllowanceMs: number;
}

/**
 * The order of the jobs matters after a downtime: early readings take effect first, so that alarms are evaluated with every
 * reading that is known. Episodes that commands have left come before pending alarms. Re-evaluations under changed rules come
 * last.
 */
export function createSqliteDueJobs(options: SqliteDueJobsOptions): SqliteDueJobs {
  const { readings, evaluator, reevaluation, transact, now, latenessAllowanceMs } = options;
  const { openings, readings: readingTable } = options.openingTables;
  const { pendingAlarms } = options.alarmTables;
  const { reevaluationJobs } = options.ruleTables;

  const timerCounts = { run: 0, late: 0 };
  const countRun = (dueAt: number, nowMs: number) => {
    timerCounts.run += 1;
    // 0: the alarm is evaluated again because rules or time zones have changed. It is no timer.
    if (dueAt > 0 && nowMs - dueAt > LATE_TIMER_MS) timerCounts.late += 1;
  };

  /** @returns the number of pending alarms that were due and are evaluated */
  const evaluatePending = (cause: EventCause): number => {
    const latestMs = Date.parse(cause.now) - latenessAllowanceMs;
    const budget = createWorkBudget(MAX_COST_US);
    let done = 0;
    for (const { openingId, ruleId, due } of pendingAlarms.findDue(latestMs, MAX_JOBS_PER_TRANSACTION)) {
      if (budget.isSpent) break;
      countRun(due, latestMs);
      const opening = openings.findById(openingId);
      if (opening) evaluator.evaluatePresent(opening, ruleId, cause, budget);
      else pendingAlarms.replace(openingId, ruleId, undefined);
      budget.spend(PENDING_ALARM_COST_US);
      done++;
    }
    return done;
  };

  return {
    timerCounts,
    readDueTimers() {
      const latestMs = Date.parse(now()) - latenessAllowanceMs;
      const earliestMs = pendingAlarms.getEarliestDueAt() ?? Infinity;
      return {
        dueCount: pendingAlarms.countDue(latestMs, MAX_COUNTED_TIMERS),
        latenessMs: Math.max(0, latestMs - earliestMs),
      };
    },
    findNextDueAt() {
      if (reevaluationJobs.findAny() || readings.hasLeftEpisodes()) return Promise.resolve(0);
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
          if (effective > 0 || readings.evaluateLeftEpisodes(cause)) return true;
          return evaluatePending(cause) > 0 || reevaluation.runJob(cause);
        },
        1,
        JOB_OWNER,
      ),
  };
}
