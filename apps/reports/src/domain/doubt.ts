import type { LogPage } from '@seguridad-abc/contracts';
import type { Checkpoint } from './read-model.js';

/** Why the read model cannot be of the log that monitoring has; undefined where it can. */
export function doubtOf(
  { logId, position }: Checkpoint,
  log: Pick<LogPage, 'logId' | 'head'>,
): string | undefined {
  if (logId !== null && logId !== log.logId) {
    return `this read model is of log ${logId} up to position ${position}, but monitoring has log ${log.logId}`;
  }
  if (log.head < position) {
    return `this read model holds log ${log.logId} up to position ${position}, but monitoring's ends at ${log.head}: it was set back`;
  }
  return undefined;
}

/** @throws Error where a page is not what comes next after the checkpoint */
export function assertNext({ position }: Checkpoint, { logId, entries }: LogPage): void {
  entries.forEach((entry, index) => {
    if (entry.logId !== logId || entry.position !== position + 1 + index) {
      throw new Error(`monitoring's log does not go on at position ${position + 1 + index}`);
    }
  });
}
