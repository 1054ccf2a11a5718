export interface ConcurrencyOptions {
  /** The largest number of items in progress. */
  readonly concurrency: number;
  /** After an abort no further item begins. */
  readonly signal?: AbortSignal;
}

/**
 * Processes items in their order, a limited number at a time. An item that has begun is always finished.
 * @param processItem if it rejects, no further item begins
 * @throws the first rejection, after the items in progress have finished
 */
export async function runConcurrently<Item>(
  items: readonly Item[],
  { concurrency, signal }: ConcurrencyOptions,
  processItem: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  let hasFailed = false;
  const worker = async () => {
    for (const [index, item] of queue) {
      if (hasFailed || signal?.aborted) return;
      try {
        await processItem(item, index);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
