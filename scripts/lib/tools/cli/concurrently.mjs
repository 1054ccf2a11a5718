/**
 * Works through items, so many at a time, in their order; an item under way is always finished.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {{ concurrency: number, signal?: AbortSignal }} options once `signal` is aborted no further item is begun
 * @param {(item: Item, index: number) => Promise<void>} work where it rejects, no further item is begun either
 */
export async function concurrently(items, { concurrency, signal }, work) {
  const queue = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failed || signal?.aborted) return;
      try {
        await work(item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  for (const settled of workers) if (settled.status === 'rejected') throw settled.reason;
}
