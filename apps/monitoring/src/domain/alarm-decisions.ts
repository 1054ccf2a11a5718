import type { AlarmEvent, AlarmState } from '@seguridad-abc/contracts';
import { checkText, createValidResult, type InputCheckResult } from '@seguridad-abc/evaluation';
import {
  accept,
  getAccessibleState,
  getLaterInstant,
  rejectConflict,
  rejectDeviceCaller,
  rejectInput,
  rejectNotFound,
  type CommandContext,
  type Decision,
} from './decision.js';

export const MAX_ACKNOWLEDGEMENT_NOTE_LENGTH = 500;

export interface AcknowledgeAlarmCommand {
  readonly id: string;
  /** What the person has to say, in one or more lines. */
  readonly note?: string | null | undefined;
}

/** Decides `acknowledgeAlarm`. An alarm of any status can be acknowledged, once. */
export function decideAcknowledgeAlarm(
  alarm: AlarmState | undefined,
  command: AcknowledgeAlarmCommand,
  { caller, now }: CommandContext,
): Decision<AlarmEvent> {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const present = getAccessibleState(caller, alarm);
  if (!present) return rejectNotFound('alarm');
  const note = checkNote(command.note);
  if ('faults' in note) return rejectInput(note.faults);
  const { acknowledgedBy, acknowledgedAt } = present;
  if (acknowledgedBy !== null) {
    const message = `The alarm is already acknowledged, by ${acknowledgedBy} at ${acknowledgedAt ?? ''}.`;
    return rejectConflict('id', message, { acknowledgedBy, acknowledgedAt });
  }
  const acknowledged: AlarmState = {
    ...present,
    acknowledgedAt: now,
    acknowledgedBy: caller.id,
    note: note.value,
    updatedAt: getLaterInstant(now, present.updatedAt),
    version: present.version + 1,
  };
  return accept<AlarmEvent>({ type: 'AlarmAcknowledged', version: 1, data: { alarm: acknowledged } });
}

/** An event carries the complete new state of the alarm. */
export const evolveAlarm = (_alarm: AlarmState | undefined, event: AlarmEvent): AlarmState =>
  event.data.alarm;

/** A note may have several lines. An empty one is null. */
function checkNote(raw: string | null | undefined): InputCheckResult<string | null> {
  const text = (raw ?? '').replaceAll('\r\n', '\n').trim();
  if (text === '') return createValidResult(null);
  const checked = checkText('note', text.replaceAll('\n', ' '), MAX_ACKNOWLEDGEMENT_NOTE_LENGTH);
  return 'value' in checked ? createValidResult(text.normalize('NFC')) : checked;
}
