/**
 * The Redis names that processes share. One Redis serves one installation. docs/events.md describes the messages.
 */

/** Stream: the event log of monitoring, with entry ids `<position>-0`. It may be lost: the relay fills it again. */
export const LOG_STREAM = 'seguridad:log';

/** Pub/sub channel of {@link Heartbeat} messages. */
export const HEARTBEAT_CHANNEL = 'seguridad:beats';

/** Pub/sub channel of {@link ReceptionProbe} messages. */
export const RECEPTION_PROBE_CHANNEL = 'seguridad:probes';

/** Pub/sub channel of {@link HealthReport} messages. */
export const HEALTH_CHANNEL = 'seguridad:health';

/** Key: which monitor publishes reports, with the term: `<term>:<run>`. It expires if that monitor does not renew it. */
export const SPEAKER_LEASE_KEY = 'seguridad:speaker';

/** Key: the highest term so far. */
export const SPEAKER_TERM_KEY = 'seguridad:speaker-term';

/** Key: the last published {@link HealthReport}. */
export const LAST_REPORT_KEY = 'seguridad:last-report';

/** Stream of {@link PublishedTransition}, with entry ids `<term>-<number>`. It may be lost: each history is stored elsewhere. */
export const TRANSITION_STREAM = 'seguridad:transitions';

/** Pub/sub channel of {@link MaintenanceMessage}, between monitors. */
export const MAINTENANCE_CHANNEL = 'seguridad:maintenance';

/** Pub/sub channel of {@link RuleChange} messages. */
export const RULE_CHANGES_CHANNEL = 'seguridad:rule-changes';

/** Pub/sub channel of {@link AlarmChange} messages. */
export const ALARM_CHANGES_CHANNEL = 'seguridad:alarm-changes';
