import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Logger } from '@seguridad-abc/platform';
import type { HealthHistoryRepository } from '../db/health-repositories.js';
import { deriveCompactionChanges } from '../domain/uptime.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Older transitions are deleted. */
const DELETE_AFTER_MS = 400 * DAY_MS;
/** Older transitions are merged. Longer than the longest uptime window (30 days). */
const MERGE_AFTER_MS = 35 * DAY_MS;
/** Maximum number of transitions in one step. Heartbeats are processed between steps. */
const MAX_BATCH_SIZE = 500;

/** The part of the repository that compaction uses. */
type CompactableHistory = Pick<HealthHistoryRepository, 'listServices' | 'mergeOld' | 'deleteOld'>;

export interface HistoryCompactionOptions {
  readonly history: CompactableHistory;
  /** Reads the wall clock, in milliseconds since 1970. */
  readonly readWallClock: () => number;
  readonly logger: Logger;
  /** Ends compaction. */
  readonly signal: AbortSignal;
}

/** Compacts the history now and once a day until the signal aborts. Failures are logged. */
export function startHistoryCompaction(options: HistoryCompactionOptions): void {
  const { history, readWallClock, logger, signal } = options;
  const run = () => {
    compactHistory(history, readWallClock(), signal).catch((error: unknown) =>
      logger.error({ err: error }, 'the health history could not be compacted'),
    );
  };
  run();
  const timer = setInterval(run, DAY_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/**
 * Deletes transitions older than 400 days and merges those older than 35 days, so that the history stays small.
 * @param now wall-clock time
 */
export async function compactHistory(
  history: CompactableHistory,
  now: number,
  signal?: AbortSignal,
): Promise<void> {
  for (const service of await history.listServices()) {
    await deleteOldTransitions(history, service, now - DELETE_AFTER_MS, signal);
    await mergeOldTransitions(history, service, now - MERGE_AFTER_MS, signal);
  }
}

async function deleteOldTransitions(
  history: CompactableHistory,
  service: string,
  before: number,
  signal?: AbortSignal,
): Promise<void> {
  let deleted = MAX_BATCH_SIZE;
  while (deleted === MAX_BATCH_SIZE && !signal?.aborted) {
    deleted = await history.deleteOld(service, { before, limit: MAX_BATCH_SIZE });
    await yieldToEventLoop();
  }
}

async function mergeOldTransitions(
  history: CompactableHistory,
  service: string,
  before: number,
  signal?: AbortSignal,
): Promise<void> {
  let fromId = 0;
  while (!signal?.aborted) {
    const query = { before, fromId, limit: MAX_BATCH_SIZE };
    const merged = await history.mergeOld(service, query, deriveCompactionChanges);
    const { found } = merged;
    if (found.length < MAX_BATCH_SIZE) return;
    const removed = new Set(merged.removed);
    // Start the next batch at the first transition of the last group. The last transition of a batch always stays, so it
    // may belong to that group and be merged together with later ones.
    fromId = found.slice(0, -1).findLast(({ id }) => !removed.has(id))?.id ?? fromId;
    await yieldToEventLoop();
  }
}
