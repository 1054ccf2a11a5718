import type { CompiledFetch } from './compile-fetch.js';
import { joinOperations, type JoinedOperation } from './joined-operation.js';

/** Maximum number of fetches in one request. Some subgraphs limit the number of aliases. */
export const MAX_JOINED_FETCHES = 10;

/** Maximum number of selections that a join keeps. Which of its fetches begin together depends on their subgraphs. */
const MAX_KEPT_SELECTIONS = 8;

/** For how many executions fetches are not joined after their subgraph did not answer a joined request usefully. */
const SKIPPED_EXECUTION_COUNT = 100;

/** Entity fetches of a plan that one request can serve. It is kept with the plan. */
export class FetchJoin {
  private readonly selections = new Map<number, JoinedFetches>();
  private skippedExecutionCount = 0;

  /** @param fetches at most {@link MAX_JOINED_FETCHES} */
  constructor(private readonly fetches: readonly CompiledFetch[]) {}

  /**
   * Selects fetches that begin together.
   * @param bits the fetches by their index in the join, as the bits of a number
   * @returns `undefined` if each fetch is to send its own request
   */
  select(bits: number): JoinedFetches | undefined {
    if (this.skippedExecutionCount > 0) {
      this.skippedExecutionCount--;
      return undefined;
    }
    const known = this.selections.get(bits);
    if (known || this.selections.size >= MAX_KEPT_SELECTIONS) return known;
    const selection = new JoinedFetches(this.fetches.filter((_, index) => bits & (1 << index)));
    this.selections.set(bits, selection);
    return selection;
  }

  /** Does without joined requests for some executions. */
  skipNextExecutions(): void {
    this.skippedExecutionCount = SKIPPED_EXECUTION_COUNT;
  }
}

/** Fetches of a join that begin together. */
export class JoinedFetches {
  /** The fetches to execute. Those for the same objects are merged into one. */
  readonly fetches: readonly CompiledFetch[];
  /** The merged fetches, by each of the fetches that they replace. */
  readonly mergedFetches: ReadonlyMap<CompiledFetch, CompiledFetch>;
  /** By the fetches that have entities, as the bits of a number. `undefined`: these fetches cannot be one operation. */
  private readonly operations = new Map<number, JoinedOperation | undefined>();

  constructor(fetches: readonly CompiledFetch[]) {
    const groups: { fetch: CompiledFetch; readonly replaced: CompiledFetch[] }[] = [];
    for (const fetch of fetches) {
      const isMerged = groups.some((group) => {
        const merged = group.fetch.mergeWith(fetch);
        if (!merged) return false;
        group.fetch = merged;
        group.replaced.push(fetch);
        return true;
      });
      if (!isMerged) groups.push({ fetch, replaced: [fetch] });
    }
    this.fetches = groups.map(({ fetch }) => fetch);
    this.mergedFetches = new Map(
      groups
        .filter(({ replaced }) => replaced.length > 1)
        .flatMap(({ fetch, replaced }) => replaced.map((each) => [each, fetch] as const)),
    );
  }

  /**
   * The operation for those of the fetches that have entities.
   * @returns `undefined` if each fetch is to send its own request
   */
  getOperation(fetches: readonly CompiledFetch[]): JoinedOperation | undefined {
    let key = 0;
    for (const fetch of fetches) key |= 1 << this.fetches.indexOf(fetch);
    if (!this.operations.has(key)) {
      if (this.operations.size >= MAX_KEPT_SELECTIONS) return undefined;
      this.operations.set(key, joinOperations(fetches));
    }
    return this.operations.get(key);
  }
}
