import { Worker } from 'node:worker_threads';
import type { PlannerInput, PlanningJob } from './query-planner.js';
import type { StagePlanningResult } from './stage-planner.js';

/** What a planning worker sends: `ready` when the supergraph is loaded, then one result for each job. */
export type PlanningWorkerMessage = 'ready' | StagePlanningResult;

/** A worker thread that plans operations, one at a time. */
export interface PlanningThread {
  plan(job: PlanningJob): void;
  /** Whether the thread keeps the process running. */
  keepProcessRunning(isKept: boolean): void;
  /** Stops the thread, also in the middle of a plan. */
  terminate(): Promise<unknown>;
}

export interface PlanningThreadEvents {
  readonly onReady: () => void;
  readonly onResult: (result: StagePlanningResult) => void;
  /** Called once, when the thread has ended. */
  readonly onEnd: (reason: Error) => void;
}

/** Starts a thread that loads the supergraph. @param memoryMb maximum size of its heap */
export function startPlanningThread(
  input: PlannerInput,
  memoryMb: number,
  { onReady, onResult, onEnd }: PlanningThreadEvents,
): PlanningThread {
  const worker = new Worker(new URL('./planning-worker.js', import.meta.url), {
    name: 'planning',
    workerData: input,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  let reason: Error | undefined;
  worker.on('message', (message: PlanningWorkerMessage) => {
    if (message === 'ready') onReady();
    else onResult(message);
  });
  worker.on('error', (error) => (reason = error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', (code) =>
    onEnd(reason ?? new Error(`The planning worker ended with exit code ${code}.`)),
  );
  return {
    plan: (job) => worker.postMessage(job),
    keepProcessRunning: (isKept) => (isKept ? worker.ref() : worker.unref()),
    terminate: () => worker.terminate(),
  };
}
