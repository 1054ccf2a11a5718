import type { Circumstances } from '../domain/circumstances.js';
import { checkReadings, type RecordReadings, type RefusedReading } from '../domain/record-readings.js';
import type { ReadingStore } from './reading-store.js';
import { asError } from './settle.js';

/** What became of the readings of a command. Sent again, they are duplicates: no other key is needed. */
export interface RecordedReadings {
  readonly accepted: number;
  /** Readings whose id the opening has already, on record or in this command. */
  readonly duplicates: number;
  readonly refused: readonly RefusedReading[];
}

/** @throws ExpectedError where the command is refused as a whole */
export async function recordReadings(
  store: ReadingStore,
  input: RecordReadings,
  circumstances: Circumstances,
): Promise<RecordedReadings> {
  const checked = checkReadings(input, circumstances);
  if (checked.kind === 'refused') throw asError(checked.refusal);
  const { userId, byOpening, refused } = checked;
  if (byOpening.size === 0) return { accepted: 0, duplicates: 0, refused };
  return { ...(await store.record(circumstances.caller, userId, byOpening)), refused };
}
