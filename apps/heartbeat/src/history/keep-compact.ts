import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '@seguridad-abc/platform';
import { compact } from '../domain/compact.js';
import type { HistoryArchive } from './history-store.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const KEPT_MS = 400 * DAY_MS;
/** No window of uptime reaches back so far. */
const WHOLE_MS = 35 * DAY_MS;
/** So many transitions are looked at in one go, so that nobody waits for it. */
const GO = 500;

export interface KeepCompactOptions {
  readonly archive: HistoryArchive;
  /** Wall clock. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Forgets and merges what is old, now and once a day until the signal. */
export function keepCompact({ archive, now, logger, signal }: KeepCompactOptions): void {
  const run = () => {
    compactHistory(archive, now(), signal).catch((error: unknown) =>
      logger.error({ err: error }, 'the history of health could not be compacted'),
    );
  };
  run();
  const timer = setInterval(run, DAY_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** @param wall the present moment */
export async function compactHistory(
  archive: HistoryArchive,
  wall: number,
  signal?: AbortSignal,
): Promise<void> {
  for (const service of await archive.services()) {
    await forgetOld(archive, service, wall - KEPT_MS, signal);
    await mergeOld(archive, service, wall - WHOLE_MS, signal);
  }
}

async function forgetOld(archive: HistoryArchive, service: string, before: number, signal?: AbortSignal) {
  let forgotten = GO;
  while (forgotten === GO && !signal?.aborted) {
    forgotten = await archive.forget(service, { before, limit: GO });
    await nextTurn();
  }
}

async function mergeOld(archive: HistoryArchive, service: string, before: number, signal?: AbortSignal) {
  let from = 0;
  while (!signal?.aborted) {
    const old = await archive.old(service, { before, from, limit: GO });
    const compaction = compact(old);
    if (compaction.removed.length > 0) await archive.apply(compaction);
    if (old.length < GO) return;
    const removed = new Set(compaction.removed);
    // The first of the run that may go on: the very last stays for what follows it, and may be of the same run.
    from = old.slice(0, -1).findLast(({ id }) => !removed.has(id))?.id ?? from;
    await nextTurn();
  }
}
