import { z } from 'zod';
import { alarmStateSchema } from './alarm.js';
import { storedRuleStateSchema } from './rule.js';

/** A message of `RedisNames.ruleChangesChannel`. Reports publishes it once queries return the change. */
export const ruleChangeSchema = z.object({
  v: z.literal(1),
  /** A gateway reads a kind that a later version has added as UPDATED. */
  kind: z.enum(['CREATED', 'UPDATED', 'DELETED']).catch('UPDATED'),
  /** The log position of the change. */
  position: z.int().positive(),
  /** The log position of the rule change that was published before this one. Absent: it is not known. */
  since: z.int().nonnegative().optional(),
  /** The id of the event log to which the positions belong. Absent in messages of earlier versions. */
  log: z.string().min(1).optional(),
  /** The entry had been set aside, so changes after this one were published before it. */
  late: z.literal(true).optional(),
  /** The trace context of the change, as the header `traceparent` of W3C. Absent if it is not traced. */
  traceparent: z.string().optional(),
  rule: storedRuleStateSchema,
});
export type RuleChange = z.infer<typeof ruleChangeSchema>;

export const ALARM_CHANGE_KINDS = [
  'RAISED',
  'CLEARED',
  'RETRACTED',
  'ACKNOWLEDGED',
  'UPDATED',
  'CLAIMED',
  'RELEASED',
  'COMMENTED',
  'RESOLVED',
] as const;
export type AlarmChangeKind = (typeof ALARM_CHANGE_KINDS)[number];

/** A message of `RedisNames.alarmChangesChannel`. Reports publishes it once queries return the change. */
export const alarmChangeSchema = z.object({
  v: z.literal(1),
  /** A gateway reads a kind that a later version has added as UPDATED. */
  kind: z.enum(ALARM_CHANGE_KINDS).catch('UPDATED'),
  /** The log position of the change. */
  position: z.int().positive(),
  /** The log position of the change that was published before this one. Absent: it is not known. */
  since: z.int().nonnegative().optional(),
  /** The id of the event log to which the positions belong. Absent in messages of earlier versions. */
  log: z.string().min(1).optional(),
  /** The entry had been set aside, so changes after this one were published before it. */
  late: z.literal(true).optional(),
  /** The trace context of the change, as the header `traceparent` of W3C. Absent if it is not traced. */
  traceparent: z.string().optional(),
  alarm: alarmStateSchema,
});
export type AlarmChange = z.infer<typeof alarmChangeSchema>;

const createChangesPageSchema = <Change extends z.ZodType>(changeSchema: Change) =>
  z.object({
    /** The id of the event log that reports has read; null until it is known. */
    logId: z.string().min(1).nullable(),
    /** The checkpoint of reports. The page has all changes up to it, unless `limit` ended the page earlier. */
    position: z.int().nonnegative(),
    /** Changes up to this position may be missing, because history was removed. Absent if none was. */
    compactedUpTo: z.int().nonnegative().optional(),
    /** In the order of their positions. */
    changes: z.array(changeSchema),
  });

/**
 * The response of reports' `GET /alarm-changes?after=<position>&user=<id>&limit=<1..1000>`: the last change of each alarm
 * that changed after a log position. Earlier changes of the same alarm are part of its state.
 */
export const alarmChangesPageSchema = createChangesPageSchema(alarmChangeSchema);
export type AlarmChangesPage = z.infer<typeof alarmChangesPageSchema>;

/** The response of reports' `GET /rule-changes`, which is like `GET /alarm-changes`. */
export const ruleChangesPageSchema = createChangesPageSchema(ruleChangeSchema);
export type RuleChangesPage = z.infer<typeof ruleChangesPageSchema>;
