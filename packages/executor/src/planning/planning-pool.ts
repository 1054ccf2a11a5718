import { createCodedError, createShutdownError } from '../shared/errors.js';
import type { StructuredLogger } from '../shared/logger.js';
import { DurationHistogram } from '../shared/duration-histogram.js';
import { createFairJobQueue } from '../shared/fair-job-queue.js';
import { startPlanningThread, type PlanningThread } from './planning-thread.js';
import type { PlanningStatistics } from './planning-statistics.js';
import { getRemainingPlanningMs } from './planning-time-limit.js';
import type { PlannerInput, PlanningCaller, PlanningJob } from './query-planner.js';
import { SharedJob, type PendingStages, type QueuedPlace } from './shared-job.js';
import type { StagePlanningResult } from './stage-planner.js';

/** How operations are planned in worker threads. */
export interface PlanningPoolOptions {
  /**
   * Number of operations that are planned at the same time, each in its own thread. One more thread is loaded and ready: it
   * replaces a thread that is stopped, and serves other callers if a plan takes long. 0: operations are planned on the calling
   * thread, without a time limit; for tests and tools whose operations are trusted. @default 1
   */
  readonly planWorkers: number;
  /**
   * Time in milliseconds after which planning is stopped and the operation rejected with OPERATION_TOO_COMPLEX. On a busy machine it is
   * CPU time of the process, for up to five times as long. @default 2_000
   */
  readonly planTimeoutMs: number;
  /** Maximum heap of one worker thread in megabytes. @default 512 */
  readonly planWorkerMemoryMb: number;
  /** Maximum number of operations that wait for a worker. One more is rejected with OVERLOADED. @default 1_000 */
  readonly maxQueuedPlans: number;
  /** Maximum number of operations of one caller that wait for a worker. @default 100 */
  readonly maxQueuedPlansPerCaller: number;
  /** Maximum size of the documents that wait for a worker, in bytes. @default 16_777_216 // 16 MiB */
  readonly maxQueuedPlanBytes: number;
}

/** Plans operations of one supergraph in worker threads. */
export interface PlanningPool {
  readonly statistics: PlanningStatistics;
  /** Resolves when an operation can be planned. @throws Error (as a rejection) if the workers cannot be started */
  readonly ready: Promise<void>;
  /** @throws GraphQLError OVERLOADED if too many operations wait; SERVER_SHUTTING_DOWN after `close` */
  plan(job: PlanningJob, caller: PlanningCaller): PendingStages;
  /** Ends the workers when no operation waits for a plan. */
  retire(): void;
  /** Ends the workers now. Resolves when they have ended. */
  close(): Promise<void>;
}

interface RunningJob {
  readonly job: SharedJob;
  /** The caller whose place the job had. */
  readonly fairnessKey: string | undefined;
  readonly startedAt: number;
  /** CPU time of the process, in milliseconds, when the plan had taken the first interval. */
  cpuMsAtFirstCheck: number | undefined;
  timer: NodeJS.Timeout | undefined;
  isSlow: boolean;
}

interface PooledThread {
  readonly thread: PlanningThread;
  isReady: boolean;
  running: RunningJob | undefined;
}

/**
 * A plan is slow if it takes longer than one interval, and the process then uses CPU time for another interval. The spare thread
 * plans operations of other callers meanwhile. It does not if other processes use the CPU: all plans are slow then.
 */
const SLOW_PLAN_CHECK_MS = 25;
/** After a worker could not be started, the next one is started after this time. */
const RESTART_DELAY_MS = 1_000;

/** Starts the worker threads of one supergraph. @param options of which `planWorkers` is at least 1 */
export function createPlanningPool(
  input: PlannerInput,
  options: PlanningPoolOptions & { readonly logger: StructuredLogger },
): PlanningPool {
  const { planWorkers, planTimeoutMs, planWorkerMemoryMb, logger } = options;
  const queue = createFairJobQueue<QueuedPlace>({
    maxJobs: options.maxQueuedPlans,
    maxJobsPerCaller: options.maxQueuedPlansPerCaller,
    maxBytes: options.maxQueuedPlanBytes,
  });
  const threads = new Set<PooledThread>();
  const terminations = new Set<Promise<unknown>>();
  let restartTimer: NodeJS.Timeout | undefined;
  let isRetired = false;
  const results: Record<string, number> = {};
  const durations = new DurationHistogram();
  let refusedCount = 0;
  /** Why no more operations are planned. */
  let closeReason: Error | undefined;
  let wasReady = false;
  const ready = createDeferred();

  const listRunning = (): readonly RunningJob[] => [...threads].flatMap(({ running }) => running ?? []);

  /** Threads keep the process running while somebody waits for them. */
  const updateReferences = (): void => {
    const isAwaited = !wasReady || queue.size > 0 || listRunning().length > 0;
    for (const { thread } of threads) thread.keepProcessRunning(isAwaited);
  };

  const terminate = (pooled: PooledThread): void => {
    threads.delete(pooled);
    const termination = pooled.thread.terminate().finally(() => terminations.delete(termination));
    terminations.add(termination);
  };

  /** One thread at a time loads the supergraph, so that the start of the process is not slower. */
  const startMissingThread = (): void => {
    if (closeReason || restartTimer || threads.size > planWorkers) return;
    if (isRetired && queue.size === 0) return;
    if ([...threads].some(({ isReady }) => !isReady)) return;
    const pooled: PooledThread = {
      isReady: false,
      running: undefined,
      thread: startPlanningThread(input, planWorkerMemoryMb, {
        onReady() {
          pooled.isReady = true;
          wasReady = true;
          ready.resolve();
          startMissingThread();
          startJobs();
        },
        onResult: (result) => finishJob(pooled, result),
        onEnd: (reason) => replaceEnded(pooled, reason),
      }),
    };
    threads.add(pooled);
  };

  /** Handles a thread that has ended by itself: it ran out of memory, or could not be started. */
  const replaceEnded = (pooled: PooledThread, reason: Error): void => {
    if (!threads.delete(pooled)) return;
    const isOutOfMemory = (reason as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (pooled.running) {
      if (!isOutOfMemory) logger.error({ err: reason }, 'a planning worker ended');
      finishJob(pooled, { kind: 'tooComplex', message: `The worker ended: ${reason.message}` });
    } else if (!wasReady) {
      const advice = isOutOfMemory ? ` Increase planWorkerMemoryMb (${planWorkerMemoryMb}).` : '';
      const error = new Error(`The planning worker cannot be started: ${reason.message}${advice}`, {
        cause: reason,
      });
      void closeWith(error);
    } else {
      logger.error({ err: reason }, 'a planning worker could not be started; the next one is started soon');
      restartTimer = setTimeout(() => {
        restartTimer = undefined;
        startMissingThread();
      }, RESTART_DELAY_MS).unref();
    }
    startMissingThread();
  };

  /** The next job; beyond the number of workers, only one of a caller that is not the cause of slow plans. */
  const takePlace = (): QueuedPlace | undefined => {
    const running = listRunning();
    if (running.length < planWorkers) return queue.take(() => true);
    if (!running.every(({ isSlow }) => isSlow)) return undefined;
    return queue.take((key) => running.every(({ fairnessKey }) => fairnessKey !== key));
  };

  const startJobs = (): void => {
    for (const pooled of threads) {
      if (!pooled.isReady || pooled.running) continue;
      const place = takePlace();
      if (!place) break;
      startJob(pooled, place);
    }
    updateReferences();
    if (isRetired && queue.size === 0 && listRunning().length === 0) void closeWith(createShutdownError());
  };

  const startJob = (pooled: PooledThread, { job, fairnessKey }: QueuedPlace): void => {
    job.start();
    const running: RunningJob = {
      job,
      fairnessKey,
      startedAt: performance.now(),
      cpuMsAtFirstCheck: undefined,
      isSlow: false,
      timer: undefined,
    };
    pooled.running = running;
    pooled.thread.plan(job.planningJob);
    watchJob(pooled, running, Math.min(SLOW_PLAN_CHECK_MS, planTimeoutMs));
  };

  const watchJob = (pooled: PooledThread, running: RunningJob, delayMs: number): void => {
    running.timer = setTimeout(() => checkJob(pooled, running), delayMs);
  };

  const checkJob = (pooled: PooledThread, running: RunningJob): void => {
    const cpuMs = readCpuMs();
    running.cpuMsAtFirstCheck ??= cpuMs;
    const laterCpuMs = cpuMs - running.cpuMsAtFirstCheck;
    const remainingMs = getRemainingPlanningMs(
      planTimeoutMs,
      performance.now() - running.startedAt,
      // Most plans are ready before the first check, so that their CPU time is not read.
      SLOW_PLAN_CHECK_MS + laterCpuMs,
    );
    if (remainingMs <= 0) {
      // A result that has arrived while this thread was busy is read first.
      setImmediate(() => stopJob(pooled, running));
      return;
    }
    running.isSlow = laterCpuMs >= SLOW_PLAN_CHECK_MS;
    watchJob(pooled, running, running.isSlow ? remainingMs : Math.min(SLOW_PLAN_CHECK_MS, remainingMs));
    if (running.isSlow) startJobs();
  };

  const stopJob = (pooled: PooledThread, job: RunningJob): void => {
    if (pooled.running !== job) return;
    terminate(pooled);
    finishJob(pooled, { kind: 'tooComplex', message: `Planning took more than ${planTimeoutMs} ms.` });
  };

  const finishJob = (pooled: PooledThread, result: StagePlanningResult): void => {
    const { running } = pooled;
    pooled.running = undefined;
    if (running) {
      clearTimeout(running.timer);
      const durationMs = performance.now() - running.startedAt;
      queue.charge(running.fairnessKey, durationMs);
      durations.addMs(durationMs);
      results[result.kind] = (results[result.kind] ?? 0) + 1;
      running.job.resolve(result);
    }
    startMissingThread();
    startJobs();
  };

  const closeWith = async (error: Error): Promise<void> => {
    closeReason ??= error;
    clearTimeout(restartTimer);
    for (const { job } of queue.takeAll()) job.reject(error);
    for (const pooled of threads) {
      if (pooled.running) {
        clearTimeout(pooled.running.timer);
        pooled.running.job.reject(error);
        pooled.running = undefined;
      }
      terminate(pooled);
    }
    ready.reject(error);
    await Promise.all(terminations);
  };

  startMissingThread();
  return {
    ready: ready.promise,
    get statistics() {
      const running = listRunning().length;
      return { waiting: queue.size, running, results, refused: refusedCount, durations };
    },
    plan(planningJob, caller) {
      if (closeReason) throw closeReason;
      const job = new SharedJob(planningJob, queue, startJobs);
      if (!job.enqueue(caller)) {
        refusedCount += 1;
        throw createOverloadedError();
      }
      startJobs();
      return job;
    },
    retire() {
      isRetired = true;
      startJobs();
    },
    close: () => closeWith(createShutdownError()),
  };
}

function readCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A promise whose rejection needs no handler. */
function createDeferred() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

const createOverloadedError = () =>
  createCodedError(
    'OVERLOADED',
    'Too many new operations wait to be planned. Try again in a moment, with fewer operations at once.',
  );
