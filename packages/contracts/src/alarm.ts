import { z } from 'zod';
import { instantSchema } from './instant.js';
import { SEVERITIES } from './rule.js';

/** The conditions of a rule that can be broken. */
export const ALARM_KINDS = [
  'OUTSIDE_HOURS',
  'OPEN_TOO_LONG',
  'SILENT',
  'NOT_OPENED',
  'TAMPERED',
  'BATTERY_LOW',
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

export const ALARM_STATUSES = ['ACTIVE', 'CLEARED', 'RETRACTED'] as const;
export type AlarmStatus = (typeof ALARM_STATUSES)[number];

/** The complete state of an alarm at one version: what events carry, and what monitoring and reports store. */
export const alarmStateSchema = z.object({
  /**
   * Derived from rule, kind and what started the condition when the alarm was first raised, such as the reading that starts
   * the interval. A repeated evaluation finds the same alarm.
   */
  id: z.string(),
  ruleId: z.string(),
  /** The owner's id. */
  userId: z.string(),
  /** The name of the opening. */
  opening: z.string(),
  kind: z.enum(ALARM_KINDS),
  /** The severity that the rule has when the alarm is raised. */
  severity: z.enum(SEVERITIES),
  status: z.enum(ALARM_STATUSES),
  /** The instant at which the alarm is due, in event time. */
  raisedAt: instantSchema,
  /** When the condition ended, such as the end of the interval; null while it lasts. */
  clearedAt: instantSchema.nullable(),
  acknowledgedAt: instantSchema.nullable(),
  /** The id of the caller that acknowledged the alarm. */
  acknowledgedBy: z.string().nullable(),
  /** What that caller noted, at most 500 characters. */
  note: z.string().nullable(),
  /** One sentence with figures: why the alarm was raised and, if so, why it was retracted. */
  reason: z.string(),
  /** The instant of this version. */
  updatedAt: instantSchema,
  /** 1 when first raised, one more at each change. */
  version: z.int().positive(),
});
export type AlarmState = z.infer<typeof alarmStateSchema>;
