import type { LogEntry } from '@seguridad-abc/contracts';

/** Maximum number of entries to read at once. It applies if the entries are small. */
export const MAX_ENTRIES_PER_LOG_READ = 500;
/** Maximum weight of a batch. A transaction of this weight is efficient and delays queries by about 10 ms only. */
const MAX_BATCH_WEIGHT = 1_000;

/** 1 for the entry and 1 for each item of its lists: one entry can carry a thousand readings. */
function getEntryWeight({ data }: LogEntry): number {
  if (typeof data !== 'object' || data === null) return 1;
  return Object.values(data).reduce<number>(
    (weight, value) => weight + (Array.isArray(value) ? value.length : 0),
    1,
  );
}

/**
 * Splits entries into batches for one transaction each. No batch is empty. A batch is too heavy only if its single
 * entry is.
 */
export function splitIntoTransactionBatches(entries: readonly LogEntry[]): LogEntry[][] {
  const batches: LogEntry[][] = [];
  let weight = Infinity;
  for (const entry of entries) {
    const entryWeight = getEntryWeight(entry);
    if (weight + entryWeight > MAX_BATCH_WEIGHT) {
      batches.push([]);
      weight = 0;
    }
    batches.at(-1)?.push(entry);
    weight += entryWeight;
  }
  return batches;
}

/**
 * Estimates how many entries to read next for about one batch, from the average weight of the last ones.
 * @returns 1 to {@link MAX_ENTRIES_PER_LOG_READ}
 */
export function estimateNextReadCount(last: readonly LogEntry[]): number {
  const weight = last.reduce((sum, entry) => sum + getEntryWeight(entry), 0);
  if (weight === 0) return MAX_ENTRIES_PER_LOG_READ;
  return Math.max(
    1,
    Math.min(MAX_ENTRIES_PER_LOG_READ, Math.round((MAX_BATCH_WEIGHT * last.length) / weight)),
  );
}
