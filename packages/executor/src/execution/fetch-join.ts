import type { CompiledFetch } from './compile-fetch.js';
import { joinOperations, type JoinedOperation } from './joined-operation.js';

/** Maximum number of fetches in one request. Some subgraphs limit the number of aliases. */
export const MAX_JOINED_FETCHES = 10;

/** Maximum number of operations that a join keeps. Each is for another subset of its fetches. */
const MAX_KEPT_OPERATIONS = 8;

/** For how many executions fetches are not joined after their subgraph did not answer a joined request usefully. */
const SKIPPED_EXECUTION_COUNT = 100;

/** Entity fetches of a plan that one request can serve. It is kept with the plan. */
export class FetchJoin {
  /** By the fetches as the bits of a number. `undefined`: these fetches cannot be one operation. */
  private readonly operations = new Map<number, JoinedOperation | undefined>();
  private skippedExecutionCount = 0;

  /** @param fetches at most {@link MAX_JOINED_FETCHES} */
  constructor(readonly fetches: readonly CompiledFetch[]) {}

  /**
   * The operation for some of the fetches.
   * @returns `undefined` if each fetch is to send its own request
   */
  getOperation(fetches: readonly CompiledFetch[]): JoinedOperation | undefined {
    if (this.skippedExecutionCount > 0) {
      this.skippedExecutionCount--;
      return undefined;
    }
    let key = 0;
    for (const fetch of fetches) key |= 1 << this.fetches.indexOf(fetch);
    if (!this.operations.has(key)) {
      if (this.operations.size >= MAX_KEPT_OPERATIONS) this.operations.clear();
      this.operations.set(key, joinOperations(fetches));
    }
    return this.operations.get(key);
  }

  /** Does without joined requests for some executions. */
  skipNextExecutions(): void {
    this.skippedExecutionCount = SKIPPED_EXECUTION_COUNT;
  }
}
