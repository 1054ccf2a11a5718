import type { AlarmTableAccess } from '../alarms/alarm-repository.js';
import type { GroupCommit } from '../db/group-commit.js';
import { runAll } from '../db/run-all.js';
import type { EventCause } from '../domain/decision.js';
import { MAX_READING_AHEAD_MS } from '../domain/reading-batch.js';
import { createWorkBudget, PENDING_ALARM_COST_US } from '../domain/work-budget.js';
import type { IntervalEvaluator } from '../evaluation/interval-evaluator.js';
import type { RuleReevaluation } from '../evaluation/rule-reevaluation.js';
import type { TimeZoneDataChange } from '../evaluation/time-zone-data-change.js';
import { groupBy } from '../readings/group-by.js';
import type { OpeningTableAccess } from '../readings/opening-tables.js';
import type { ReadingStorage } from '../readings/reading-repository.js';
import type { DueCandidates } from './due-candidates.js';

/** Jobs that run together. Commands wait for them, a few milliseconds. */
const MAX_JOBS_PER_RUN = 64;
/** The estimated cost after which a run begins no further job, in microseconds. */
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

/** The jobs that are stored in the database, with their figures. */
export interface StoredDueJobs extends DueJobs {
  readonly timerCounts: TimerCounts;
  readDueTimers(): Promise<DueTimers>;
}

/** A timer that runs later than this after its instant is late. */
const LATE_TIMER_MS = 1_000;
const MAX_COUNTED_TIMERS = 10_000;

export interface DueJobsOptions {
  readonly candidates: DueCandidates;
  readonly openings: Pick<OpeningTableAccess['openings'], 'findById'>;
  readonly pendingAlarms: Pick<AlarmTableAccess['pendingAlarms'], 'replace'>;
  /** Reads what is committed. */
  readonly pendingAlarmCounts: Pick<AlarmTableAccess['pendingAlarms'], 'countDue' | 'getEarliestDueAt'>;
  readonly readings: Pick<
    ReadingStorage,
    'applyEarlyReadings' | 'hasLeftEpisodes' | 'findLeftOpening' | 'evaluateLeftEpisodes'
  >;
  readonly evaluator: Pick<IntervalEvaluator, 'evaluatePresent'>;
  readonly reevaluation: Pick<RuleReevaluation, 'runJob'>;
  readonly zoneDataChange: TimeZoneDataChange;
  readonly transact: GroupCommit;
  /** The server's instant. */
  readonly now: () => string;
  /** How long an alarm is held back while its interval is open, in milliseconds. */
  readonly latenessAllowanceMs: number;
}

/**
 * The order of the jobs matters after a downtime: early readings take effect first, so that alarms are evaluated with every
 * reading that is known. Episodes that commands have left come before pending alarms. Openings that new time zone data
 * may concern come when no pending alarm is due, and re-evaluations under changed rules last.
 *
 * The jobs of each user are one piece of work, which locks the user: they take turns with the commands of other instances.
 */
export function createDueJobs(options: DueJobsOptions): StoredDueJobs {
  const { candidates, openings, pendingAlarms, pendingAlarmCounts, readings, evaluator, reevaluation } =
    options;
  const { zoneDataChange, transact, now, latenessAllowanceMs } = options;

  const timerCounts = { run: 0, late: 0 };
  const countRun = (dueAt: number, nowMs: number) => {
    timerCounts.run += 1;
    // 0: the alarm is evaluated again because rules or time zones have changed. It is no timer.
    if (dueAt > 0 && nowMs - dueAt > LATE_TIMER_MS) timerCounts.late += 1;
  };

  const getCause = (): EventCause => ({ now: now(), actor: null });
  const getLatestDueMs = () => Date.parse(now()) - latenessAllowanceMs;

  /** Runs work in a transaction for each user, with the jobs of the user. */
  const runByUser = <Job extends { readonly userId: string | null }, Result>(
    jobs: readonly Job[],
    work: (ofUser: readonly Job[], cause: EventCause) => Promise<Result>,
  ): Promise<Result[]> => {
    return runAll(
      [...groupBy(jobs, ({ userId }) => userId)].map(([userId, ofUser]) =>
        transact(() => work(ofUser, getCause()), {
          owner: JOB_OWNER,
          users: userId === null ? [] : [userId],
        }),
      ),
    );
  };

  /** @returns whether early readings were due */
  const applyEarlyReadings = async (): Promise<boolean> => {
    const nowMs = Date.parse(now());
    const found = await candidates.findEarlyReadings(nowMs, MAX_JOBS_PER_RUN, nowMs - MAX_READING_AHEAD_MS);
    // One interval and its rules count as one, so that the readings of an opening with many rules take several turns.
    let weight = 0;
    const chosen = found.filter(({ ruleCount }) => {
      const isChosen = weight < MAX_JOBS_PER_RUN;
      weight += 1 + ruleCount;
      return isChosen;
    });
    await runByUser(chosen, async (ofUser, cause) => {
      for (const [openingId, ofOpening] of groupBy(ofUser, (job) => job.openingId)) {
        const ids = ofOpening.map(({ id }) => id);
        await readings.applyEarlyReadings(openingId, ids, cause);
      }
    });
    return chosen.length > 0;
  };

  /** @returns whether an opening had such episodes */
  const evaluateLeftEpisodes = async (): Promise<boolean> => {
    const left = await readings.findLeftOpening();
    if (!left) return false;
    await transact(() => readings.evaluateLeftEpisodes(left.openingId, getCause()), {
      owner: JOB_OWNER,
      users: left.userId === undefined ? [] : [left.userId],
    });
    return true;
  };

  /** @returns whether pending alarms were due */
  const evaluatePending = async (): Promise<boolean> => {
    const latestMs = getLatestDueMs();
    const found = await candidates.findPendingAlarms(latestMs, MAX_JOBS_PER_RUN);
    const budget = createWorkBudget(MAX_COST_US);
    const evaluated = await runByUser(found, async (ofUser, cause) => {
      const done: number[] = [];
      for (const { openingId, ruleId, due } of ofUser) {
        if (budget.isSpent) break;
        const opening = await openings.findById(openingId);
        if (opening) await evaluator.evaluatePresent(opening, ruleId, cause, budget);
        else await pendingAlarms.replace(openingId, ruleId, undefined);
        budget.spend(PENDING_ALARM_COST_US);
        done.push(due);
      }
      return done;
    });
    for (const due of evaluated.flat()) countRun(due, latestMs);
    return found.length > 0;
  };

  /** @returns whether openings were to be evaluated with new time zone data */
  const applyZoneData = async (): Promise<boolean> => {
    const found = await zoneDataChange.findOpenings();
    if (!found) return false;
    await runByUser(found.openings, (ofUser) =>
      zoneDataChange.schedule(
        ofUser.map(({ openingId }) => openingId),
        found.evaluatedUntil,
      ),
    );
    await transact(() => zoneDataChange.advance(found), { owner: JOB_OWNER });
    return true;
  };

  /** @returns whether a rule had to be evaluated again */
  const reevaluate = async (): Promise<boolean> => {
    const found = await candidates.findReevaluation();
    if (!found) return false;
    await transact(() => reevaluation.runJob(found.ruleId, getCause()), {
      owner: JOB_OWNER,
      users: found.userId === null ? [] : [found.userId],
    });
    return true;
  };

  return {
    timerCounts,
    async readDueTimers() {
      const latestMs = getLatestDueMs();
      const earliestMs = (await pendingAlarmCounts.getEarliestDueAt()) ?? Infinity;
      return {
        dueCount: await pendingAlarmCounts.countDue(latestMs, MAX_COUNTED_TIMERS),
        latenessMs: Math.max(0, latestMs - earliestMs),
      };
    },

    async findNextDueAt() {
      if ((await candidates.findReevaluation()) || (await readings.hasLeftEpisodes())) return 0;
      if (await zoneDataChange.findOpenings()) return 0;
      const pendingAt = (await candidates.getNextPendingAt()) ?? Infinity;
      const earlyAt = (await candidates.getNextEarlyAt()) ?? Infinity;
      const next = Math.min(pendingAt + latenessAllowanceMs, earlyAt);
      return next === Infinity ? undefined : next;
    },

    // More early readings may be due: they have to take effect before alarms are evaluated.
    runSome: async () =>
      (await applyEarlyReadings()) ||
      (await evaluateLeftEpisodes()) ||
      (await evaluatePending()) ||
      (await applyZoneData()) ||
      (await reevaluate()),
  };
}
