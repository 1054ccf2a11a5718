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

/** Wall-clock times at which a window starts and ends on a day. */
const windowTimes = {
  /** Wall-clock time (`HH:mm` or `HH:mm:ss`) from which the opening may be open. */
  opensAt: z.string(),
  /**
   * Wall-clock time up to which, exclusive, the opening may be open. Earlier than `opensAt`: on the following day. Equal
   * to `opensAt`: at the same time of the following day.
   */
  closesAt: z.string(),
};

/** A window without `openBy`: one of `activeWindows`. */
export const activeWindowSchema = z.object({
  /** The weekdays on which the window starts, in the order of the week. Empty: it never starts. */
  days: z.array(z.enum(WEEKDAYS)),
  ...windowTimes,
});
export type ActiveWindow = z.infer<typeof activeWindowSchema>;

/**
 * Wall-clock time at which the opening must have been opened since the start of the window: from `opensAt` up to and
 * including `closesAt`; before `opensAt`: on the following day. Null: it need not be opened.
 */
const openBySchema = z.string().nullable().default(null);

/** A weekly period in which an opening may be open. */
export const windowSchema = activeWindowSchema.extend({ openBy: openBySchema });
export type Window = z.infer<typeof windowSchema>;

/** A period of one date of a calendar in which an opening may be open. */
export const calendarWindowSchema = z.object({ ...windowTimes, openBy: openBySchema });
export type CalendarWindow = z.infer<typeof calendarWindowSchema>;

/** The fields of a rule that the evaluation reads. A change of one of them begins a new rule version. */
export const ruleConditionsSchema = z.object({
  /** When the opening may be open. Null: at any time. Empty: never. */
  windows: z.array(windowSchema).nullable(),
  /** The calendar whose dates replace the windows of `windows` that start on them. Null: none. */
  calendarId: z.string().nullable().default(null),
  /** IANA time zone name in which wall-clock times are read. */
  timeZone: z.string(),
  /** How many seconds the opening may be open outside its windows before it is an alarm, 0 to 3,600. */
  graceSeconds: z.int().nonnegative().default(0),
  /** The timer: how many seconds an interval may last. `null` if it may last any time. */
  maxOpenSeconds: z.int().positive().nullable(),
  /** When the rule is in force. Null: always. Empty: never. */
  activeWindows: z.array(activeWindowSchema).nullable().default(null),
  /** After how many seconds without a reading the opening is silent. Null: silence is no alarm. */
  silentAfterSeconds: z.int().positive().nullable().default(null),
  /** Whether tampering with the sensor is an alarm. */
  onTamper: z.boolean().default(false),
  /** Whether a low battery of the sensor is an alarm. */
  onBatteryLow: z.boolean().default(false),
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

/** Upgrades a stored rule of schema version 1, which had one window in the fields `opensAt`, `closesAt` and `days`. */
function upgradeRuleState(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || 'windows' in stored) return stored;
  const { opensAt, closesAt, days, ...rest } = stored as Readonly<Record<string, unknown>>;
  const windows = opensAt === null && closesAt === null ? null : [{ days, opensAt, closesAt }];
  return { ...rest, windows };
}

/** Reads a rule that is stored or sent in any schema version. */
export const storedRuleStateSchema = z.preprocess(upgradeRuleState, ruleStateSchema);
