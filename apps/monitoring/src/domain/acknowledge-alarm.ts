import type { AlarmState } from '@seguridad-abc/contracts';
import { mayNotCommand, visibleTo } from './access.js';
import type { Circumstances } from './circumstances.js';
import { badInput, refused, type AlarmDecision } from './decision.js';
import { at } from './fault.js';
import { checkNote } from './fields.js';
import { laterOf, notFound } from './present.js';

export interface AcknowledgeAlarm {
  readonly id: string;
  readonly note?: string | null | undefined;
}

export function decideAcknowledge(
  alarm: AlarmState | undefined,
  input: AcknowledgeAlarm,
  { caller, now }: Circumstances,
): AlarmDecision {
  const refusal = mayNotCommand(caller);
  if (refusal) return refusal;
  const present = visibleTo(caller, alarm);
  if (!present) return notFound('alarm');
  const note = checkNote(input.note);
  if ('faults' in note) return badInput(note.faults);
  const { acknowledgedBy, acknowledgedAt } = present;
  if (acknowledgedBy !== null) {
    const message = `The alarm was acknowledged by ${acknowledgedBy} at ${acknowledgedAt ?? ''} already.`;
    return refused({
      code: 'CONFLICT',
      faults: [{ path: at('id'), code: 'CONFLICT', message }],
      details: { acknowledgedBy, acknowledgedAt },
    });
  }
  const state = {
    ...present,
    acknowledgedAt: now,
    acknowledgedBy: caller.id,
    note: note.value,
    updatedAt: laterOf(now, present.updatedAt),
    version: present.version + 1,
  };
  return {
    kind: 'happened',
    event: { type: 'AlarmAcknowledged', version: 1, data: { alarm: state } },
    state,
  };
}
