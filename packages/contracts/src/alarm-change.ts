import { z } from 'zod';
import { alarmState } from './alarm.js';

export const ALARM_CHANGE_KINDS = ['RAISED', 'CLEARED', 'RETRACTED', 'ACKNOWLEDGED', 'UPDATED'] as const;
export type AlarmChangeKind = (typeof ALARM_CHANGE_KINDS)[number];

/** Told once the change can be read in reports. */
export const alarmChange = z.object({
  v: z.literal(1),
  kind: z.enum(ALARM_CHANGE_KINDS),
  /** The log position of the change. */
  position: z.int().positive(),
  alarm: alarmState,
});
export type AlarmChange = z.infer<typeof alarmChange>;
