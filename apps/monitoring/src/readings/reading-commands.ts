import type { SensorReading } from '@seguridad-abc/evaluation';
import { toExpectedError } from '../commands/execute-command.js';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import type { CommandCaller } from '../domain/decision.js';
import {
  checkReadingBatch,
  checkReadingBatchOwner,
  type RecordReadingsCommand,
  type RefusedReading,
} from '../domain/reading-batch.js';
import type { ReadingQuotas } from './reading-quotas.js';

/** Stores readings and the intervals that follow from them. */
export interface ReadingRepository {
  /**
   * Saves the new readings of a user's openings, then evaluates the intervals that they change. The result is durable.
   * Large batches take several transactions. A failure can leave some of the readings stored; sent again, those are
   * duplicates.
   */
  record(
    caller: CommandCaller,
    userId: string,
    byOpening: ReadonlyMap<string, readonly SensorReading[]>,
  ): Promise<{ readonly accepted: number; readonly duplicates: number }>;
}

/** The outcome of `recordReadings`. A reading that is sent again is a duplicate, so no idempotency key is needed. */
export interface RecordedReadings {
  /** New readings. */
  readonly accepted: number;
  /** Readings whose id their opening has already, stored or earlier in this command. */
  readonly duplicates: number;
  readonly refused: readonly RefusedReading[];
}

export interface ReadingCommands {
  /**
   * @param allowedOpenings the openings to which the sender is bound; default: any opening of the user
   * @throws ExpectedError if the command is rejected as a whole
   */
  recordReadings(
    caller: CommandCaller,
    input: RecordReadingsCommand,
    allowedOpenings?: readonly string[],
  ): Promise<RecordedReadings>;
}

export interface ReadingCommandsOptions {
  readonly quotas: ReadingQuotas;
  /** How far a reading of a customer or a device may be behind the server's clock, in milliseconds. */
  readonly latenessMs: number;
  readonly horizon: Pick<HistoryHorizon, 'before' | 'track'>;
  /** The server's instant. */
  readonly now: () => string;
}

export const createReadingCommands = (
  readings: ReadingRepository,
  { quotas, latenessMs, horizon, now }: ReadingCommandsOptions,
): ReadingCommands => ({
  async recordReadings(caller, input, allowedOpenings) {
    const owner = checkReadingBatchOwner(input, caller);
    if (owner.kind === 'rejected') throw toExpectedError(owner);
    const exceeded = quotas.chargeReadings(caller, owner.userId, input.readings.length);
    if (exceeded) throw toExpectedError(exceeded);
    const batch = checkReadingBatch(
      input,
      { caller, now: now() },
      { latenessMs, horizon: horizon.before },
      allowedOpenings,
    );
    if (batch.kind === 'rejected') throw toExpectedError(batch);
    const { userId, byOpening, refused } = batch;
    if (byOpening.size === 0) return { accepted: 0, duplicates: 0, refused };
    const admission = quotas.admit(caller, userId, byOpening);
    if (admission.kind === 'rejected') throw toExpectedError(admission);
    try {
      return { ...(await horizon.track(readings.record(caller, userId, byOpening))), refused };
    } finally {
      admission.release();
    }
  },
});
