import type { AlarmKind } from '@seguridad-abc/contracts';
import { v5 as uuidv5 } from 'uuid';
import type { AlarmTableAccess } from '../alarms/alarm-repository.js';
import type { RaisedAlarm } from '../domain/interval-evaluation.js';

/** The namespace of alarm ids (RFC 9562, UUID version 5). */
const ALARM_ID_NAMESPACE = 'b7a44a1c-6a2b-5a0e-9c55-3d3a1f0e7d21';

/**
 * Derives the id of an alarm from what started its episode when it was first raised, so that a repeated evaluation finds the same
 * alarm.
 * @param occurrence from 2 on if alarms have this id that continue in other episodes
 */
export const deriveAlarmId = (ruleId: string, kind: AlarmKind, startKey: string, occurrence = 1): string =>
  uuidv5(
    JSON.stringify(occurrence === 1 ? [ruleId, kind, startKey] : [ruleId, kind, startKey, occurrence]),
    ALARM_ID_NAMESPACE,
  );

const deriveRaisedId = ({ newAlarm }: RaisedAlarm, occurrence: number): string =>
  deriveAlarmId(newAlarm.ruleId, newAlarm.kind, newAlarm.startKey, occurrence);

/**
 * Gives raised alarms their ids. A rule has one opening, so its id also identifies the opening of the episode. An id can be taken:
 * the alarm that was first raised in this episode may continue in another one.
 */
export async function assignAlarmIds(
  alarms: Pick<AlarmTableAccess['alarms'], 'findTaken'>,
  raised: readonly RaisedAlarm[],
): Promise<Map<RaisedAlarm, string>> {
  const ids = new Map<RaisedAlarm, string>();
  const assigned = new Set<string>();
  let without = raised;
  for (let occurrence = 1; without.length > 0; occurrence++) {
    const candidates = without.map((one) => ({ one, id: deriveRaisedId(one, occurrence) }));
    const taken = await alarms.findTaken(candidates.map(({ id }) => id));
    for (const { one, id } of candidates) {
      if (taken.has(id) || assigned.has(id)) continue;
      ids.set(one, id);
      assigned.add(id);
    }
    without = without.filter((one) => !ids.has(one));
  }
  return ids;
}
