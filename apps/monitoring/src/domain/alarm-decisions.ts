import type { AlarmEvent, AlarmState } from '@seguridad-abc/contracts';
import { checkMultilineText } from '@seguridad-abc/evaluation';
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
  const current = getAccessibleState(caller, alarm);
  if (!current) return rejectNotFound('alarm');
  const note = checkMultilineText('note', command.note ?? '', MAX_ACKNOWLEDGEMENT_NOTE_LENGTH);
  if ('faults' in note) return rejectInput(note.faults);
  const { acknowledgedBy, acknowledgedAt } = current;
  if (acknowledgedBy !== null) {
    const message = `The alarm is already acknowledged, by ${acknowledgedBy} at ${acknowledgedAt ?? ''}.`;
    return rejectConflict('id', message, { acknowledgedBy, acknowledgedAt });
  }
  const acknowledged: AlarmState = {
    ...current,
    acknowledgedAt: now,
    acknowledgedBy: caller.id,
    note: note.value,
    updatedAt: getLaterInstant(now, current.updatedAt),
    version: current.version + 1,
  };
  return accept<AlarmEvent>({ type: 'AlarmAcknowledged', version: 1, data: { alarm: acknowledged } });
}

/** An event carries the complete new state of the alarm. */
export const evolveAlarm = (_alarm: AlarmState | undefined, event: AlarmEvent): AlarmState =>
  event.data.alarm;
