import { z } from 'zod';
import { instantSchema } from './instant.js';
import { SEVERITIES } from './rule.js';

export const ALARM_KINDS = ['OUTSIDE_HOURS', 'OPEN_TOO_LONG'] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

export const ALARM_STATUSES = ['ACTIVE', 'CLEARED', 'RETRACTED'] as const;
export type AlarmStatus = (typeof ALARM_STATUSES)[number];

/** An alarm as a whole at one version, with everything that a reader needs to know of it. */
export const alarmStateSchema = z.object({
  /** Derived from rule, kind and the reading that starts the interval: judging again never makes a second one. */
  id: z.string(),
  ruleId: z.string(),
  userId: z.string(),
  opening: z.string(),
  kind: z.enum(ALARM_KINDS),
  /** The rule's at raising. */
  severity: z.enum(SEVERITIES),
  status: z.enum(ALARM_STATUSES),
  /** The instant at which it was due, in event time. */
  raisedAt: instantSchema,
  /** The interval's end; null while the opening is open. */
  clearedAt: instantSchema.nullable(),
  acknowledgedAt: instantSchema.nullable(),
  acknowledgedBy: z.string().nullable(),
  note: z.string().nullable(),
  /** One sentence with figures: why it was raised and, if so, why retracted. */
  reason: z.string(),
  /** When this version was made. */
  updatedAt: instantSchema,
  /** 1 when first raised, one more at each change. */
  version: z.int().positive(),
});
export type AlarmState = z.infer<typeof alarmStateSchema>;
