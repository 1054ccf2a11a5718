import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { PlanningJob } from './query-planner.js';
import type { UnplannableResult } from './stage-planner.js';

/** Operations that have no plan, so that they are not planned again for a while. */
export interface UnplannableOperations {
  /** @returns why the operation has no plan; `undefined` if it is not known as such */
  get(job: PlanningJob): UnplannableResult | undefined;
  add(job: PlanningJob, result: UnplannableResult): void;
}

/** Maximum size of the list. The least recently requested operations are forgotten. */
const MAX_BYTES = 1_048_576; // 1 MiB
/** Size of an entry without its message: a hash, the name of a field and a place in the list. */
const ENTRY_BYTES = 400;
const MAX_MESSAGE_LENGTH = 200;
/** Planning may have been slow because the machine was busy. Afterwards the operation is planned again. */
const REMEMBERED_MS = 300_000; // 5 minutes

interface UnplannableOperation {
  readonly result: UnplannableResult;
  readonly forgottenAt: number;
}

/** @param now monotonic time in milliseconds */
export function createUnplannableOperations(now = () => performance.now()): UnplannableOperations {
  const operations = new LRUCache<string, UnplannableOperation>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ result }) => ENTRY_BYTES + 2 * result.message.length,
  });
  const createKey = ({ query, operationName, conditionValues, unmetRequirements = [] }: PlanningJob) => {
    const variant = JSON.stringify([operationName ?? null, conditionValues, unmetRequirements]);
    return hash('sha256', `${variant}${query}`, 'base64url');
  };
  return {
    get(job) {
      // Usually every operation has a plan, and no hash is needed.
      if (operations.size === 0) return undefined;
      const { result, forgottenAt = 0 } = operations.get(createKey(job)) ?? {};
      return now() < forgottenAt ? result : undefined;
    },
    add(job, result) {
      const message = result.message.slice(0, MAX_MESSAGE_LENGTH);
      operations.set(createKey(job), { result: { ...result, message }, forgottenAt: now() + REMEMBERED_MS });
    },
  };
}
