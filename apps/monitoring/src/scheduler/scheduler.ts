import type { Logger } from '@seguridad-abc/platform';
import type { DueJobs } from './due-jobs.js';

/** The longest sleep: Node's timers do not notice that the wall clock was set. */
const MAX_SLEEP_MS = 1_000;
/** Commits of other instances within this time are one reason to look for jobs: each look costs some queries. */
const LOOK_DELAY_MS = 100;
/** The pause after a job failed. */
const RETRY_DELAY_MS = 1_000;

export interface SchedulerOptions {
  readonly jobs: DueJobs;
  /** Other instances store jobs too: it looks for them each second, because a call of `notify` may be lost. @default false */
  readonly hasOtherInstances?: boolean | undefined;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

/** Runs due jobs at their instants with one timer. With one instance no timer runs while no job is stored. */
export interface Scheduler {
  /** Runs the jobs that fell due while the process was down, then waits for the next. */
  start(): void;
  /** Tells the scheduler of a new job, which may not be committed yet. @param at milliseconds since 1970 */
  notify(at: number): void;
  /** Tells the scheduler that another instance has committed something: it looks for jobs soon. */
  notifyOfCommits(): void;
  /** Resolves when no job runs any more. */
  stop(): Promise<void>;
}

export function createScheduler({
  jobs,
  hasOtherInstances = false,
  now,
  logger,
}: SchedulerOptions): Scheduler {
  let nextAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = true;
  let hasFailed = false;
  /** By the monotonic clock: a wall clock that is set back must not prolong the pause after a failure. */
  let pausedUntilMs = -Infinity;

  const getClock = () => Date.parse(now());
  const getPauseMs = () => Math.max(0, pausedUntilMs - performance.now());

  const arm = () => {
    clearTimeout(timer);
    if (isStopped || running || (nextAt === undefined && !hasOtherInstances)) return;
    const sleepMs = Math.min(Math.max((nextAt ?? Infinity) - getClock(), 0), MAX_SLEEP_MS);
    timer = setTimeout(wake, Math.max(sleepMs, getPauseMs()));
  };

  const wake = () => {
    const isDue = hasOtherInstances || (nextAt !== undefined && getClock() >= nextAt);
    if (isDue && getPauseMs() === 0) running = run();
    else arm();
  };

  const notify = (at: number) => {
    if (nextAt !== undefined && nextAt <= at) return;
    nextAt = at;
    arm();
  };

  const run = async () => {
    try {
      while (!isStopped && (await jobs.runSome()));
      // A job that is added during the query is not lost: `notify` keeps the earlier instant.
      nextAt = undefined;
      const storedAt = await jobs.findNextDueAt();
      if (storedAt !== undefined) notify(storedAt);
      if (hasFailed) logger.info('due jobs run again');
      hasFailed = false;
    } catch (error) {
      // One line for a failure that lasts, not one for each try.
      if (!hasFailed) logger.error({ err: error }, 'a due job failed; trying again');
      hasFailed = true;
      pausedUntilMs = performance.now() + RETRY_DELAY_MS;
      nextAt = 0;
    }
    running = undefined;
    arm();
  };

  return {
    start() {
      isStopped = false;
      // Also if a job was added before.
      nextAt = 0;
      arm();
    },
    notify,
    notifyOfCommits: () => notify(getClock() + LOOK_DELAY_MS),
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
