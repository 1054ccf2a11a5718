/**
 * The names under which two processes meet in Redis. One Redis serves one installation.
 * `docs/events.md` lists what travels on each.
 */

/** Stream: monitoring's event log, entry id `<position>-0`. Nothing on it may be lost; the log can always refill it. */
export const LOG_STREAM = 'seguridad:log';

/** Pub/sub channel: every process says that it lives ({@link Beat}). */
export const HEARTBEAT_CHANNEL = 'seguridad:beats';

/** Pub/sub channel: what the monitor makes of the beats ({@link HealthReport}), on each change and once an interval. */
export const HEALTH_CHANNEL = 'seguridad:health';

/** Pub/sub channel: a rule's change that can now be read in reports ({@link RuleChange}). */
export const RULE_CHANGES_CHANNEL = 'seguridad:rule-changes';

/** Pub/sub channel: an alarm's change that can now be read in reports ({@link AlarmChange}). */
export const ALARM_CHANGES_CHANNEL = 'seguridad:alarm-changes';
