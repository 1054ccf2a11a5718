import type { AlarmEvent, AlarmResolutionCode, AlarmState } from '@seguridad-abc/contracts';
import { checkMultilineText, createInvalidResult } from '@seguridad-abc/evaluation';
import {
  accept,
  getAccessibleState,
  getLaterInstant,
  rejectConflict,
  rejectDeviceCaller,
  rejectInput,
  rejectNotFound,
  rejectUnlessOperator,
  type CommandContext,
  type Decision,
  type Rejection,
} from './decision.js';
import { rejectQuota } from './quotas.js';

export const MAX_COMMENT_LENGTH = 2_000;
export const MAX_RESOLUTION_NOTE_LENGTH = 500;
/**
 * A customer can comment on an alarm until it has this many comments, of operators too. Operators have no such limit: the customer could
 * use it up before they can write what they did.
 */
export const MAX_COMMENTS_FOR_CUSTOMERS = 100;
/** It bounds what claims and releases in turns add to the history of an alarm, which is never shortened before the alarm is over. */
export const MAX_CLAIMS_PER_ALARM = 100;

export interface ClaimAlarmCommand {
  readonly id: string;
}

export interface ReleaseAlarmCommand {
  readonly id: string;
}

export interface CommentAlarmCommand {
  readonly id: string;
  /** What the person has to say, in one or more lines. */
  readonly text: string;
}

export interface ResolveAlarmCommand {
  readonly id: string;
  readonly code: AlarmResolutionCode;
  readonly note?: string | null | undefined;
}

/**
 * Decides `claimAlarm`. The status of the alarm does not matter. To claim an alarm again changes nothing; a claim of another
 * operator is a conflict.
 */
export function decideClaimAlarm(
  alarm: AlarmState | undefined,
  { caller, now }: CommandContext,
): Decision<AlarmEvent> {
  const forbidden = rejectUnlessOperator(caller, 'Only an operator may claim an alarm.');
  if (forbidden) return forbidden;
  if (!alarm) return rejectNotFound('alarm');
  const conflict = rejectResolved(alarm) ?? rejectClaimedByOther(alarm, caller.id);
  if (conflict) return conflict;
  if (alarm.claimedBy === caller.id) return accept();
  if (alarm.claimCount >= MAX_CLAIMS_PER_ALARM) {
    const message = `An alarm can be claimed ${MAX_CLAIMS_PER_ALARM} times. Resolve it without a claim.`;
    return rejectQuota(['id'], MAX_CLAIMS_PER_ALARM, message);
  }
  const claimedAt = getLaterInstant(now, alarm.updatedAt);
  const claim = { claimedBy: caller.id, claimedAt, claimCount: alarm.claimCount + 1, needsResolution: true };
  return acceptChange('AlarmClaimed', alarm, claim, now);
}

/**
 * Decides `releaseAlarm`. Any operator may release an alarm: the one that has claimed it may have gone home. To release an alarm
 * that is not claimed changes nothing.
 */
export function decideReleaseAlarm(
  alarm: AlarmState | undefined,
  { caller, now }: CommandContext,
): Decision<AlarmEvent> {
  const forbidden = rejectUnlessOperator(caller, 'Only an operator may release an alarm.');
  if (forbidden) return forbidden;
  if (!alarm) return rejectNotFound('alarm');
  if (alarm.claimedBy === null) return accept();
  const released = createNextVersion(alarm, NO_CLAIM, now);
  return accept<AlarmEvent>({
    type: 'AlarmReleased',
    version: 1,
    data: { alarm: released, releasedBy: caller.id },
  });
}

/** Decides `commentAlarm`: of operators, and of customers on their own alarms, whatever has become of the alarm. */
export function decideCommentAlarm(
  alarm: AlarmState | undefined,
  command: CommentAlarmCommand,
  { caller, now }: CommandContext,
): Decision<AlarmEvent> {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const current = getAccessibleState(caller, alarm);
  if (!current) return rejectNotFound('alarm');
  const text = checkComment(command.text);
  if ('faults' in text) return rejectInput(text.faults);
  if (caller.role !== 'operator' && current.commentCount >= MAX_COMMENTS_FOR_CUSTOMERS) {
    const message = `A user can comment on an alarm until it has ${MAX_COMMENTS_FOR_CUSTOMERS} comments.`;
    return rejectQuota(['id'], MAX_COMMENTS_FOR_CUSTOMERS, message);
  }
  const commented = createNextVersion(current, { commentCount: current.commentCount + 1 }, now);
  const comment = { by: caller.id, text: text.value };
  return accept<AlarmEvent>({ type: 'AlarmCommented', version: 1, data: { alarm: commented, comment } });
}

/**
 * Decides `resolveAlarm`, which ends the handling of an alarm and its claim, once: again only if the alarm returns after a retraction.
 * The status of the alarm does not matter, and does not change: it follows from the readings.
 */
export function decideResolveAlarm(
  alarm: AlarmState | undefined,
  { code, note: rawNote }: ResolveAlarmCommand,
  { caller, now }: CommandContext,
): Decision<AlarmEvent> {
  const forbidden = rejectUnlessOperator(caller, 'Only an operator may resolve an alarm.');
  if (forbidden) return forbidden;
  if (!alarm) return rejectNotFound('alarm');
  const note = checkMultilineText('note', rawNote ?? '', MAX_RESOLUTION_NOTE_LENGTH);
  if ('faults' in note) return rejectInput(note.faults);
  const conflict = rejectResolved(alarm) ?? rejectClaimedByOther(alarm, caller.id);
  if (conflict) return conflict;
  const at = getLaterInstant(now, alarm.updatedAt);
  const resolution = { code, note: note.value, by: caller.id, at };
  return acceptChange('AlarmResolved', alarm, { ...NO_CLAIM, resolution }, now);
}

const NO_CLAIM = { claimedBy: null, claimedAt: null } as const;

function checkComment(raw: string) {
  const checked = checkMultilineText('text', raw, MAX_COMMENT_LENGTH);
  if ('faults' in checked) return checked;
  return checked.value === null
    ? createInvalidResult(['text'], 'EMPTY', 'text must not be empty.')
    : { value: checked.value };
}

function rejectResolved({ resolution }: AlarmState): Rejection | undefined {
  if (!resolution) return undefined;
  const { by, at, code } = resolution;
  const message = `The alarm is already resolved, by ${by} at ${at} as ${code}.`;
  return rejectConflict('id', message, { resolvedBy: by, resolvedAt: at });
}

function rejectClaimedByOther({ claimedBy, claimedAt }: AlarmState, callerId: string): Rejection | undefined {
  if (claimedBy === null || claimedBy === callerId) return undefined;
  const message = `The alarm is claimed by ${claimedBy} since ${claimedAt ?? ''}. Release it first to take it over.`;
  return rejectConflict('id', message, { claimedBy, claimedAt });
}

const createNextVersion = (
  alarm: AlarmState,
  changes: Partial<Omit<AlarmState, 'id' | 'updatedAt' | 'version'>>,
  now: string,
): AlarmState => ({
  ...alarm,
  ...changes,
  updatedAt: getLaterInstant(now, alarm.updatedAt),
  version: alarm.version + 1,
});

const acceptChange = (
  type: 'AlarmClaimed' | 'AlarmResolved',
  alarm: AlarmState,
  changes: Parameters<typeof createNextVersion>[1],
  now: string,
): Decision<AlarmEvent> =>
  accept<AlarmEvent>({ type, version: 1, data: { alarm: createNextVersion(alarm, changes, now) } });
