import { MAX_READINGS_PER_COMMAND, type Actor } from '@seguridad-abc/contracts';
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

/** An active alarm that a withdrawal could retract. */
export interface ProtectingAlarm {
  readonly id: string;
  /** Customers must not withdraw readings from this instant on, in milliseconds since 1970. */
  readonly protectedFrom: number;
}

/**
 * Rejects a withdrawal by a customer of readings that belong to an active alarm. An operator looks at the alarm first, or withdraws
 * them.
 * @param readings those that are to be withdrawn
 * @param active the active alarms of the opening
 */
export function rejectWithdrawalUnderAlarm(
  readings: readonly SensorReading[],
  active: readonly ProtectingAlarm[],
): Rejection | undefined {
  const isProtected = ({ at }: SensorReading) => active.some(({ protectedFrom }) => at >= protectedFrom);
  const readingIds = readings.filter(isProtected).map(({ id }) => id);
  if (readingIds.length === 0) return undefined;
  const lastAt = Math.max(...readings.map(({ at }) => at));
  const alarmIds = active.filter(({ protectedFrom }) => protectedFrom <= lastAt).map(({ id }) => id);
  const message =
    'Some of these readings belong to an active alarm. Wait until it is cleared, or ask an operator to withdraw them.';
  return rejectConflict('ids', message, {
    alarmIds: alarmIds.slice(0, MAX_REPORTED_ALARMS),
    readingIds: readingIds.slice(0, MAX_REPORTED_READINGS),
  });
}

/** An error lists so many alarms and readings at most. */
const MAX_REPORTED_ALARMS = 10;
const MAX_REPORTED_READINGS = 10;
