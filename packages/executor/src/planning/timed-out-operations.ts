import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { PlanningJob } from './query-planner.js';

/** Operations that were too complex to plan, so that they are not planned again for a while. */
export interface TimedOutOperations {
  /** @returns why the operation was too complex; `undefined` if it is not known as such */
  get(job: PlanningJob): string | undefined;
  add(job: PlanningJob, message: string): void;
}

/** Maximum size of the list. The least recently requested operations are forgotten. */
const MAX_BYTES = 1_048_576; // 1 MiB
/** Size of an entry without its message: a hash and its place in the list. */
const ENTRY_BYTES = 200;
const MAX_MESSAGE_LENGTH = 200;
/** Planning may have been slow because the machine was busy. Afterwards the operation is planned again. */
const REMEMBERED_MS = 300_000; // 5 minutes

interface TimedOutOperation {
  readonly message: string;
  readonly forgottenAt: number;
}

/** @param now monotonic time in milliseconds */
export function createTimedOutOperations(now = () => performance.now()): TimedOutOperations {
  const operations = new LRUCache<string, TimedOutOperation>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ message }) => ENTRY_BYTES + 2 * message.length,
  });
  const createKey = ({ query, operationName, conditionValues, unmetRequirements = [] }: PlanningJob) => {
    const variant = JSON.stringify([operationName ?? null, conditionValues, unmetRequirements]);
    return hash('sha256', `${variant}${query}`, 'base64url');
  };
  return {
    get(job) {
      // Usually no operation is too complex, and no hash is needed.
      if (operations.size === 0) return undefined;
      const { message, forgottenAt = 0 } = operations.get(createKey(job)) ?? {};
      return now() < forgottenAt ? message : undefined;
    },
    add(job, message) {
      const forgottenAt = now() + REMEMBERED_MS;
      operations.set(createKey(job), { message: message.slice(0, MAX_MESSAGE_LENGTH), forgottenAt });
    },
  };
}
