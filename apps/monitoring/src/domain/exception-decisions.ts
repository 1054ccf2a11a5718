import type { ExceptionEffect, ExceptionEvent, OpeningExceptionState } from '@seguridad-abc/contracts';
import { checkException, checkOwnerUserId, combineCheckResults } from '@seguridad-abc/evaluation';
import {
  accept,
  getAccessibleState,
  getLaterInstant,
  rejectDeviceCaller,
  rejectInput,
  rejectNotFound,
  type CommandContext,
  type Decision,
} from './decision.js';

export interface CreateExceptionCommand {
  /** The owner of the openings; the caller if absent. */
  readonly userId?: string | null | undefined;
  /** Null or absent: all openings of the user. */
  readonly openings?: readonly string[] | null | undefined;
  readonly effect: ExceptionEffect;
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

export interface CancelExceptionCommand {
  readonly id: string;
}

/** Decides `createException`. The openings need not exist. @param id the id of the new exception */
export function decideCreateException(
  id: string,
  command: CreateExceptionCommand,
  { caller, now }: CommandContext,
): Decision<ExceptionEvent> {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const checked = combineCheckResults({
    userId: checkOwnerUserId(caller, command.userId),
    period: checkException(command, now),
  });
  if ('faults' in checked) return rejectInput(checked.faults);
  const { userId, period } = checked.value;
  return acceptException('ExceptionCreated', {
    id,
    userId,
    ...period,
    createdBy: caller.id,
    createdAt: now,
    cancelledAt: null,
    updatedAt: now,
    version: 1,
  });
}

/** Decides `cancelException`. To cancel an exception that is cancelled already or has ended changes nothing. */
export function decideCancelException(
  exception: OpeningExceptionState | undefined,
  { caller, now }: CommandContext,
): Decision<ExceptionEvent> {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const present = getAccessibleState(caller, exception);
  if (!present) return rejectNotFound('exception');
  // The past does not change if the clock was set back since the exception was created.
  const cancelledAt = getLaterInstant(now, present.updatedAt);
  if (present.cancelledAt !== null || present.until <= cancelledAt) return accept();
  return acceptException('ExceptionCancelled', {
    ...present,
    cancelledAt,
    updatedAt: cancelledAt,
    version: present.version + 1,
  });
}

/** An event carries the complete new state of the exception. */
export const evolveException = (
  _exception: OpeningExceptionState | undefined,
  event: ExceptionEvent,
): OpeningExceptionState => event.data.exception;

const acceptException = (
  type: ExceptionEvent['type'],
  exception: OpeningExceptionState,
): Decision<ExceptionEvent> => accept<ExceptionEvent>({ type, version: 1, data: { exception } });
