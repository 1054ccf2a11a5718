import { formatInstant } from '@seguridad-abc/contracts';
import type { Logger } from '@seguridad-abc/platform';
import type { Leadership } from '../leadership/leadership.js';
import type { LogCompaction } from './log-compaction.js';

const DAY_MS = 24 * 60 * 60 * 1_000; // 1 day
const RUN_INTERVAL_MS = 60 * 60 * 1_000; // 1 hour

export interface LogRetentionOptions {
  /** How long history is kept, in days. 0: for ever. */
  readonly retentionDays: number;
  /** Where removed entries of the log are written first; undefined: nowhere. */
  readonly archiveFolder: string | undefined;
  readonly compaction: Pick<LogCompaction, 'run' | 'resume' | 'readSize'>;
  readonly leadership: Pick<Leadership, 'isLeader' | 'onElected'>;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

/** The horizon of a number of days; undefined: history is kept for ever. */
export const getRetentionHorizon = (retentionDays: number, now: string): string | undefined =>
  retentionDays === 0 ? undefined : formatInstant(Date.parse(now) - retentionDays * DAY_MS);

/**
 * Removes history that is too old, while this instance leads: each hour it looks whether the horizon is a day behind. When it
 * begins to lead, it continues what a crash has interrupted, without blocking the start.
 * @returns a function that stops it
 */
export function startLogRetention(options: LogRetentionOptions): () => void {
  const { retentionDays, archiveFolder, compaction, leadership, now, logger } = options;
  let isStopped = false;
  const report = (error: unknown) => {
    if (!isStopped) logger.error({ err: error }, 'old history could not be removed; trying again in an hour');
  };
  const removeOld = async () => {
    const before = getRetentionHorizon(retentionDays, now());
    if (before === undefined || isStopped || !leadership.isLeader()) return;
    const { beforeMs = -Infinity } = await compaction.readSize();
    if (Date.parse(before) - beforeMs < DAY_MS) return;
    await compaction.run({ before, archiveFolder });
  };
  const run = () => void removeOld().catch(report);
  const stopListening = leadership.onElected(() => void compaction.resume().catch(report).then(run));
  const timer = setInterval(run, RUN_INTERVAL_MS).unref();
  return () => {
    isStopped = true;
    stopListening();
    clearInterval(timer);
  };
}
