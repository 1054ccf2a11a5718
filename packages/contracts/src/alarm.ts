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

/** Why an operator has ended the handling of an alarm. */
export const ALARM_RESOLUTION_CODES = [
  'FALSE_ALARM',
  'TEST',
  'USER_ERROR',
  'VERIFIED',
  'DISPATCHED',
  'OTHER',
] as const;
export type AlarmResolutionCode = (typeof ALARM_RESOLUTION_CODES)[number];

/** How an operator has ended the handling of an alarm. */
export const alarmResolutionSchema = z.object({
  code: z.enum(ALARM_RESOLUTION_CODES),
  /** What the operator noted, at most 500 characters. */
  note: z.string().nullable(),
  /** The id of the operator. */
  by: z.string(),
  at: instantSchema,
});
export type AlarmResolution = z.infer<typeof alarmResolutionSchema>;

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
  /** The id of the operator that handles the alarm; null if it is not claimed. */
  claimedBy: z.string().nullable().default(null),
  claimedAt: instantSchema.nullable().default(null),
  /** How often the alarm was claimed. */
  claimCount: z.int().nonnegative().default(0),
  /** Null until an operator resolves the alarm, and again if it returns after a retraction. */
  resolution: alarmResolutionSchema.nullable().default(null),
  /** The number of comments, which the event log has. */
  commentCount: z.int().nonnegative().default(0),
  /**
   * Whether an operator has to resolve the alarm also after it has cleared. False for alarms that were raised before there was a queue,
   * until one is claimed or returns after a retraction: nobody works through years of old alarms. Once true, it stays true.
   */
  needsResolution: z.boolean().default(false),
  /** One sentence with figures: why the alarm was raised and, if so, why it was retracted. */
  reason: z.string(),
  /** The instant of this version. */
  updatedAt: instantSchema,
  /** 1 when first raised, one more at each change. */
  version: z.int().positive(),
});
export type AlarmState = z.infer<typeof alarmStateSchema>;

/** Whether an alarm is in the queue of operators: it is not retracted, and somebody still has to resolve it. */
export const isAlarmQueued = ({
  status,
  resolution,
  needsResolution,
}: Pick<AlarmState, 'status' | 'resolution' | 'needsResolution'>): boolean =>
  status !== 'RETRACTED' && resolution === null && (status === 'ACTIVE' || needsResolution);
