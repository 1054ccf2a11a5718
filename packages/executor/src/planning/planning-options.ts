import type { PlanningPoolOptions } from './planning-pool.js';
import type { PlanningLimits } from './query-planner.js';

/** Adds the defaults of the options that are undefined. */
export const resolvePlanningOptions = ({
  maxEvaluatedPlans = 1_000,
  maxPlanPaths = 10_000,
  maxDeferredFragments = 100,
  planWorkers = 1,
  planTimeoutMs = 2_000,
  planWorkerMemoryMb = 512,
  maxQueuedPlans = 1_000,
  maxQueuedPlansPerCaller = 100,
  maxQueuedPlanBytes = 16_777_216, // 16 MiB
}: Partial<PlanningLimits & PlanningPoolOptions>): PlanningLimits & PlanningPoolOptions => ({
  maxEvaluatedPlans,
  maxPlanPaths,
  maxDeferredFragments,
  planWorkers,
  planTimeoutMs,
  planWorkerMemoryMb,
  maxQueuedPlans,
  maxQueuedPlansPerCaller,
  maxQueuedPlanBytes,
});
