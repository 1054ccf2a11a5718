import { toExpectedError } from '../commands/execute-command.js';
import type { HistoryHorizon } from '../compaction/history-horizon.js';
import type { CommandCaller, Rejection } from '../domain/decision.js';
import {
  checkReadingBatch,
  checkReadingBatchOwner,
  type DuplicateReading,
  type ReceivedReading,
  type RecordReadingsCommand,
  type RefusedReading,
} from '../domain/reading-batch.js';
import {
  checkReadingWithdrawal,
  type ReadingWithdrawal,
  type WithdrawReadingsCommand,
} from '../domain/reading-withdrawal.js';
import type { ReadingQuotas } from './reading-quotas.js';

/** Stores readings and the intervals that follow from them. */
export interface ReadingRepository {
  /**
   * Saves the new readings of a user's openings, then evaluates the intervals that they change. The result is durable.
   * Large batches take several transactions. A failure can leave some of the readings stored; sent again, those are
   * duplicates.
   * @returns a rejection if they exceed a quota; nothing is stored then
   */
  record(
    caller: CommandCaller,
    userId: string,
    byOpening: ReadonlyMap<string, readonly ReceivedReading[]>,
  ): Promise<Omit<RecordedReadings, 'refused'> | Rejection>;
  /**
   * Withdraws readings of an opening, then evaluates what changes as if they had never arrived. The result is durable. Many
   * readings take several transactions; sent again after a failure, those that are withdrawn already change nothing.
   */
  withdraw(caller: CommandCaller, withdrawal: ReadingWithdrawal): Promise<WithdrawnReadings | Rejection>;
}

/** The outcome of `recordReadings`. A reading that is sent again is a duplicate, so no idempotency key is needed. */
export interface RecordedReadings {
  /** New readings. */
  readonly accepted: number;
  /** Readings whose id their opening has already, stored or earlier in this command. */
  readonly duplicates: number;
  /** In the order of the command. */
  readonly duplicateReadings: readonly DuplicateReading[];
  readonly refused: readonly RefusedReading[];
}

/** The outcome of `withdrawReadings`. To send the command again changes nothing, so no idempotency key is needed. */
export interface WithdrawnReadings {
  /** The number of readings that this command has withdrawn. */
  readonly withdrawn: number;
  /** The ids of which the opening has no reading, in the order of the command. A withdrawn reading keeps its id. */
  readonly unknown: readonly string[];
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
  /** @throws ExpectedError if the command is rejected: it changes nothing then */
  withdrawReadings(caller: CommandCaller, input: WithdrawReadingsCommand): Promise<WithdrawnReadings>;
}

export interface ReadingCommandsOptions {
  readonly quotas: Pick<ReadingQuotas, 'chargeReadings'>;
  /** How far a reading of a customer or a device may be behind the server's clock, in milliseconds. */
  readonly latenessMs: number;
  /** Readings from before this instant are refused. */
  readonly notBefore: string;
  readonly horizon: Pick<HistoryHorizon, 'before' | 'track'>;
  /** Whether a user has an opening of a name. */
  readonly hasOpening: (userId: string, name: string) => Promise<boolean>;
  /** The server's instant. */
  readonly now: () => string;
}

export const createReadingCommands = (
  readings: ReadingRepository,
  { quotas, latenessMs, notBefore, horizon, hasOpening, now }: ReadingCommandsOptions,
): ReadingCommands => ({
  async recordReadings(caller, input, allowedOpenings) {
    const owner = checkReadingBatchOwner(input, caller);
    if (owner.kind === 'rejected') throw toExpectedError(owner);
    const exceeded = quotas.chargeReadings(caller, owner.userId, input.readings.length);
    if (exceeded) throw toExpectedError(exceeded);
    const instant = now();
    const check = (isOnRecord: (name: string) => boolean) =>
      checkReadingBatch(
        input,
        { caller, now: instant },
        { latenessMs, notBefore, horizon: horizon.before },
        { allowedOpenings, isOnRecord: (_, name) => isOnRecord(name) },
      );
    const uncommonNames = new Set<string>();
    let batch = check((name) => {
      uncommonNames.add(name);
      return false;
    });
    if (uncommonNames.size > 0) {
      const known = new Set<string>();
      for (const name of uncommonNames) if (await hasOpening(owner.userId, name)) known.add(name);
      batch = check((name) => known.has(name));
    }
    if (batch.kind === 'rejected') throw toExpectedError(batch);
    const { userId, byOpening, refused } = batch;
    if (byOpening.size === 0) return { accepted: 0, duplicates: 0, duplicateReadings: [], refused };
    const outcome = await horizon.track(readings.record(caller, userId, byOpening));
    if ('kind' in outcome) throw toExpectedError(outcome);
    return { refused, ...outcome };
  },

  async withdrawReadings(caller, input) {
    const withdrawal = checkReadingWithdrawal(input, caller);
    if (withdrawal.kind === 'rejected') throw toExpectedError(withdrawal);
    const exceeded = quotas.chargeReadings(caller, withdrawal.userId, withdrawal.ids.length);
    if (exceeded) throw toExpectedError(exceeded);
    const outcome = await horizon.track(readings.withdraw(caller, withdrawal));
    if ('kind' in outcome) throw toExpectedError(outcome);
    return outcome;
  },
});
