import type { Logger } from '@seguridad-abc/platform';

const DAY_MS = 24 * 60 * 60 * 1_000; // 1 day

export interface AuditRetentionOptions {
  /** How long entries of the audit trail are kept, in days. 0: for ever. */
  readonly retentionDays: number;
  /** Deletes the entries from before an instant. @param isStopped whether it should end early */
  readonly prune: (before: string, retentionDays: number, isStopped: () => boolean) => Promise<void>;
  /** The server's instant. */
  readonly now: () => string;
  readonly logger: Logger;
}

/**
 * Deletes entries of the audit trail that are too old: now and every day, without blocking the start.
 * @returns a function that resolves when no entry is being deleted any more
 */
export function startAuditRetention(options: AuditRetentionOptions): () => Promise<void> {
  const { retentionDays, prune, now, logger } = options;
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
  run();
  const timer = setInterval(run, DAY_MS).unref();
  return async () => {
    isStopped = true;
    clearInterval(timer);
    await running;
  };
}
