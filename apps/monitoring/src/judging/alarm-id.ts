import type { AlarmKind } from '@seguridad-abc/contracts';
import { v5 as uuidv5 } from 'uuid';

/** Ids of alarms are names in this space. */
const ALARMS = 'b7a44a1c-6a2b-5a0e-9c55-3d3a1f0e7d21';

/** The same for the same alarm, whenever and wherever it is judged. A rule has one opening, so its id names that too. */
export const alarmId = (ruleId: string, kind: AlarmKind, startId: string): string =>
  uuidv5(JSON.stringify([ruleId, kind, startId]), ALARMS);
