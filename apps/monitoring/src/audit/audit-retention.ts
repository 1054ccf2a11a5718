import type { Logger } from '@seguridad-abc/platform';

const DAY_MS = 24 * 60 * 60 * 1_000; // 1 day

export interface AuditRetentionOptions {
  /** How long entries of the audit trail are kept, in days. 0: for ever. */
  readonly retentionDays: number;
  /** Calls a listener when this instance begins to do the work that only one may do. */
  readonly onElected: (listener: () => void) => () => void;
  /** Deletes the entries from before an instant, if this instance leads. @param isStopped whether it should end early */
  readonly prune: (before: string, retentionDays: number, isStopped: () => boolean) => Promise<void>;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

/**
 * Deletes entries of the audit trail that are too old: when this instance begins to lead, and every day.
 * @returns a function that resolves when no entry is being deleted any more
 */
export function startAuditRetention(options: AuditRetentionOptions): () => Promise<void> {
  const { retentionDays, onElected, prune, now, logger } = options;
  if (retentionDays === 0) return () => Promise.resolve();
  let isStopped = false;
  let running: Promise<void> | undefined;
  const run = () => {
    const before = new Date(Date.parse(now()) - retentionDays * DAY_MS).toISOString();
    running ??= prune(before, retentionDays, () => isStopped)
      .catch((error: unknown) =>
        logger.error({ err: error }, 'the audit trail could not be pruned; trying again in a day'),
      )
      .finally(() => (running = undefined));
  };
  const stopListening = onElected(run);
  const timer = setInterval(run, DAY_MS).unref();
  return async () => {
    isStopped = true;
    stopListening();
    clearInterval(timer);
    await running;
  };
}
