/**
 * Bounds the new operations that one client executes at the same time. Subgraphs parse and validate a new document too, which
 * takes them longer than many known operations. Without a bound, requests of other clients wait there behind all of them.
 */
export interface NewOperationQueue {
  /** Number of operations that wait. */
  readonly waitingCount: number;
  /**
   * Executes a new operation when its client executes few others. Operations of one client keep their order.
   * @param fairnessKey operations with equal keys are of the same client; `undefined`: the client is unknown, and nothing waits
   * @returns what `execute` returns
   */
  run<Result>(fairnessKey: string | undefined, execute: () => Promise<Result>): Promise<Result>;
}

/** New operations of one client that are executed at the same time. */
const MAX_RUNNING_PER_CLIENT = 4;

interface ClientOperations {
  running: number;
  /** Each function starts the execution of an operation. */
  readonly waiting: (() => void)[];
}

/** What waits is bounded by the operations that a client may have at the same time. */
export function createNewOperationQueue(): NewOperationQueue {
  const clients = new Map<string, ClientOperations>();

  const endOne = (fairnessKey: string, operations: ClientOperations) => {
    const startNext = operations.waiting.shift();
    if (startNext) startNext();
    else if (operations.running > 1) operations.running -= 1;
    else clients.delete(fairnessKey);
  };

  return {
    get waitingCount() {
      let count = 0;
      for (const { waiting } of clients.values()) count += waiting.length;
      return count;
    },
    async run(fairnessKey, execute) {
      if (fairnessKey === undefined) return execute();
      const operations = clients.get(fairnessKey) ?? { running: 0, waiting: [] };
      clients.set(fairnessKey, operations);
      if (operations.running < MAX_RUNNING_PER_CLIENT) operations.running += 1;
      else await new Promise<void>((resolve) => operations.waiting.push(resolve));
      try {
        return await execute();
      } finally {
        endOne(fairnessKey, operations);
      }
    },
  };
}
