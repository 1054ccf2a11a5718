import { z } from 'zod';
import { instantSchema } from './instant.js';

export const WEEKDAYS = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const SEVERITIES = ['INFO', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The fields of a rule that the evaluation reads. A change of one of them begins a new rule version. */
export const ruleConditionsSchema = z.object({
  /**
   * Wall-clock time (`HH:mm` or `HH:mm:ss`) from which the opening may be open. Null together with `closesAt`: the rule
   * has no allowed hours, and the opening may be open at any time.
   */
  opensAt: z.string().nullable(),
  /**
   * Wall-clock time up to which, exclusive, the opening may be open. Earlier than `opensAt`: on the following day. Equal
   * to `opensAt`: at the same time of the following day.
   */
  closesAt: z.string().nullable(),
  /** The weekdays on which the allowed hours start, in the order of the week. Empty: never allowed. */
  days: z.array(z.enum(WEEKDAYS)),
  /** IANA time zone name in which wall-clock times are read. */
  timeZone: z.string(),
  /** The timer: how many seconds an interval may last. `null` if it may last any time. */
  maxOpenSeconds: z.int().positive().nullable(),
});
export type RuleConditions = z.infer<typeof ruleConditionsSchema>;

/**
 * The fields of a rule that a client sets. `RULE_FIELDS` in packages/evaluation says how each is checked.
 *
 * This is the place to add a field. Write it as `.nullable().default(null)` (or with another default): events that were
 * stored before the field existed stay valid. tests/rule-fields.test.ts names every place that must know it.
 */
export const ruleDefinitionSchema = z.object({
  /** 1 to 120 characters; unique per user and opening among rules that are not deleted. */
  name: z.string(),
  /** The name of the opening that the rule watches, 1 to 80 characters. It cannot change. */
  opening: z.string(),
  ...ruleConditionsSchema.shape,
  /** Alarms take the severity that the rule has when they are raised. */
  severity: z.enum(SEVERITIES),
  /** A disabled rule raises no alarm. */
  enabled: z.boolean(),
});
export type RuleDefinition = z.infer<typeof ruleDefinitionSchema>;

/** The complete state of a rule at one version: what events carry, and what monitoring and reports store. */
export const ruleStateSchema = z.object({
  id: z.string(),
  /** The owner's id. */
  userId: z.string(),
  ...ruleDefinitionSchema.shape,
  /** The instant from which the first rule version holds. */
  effectiveFrom: instantSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  /** Null unless the rule is deleted. */
  deletedAt: instantSchema.nullable(),
  /** 1 at creation, one more at each change. */
  version: z.int().positive(),
});
export type RuleState = z.infer<typeof ruleStateSchema>;
