import { z } from 'zod';
import { alarmStateSchema } from './alarm.js';
import { calendarStateSchema } from './calendar.js';
import { deviceStateSchema } from './device.js';
import { instantSchema } from './instant.js';
import { openingExceptionStateSchema } from './opening-exception.js';
import { openingChangeSchema, readingSchema } from './opening.js';
import { storedRuleStateSchema } from './rule.js';

/** An event carries the complete new state of its rule, alarm, …, so a reader may start at any position. */
const ruleData = z.object({ rule: storedRuleStateSchema });
const alarmData = z.object({ alarm: alarmStateSchema });
const alarmCommentSchema = z.object({
  /** The id of the caller that commented. */
  by: z.string(),
  /** 1 to 2000 characters, in one or more lines. */
  text: z.string(),
});
const deviceData = z.object({ device: deviceStateSchema });

const createEventSchema = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), version: z.literal(1), data });

/** The version of the schema of rule events, and of opening events. Events of version 1 are upgraded when they are read. */
export const SECOND_EVENT_VERSION = 2;

const createUpgradedEventSchema = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), version: z.literal([1, SECOND_EVENT_VERSION]), data });

const ruleEventSchema = z.discriminatedUnion('type', [
  createUpgradedEventSchema('RuleCreated', ruleData),
  createUpgradedEventSchema('RuleUpdated', ruleData),
  createUpgradedEventSchema('RuleDeleted', ruleData),
]);
export type RuleEvent = z.infer<typeof ruleEventSchema>;

const openingEventSchema = z.discriminatedUnion('type', [
  /** Readings of one opening were accepted. Early ones take effect later, with an `OpeningChanged`. */
  createUpgradedEventSchema(
    'ReadingsRecorded',
    openingChangeSchema.extend({ readings: z.array(readingSchema).min(1) }),
  ),
  createUpgradedEventSchema('OpeningChanged', openingChangeSchema),
  /** Readings of one opening were withdrawn: everything is as if they had never arrived, but their ids stay used. */
  createEventSchema(
    'ReadingsWithdrawn',
    openingChangeSchema.extend({
      readings: z.array(z.object({ id: z.string().min(1), at: instantSchema })).min(1),
      /** The instants of withdrawn readings that have no other reading of the opening. */
      instantsWithoutReading: z.array(instantSchema),
      reason: z.string(),
    }),
  ),
]);
export type OpeningEvent = z.infer<typeof openingEventSchema>;

const alarmEventSchema = z.discriminatedUnion('type', [
  /** Raised, also again after a retraction. If its interval has ended, the alarm is raised as `CLEARED`. */
  createEventSchema('AlarmRaised', alarmData),
  createEventSchema('AlarmCleared', alarmData),
  createEventSchema('AlarmRetracted', alarmData),
  createEventSchema('AlarmAcknowledged', alarmData),
  /** Another change, such as a new `clearedAt` after a late reading. */
  createEventSchema('AlarmUpdated', alarmData),
  /** An operator handles the alarm. */
  createEventSchema('AlarmClaimed', alarmData),
  /** The claim ended without a resolution. */
  createEventSchema('AlarmReleased', alarmData.extend({ releasedBy: z.string() })),
  /** The event alone carries the text of the comment. */
  createEventSchema('AlarmCommented', alarmData.extend({ comment: alarmCommentSchema })),
  /** An operator ended the handling of the alarm. */
  createEventSchema('AlarmResolved', alarmData),
]);
export type AlarmEvent = z.infer<typeof alarmEventSchema>;

const erasureEventSchema = z.discriminatedUnion('type', [
  /**
   * The data of a user is erased up to this position. The user is the one whose `createUserPseudonym` with this salt is the
   * pseudonym; the log does not name it any more.
   */
  createEventSchema('UserErased', z.object({ pseudonym: z.string(), salt: z.string() })),
  /** Takes the place of an event of a user whose data was erased. */
  createEventSchema('EventErased', z.object({})),
]);
export type ErasureEvent = z.infer<typeof erasureEventSchema>;
const deviceEventSchema = z.discriminatedUnion('type', [
  createEventSchema('DeviceRegistered', deviceData),
  createEventSchema('DeviceRevoked', deviceData),
]);
export type DeviceEvent = z.infer<typeof deviceEventSchema>;

const calendarData = z.object({ calendar: calendarStateSchema });
const calendarEventSchema = z.discriminatedUnion('type', [
  createEventSchema('CalendarCreated', calendarData),
  createEventSchema('CalendarUpdated', calendarData),
  createEventSchema('CalendarDeleted', calendarData),
]);
export type CalendarEvent = z.infer<typeof calendarEventSchema>;

const exceptionData = z.object({ exception: openingExceptionStateSchema });
const exceptionEventSchema = z.discriminatedUnion('type', [
  createEventSchema('ExceptionCreated', exceptionData),
  createEventSchema('ExceptionCancelled', exceptionData),
]);
export type ExceptionEvent = z.infer<typeof exceptionEventSchema>;

const historyEventSchema = createEventSchema(
  'HistoryRemoved',
  /** What ended before the instant `before` is removed. The log is compacted up to `position`. */
  z.object({ before: instantSchema, position: z.int().nonnegative() }),
);
/** Old history was removed: readers remove it too, so that they hold what a reader of the compacted log holds. */
export type HistoryEvent = z.infer<typeof historyEventSchema>;

/** Every event of monitoring. docs/events.md describes them. */
export const monitoringEventSchema = z.discriminatedUnion('type', [
  ruleEventSchema,
  openingEventSchema,
  alarmEventSchema,
  erasureEventSchema,
  deviceEventSchema,
  calendarEventSchema,
  exceptionEventSchema,
  historyEventSchema,
]);
export type MonitoringEvent = z.infer<typeof monitoringEventSchema>;

/**
 * Finds the user whose data an event carries.
 * @param data the data of an event, also of one that this version cannot read
 */
export function findEventOwner(data: unknown): string | undefined {
  const { userId, ...states } = (data ?? {}) as Partial<Record<StateKey, { userId?: string }>> & {
    userId?: string;
  };
  return STATE_KEYS.map((key) => states[key]?.userId).find((owner) => owner !== undefined) ?? userId;
}

/** The fields of event data that hold the state of something that a user owns. */
const STATE_KEYS = ['rule', 'alarm', 'device', 'calendar', 'exception'] as const;
type StateKey = (typeof STATE_KEYS)[number];
