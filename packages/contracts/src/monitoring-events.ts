import { z } from 'zod';
import { alarmStateSchema } from './alarm.js';
import { openingChangeSchema, readingSchema } from './opening.js';
import { ruleStateSchema } from './rule.js';

/** An event of a rule carries the rule's whole new state, so a reader may start anywhere. */
const rule = z.object({ rule: ruleStateSchema });
/** Likewise an event of an alarm. */
const alarm = z.object({ alarm: alarmStateSchema });

const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), version: z.literal(1), data });

const ruleEvent = z.discriminatedUnion('type', [
  event('RuleCreated', rule),
  event('RuleUpdated', rule),
  event('RuleDeleted', rule),
]);
export type RuleEvent = z.infer<typeof ruleEvent>;

const openingEvent = z.discriminatedUnion('type', [
  /** Readings of one opening were accepted; those ahead of the clock take effect later, with an `OpeningChanged`. */
  event('ReadingsRecorded', openingChangeSchema.extend({ readings: z.array(readingSchema).min(1) })),
  event('OpeningChanged', openingChangeSchema),
]);
export type OpeningEvent = z.infer<typeof openingEvent>;

const alarmEvent = z.discriminatedUnion('type', [
  /** Also when a retracted one is due again. One whose interval has ended is raised as `CLEARED`. */
  event('AlarmRaised', alarm),
  event('AlarmCleared', alarm),
  event('AlarmRetracted', alarm),
  event('AlarmAcknowledged', alarm),
  /** Something else of it is another now, such as `clearedAt` after a late reading. */
  event('AlarmUpdated', alarm),
]);
export type AlarmEvent = z.infer<typeof alarmEvent>;

/** What can happen in monitoring. */
export const monitoringEventSchema = z.discriminatedUnion('type', [ruleEvent, openingEvent, alarmEvent]);
export type MonitoringEvent = z.infer<typeof monitoringEventSchema>;
