import { z } from 'zod';
import { alarmStateSchema } from './alarm.js';

export const ALARM_CHANGE_KINDS = ['RAISED', 'CLEARED', 'RETRACTED', 'ACKNOWLEDGED', 'UPDATED'] as const;
export type AlarmChangeKind = (typeof ALARM_CHANGE_KINDS)[number];

/** Told once the change can be read in reports. */
export const alarmChangeSchema = z.object({
  v: z.literal(1),
  kind: z.enum(ALARM_CHANGE_KINDS),
  /** The log position of the change. */
  position: z.int().positive(),
  /** Of the change that was published before this one: nothing lies between them. Absent: that is not known. */
  since: z.int().nonnegative().optional(),
  alarm: alarmStateSchema,
});
export type AlarmChange = z.infer<typeof alarmChangeSchema>;

/**
 * The answer of reports' `GET /alarm-changes?after=<position>&user=<id>&limit=<1..1000>`: the last change of each alarm
 * that has changed since a position, of one user's where one is named. What came to an alarm before that is in its state.
 */
export const alarmChangesPageSchema = z.object({
  /** Which log reports holds; null until it is known. */
  logId: z.string().min(1).nullable(),
  /** How far reports holds it: what is not among the changes up to there has not happened, unless the limit is met. */
  position: z.int().nonnegative(),
  /** In the order of their positions. */
  changes: z.array(alarmChangeSchema),
});
export type AlarmChangesPage = z.infer<typeof alarmChangesPageSchema>;
