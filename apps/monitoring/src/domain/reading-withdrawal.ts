import { MAX_READINGS_PER_COMMAND, type Actor, type AlarmState } from '@seguridad-abc/contracts';
import {
  checkClientChosenId,
  checkMultilineText,
  checkOwnerUserId,
  checkOpeningName,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  type InputCheckResult,
  type SensorReading,
} from '@seguridad-abc/evaluation';
import { rejectConflict, rejectDeviceCaller, rejectInput, type Rejection } from './decision.js';
import { MAX_READING_ID_LENGTH } from './reading-batch.js';

export const MAX_WITHDRAWAL_REASON_LENGTH = 500;

export interface WithdrawReadingsCommand {
  /** The owner of the opening; the caller if absent. */
  readonly userId?: string | null | undefined;
  /** The name of the opening. */
  readonly opening: string;
  /** 1 to 1,000. */
  readonly ids: readonly string[];
  /** Why the readings are wrong, 1 to 500 characters in one or more lines. */
  readonly reason: string;
}

/** Readings that are to be withdrawn. */
export interface ReadingWithdrawal {
  readonly kind: 'checked';
  readonly userId: string;
  readonly opening: string;
  /** Each once, in the order of the command. */
  readonly ids: readonly string[];
  readonly reason: string;
}

/** Checks `withdrawReadings`. */
export function checkReadingWithdrawal(
  command: WithdrawReadingsCommand,
  caller: Actor,
): ReadingWithdrawal | Rejection {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const checked = combineCheckResults({
    userId: checkOwnerUserId(caller, command.userId),
    // An opening that is not on record is not found.
    opening: checkOpeningName('opening', command.opening, () => true),
    ids: checkIds(command.ids),
    reason: checkReason(command.reason),
  });
  if ('faults' in checked) return rejectInput(checked.faults);
  return { kind: 'checked', ...checked.value };
}

function checkIds(ids: readonly string[]): InputCheckResult<readonly string[]> {
  if (ids.length === 0 || ids.length > MAX_READINGS_PER_COMMAND) {
    const message = `ids must be 1 to ${MAX_READINGS_PER_COMMAND}; there are ${ids.length}.`;
    return createInvalidResult(['ids'], 'OUT_OF_RANGE', message);
  }
  const checked = ids.map((id, index) => ({
    index,
    result: checkClientChosenId('id', id, MAX_READING_ID_LENGTH),
  }));
  const faults = checked.flatMap(({ index, result }) =>
    'faults' in result ? result.faults.map((fault) => ({ ...fault, path: ['ids', index] })) : [],
  );
  if (faults.length > 0) return { faults };
  return createValidResult([
    ...new Set(checked.flatMap(({ result }) => ('value' in result ? [result.value] : []))),
  ]);
}

function checkReason(raw: string): InputCheckResult<string> {
  const checked = checkMultilineText('reason', raw, MAX_WITHDRAWAL_REASON_LENGTH);
  if ('faults' in checked) return checked;
  if (checked.value === null)
    return createInvalidResult(
      ['reason'],
      'EMPTY',
      'reason must not be empty: say why the readings are wrong.',
    );
  return createValidResult(checked.value);
}

/**
 * Rejects a withdrawal by a customer of readings from the time of an active alarm: from the start of its interval, its silence or
 * its window on. An operator looks at the alarm first, or withdraws them.
 * @param readings those that are to be withdrawn
 * @param active active alarms that start before the last of them
 */
export function rejectWithdrawalUnderAlarm(
  { role }: Actor,
  readings: readonly SensorReading[],
  active: readonly (Pick<AlarmState, 'id'> & { readonly startedAt: number })[],
): Rejection | undefined {
  if (role === 'operator' || active.length === 0) return undefined;
  const from = Math.min(...active.map(({ startedAt }) => startedAt));
  const protectedIds = readings.filter(({ at }) => at >= from).map(({ id }) => id);
  if (protectedIds.length === 0) return undefined;
  const message =
    'Some of these readings belong to an active alarm. Wait until it is cleared, or ask an operator to withdraw them.';
  return rejectConflict('ids', message, {
    alarmIds: active.map(({ id }) => id),
    readingIds: protectedIds.slice(0, MAX_REPORTED_READINGS),
  });
}

/** An error lists so many readings at most. */
const MAX_REPORTED_READINGS = 10;
