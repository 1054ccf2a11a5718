/**
 * The Redis names that processes of one installation share. docs/events.md describes the messages. Nothing else writes a name of
 * this product: the prefix keeps several installations on one Redis apart, and an ACL user may be limited to it.
 */
export interface RedisNames {
  /** Stream: the event log of monitoring, with entry ids `<position>-0`. It may be lost: the relay fills it again. */
  readonly logStream: string;
  /** Key: the fence of the relay, without which Redis adds nothing to the stream. */
  readonly logFenceKey: string;
  /** Pub/sub channel of {@link Heartbeat} messages. */
  readonly heartbeatChannel: string;
  /** Pub/sub channel of {@link ReceptionProbe} messages. */
  readonly receptionProbeChannel: string;
  /** Pub/sub channel of {@link HealthReport} messages. */
  readonly healthChannel: string;
  /** Key: which monitor publishes reports, with the term: `<term>:<run>`. It expires if that monitor does not renew it. */
  readonly speakerLeaseKey: string;
  /** Key: the highest term so far. */
  readonly speakerTermKey: string;
  /** Key: the last published {@link HealthReport}. */
  readonly lastReportKey: string;
  /** Stream of {@link PublishedTransition}, with entry ids `<term>-<number>`. It may be lost: each monitor stores the transitions. */
  readonly transitionStream: string;
  /** Pub/sub channel of {@link MaintenanceMessage}, between monitors. */
  readonly maintenanceChannel: string;
  /** Pub/sub channel of {@link RuleChange} messages. */
  readonly ruleChangesChannel: string;
  /** Pub/sub channel of {@link AlarmChange} messages. */
  readonly alarmChangesChannel: string;
  /** The keys of what callers have used of their rate limits begin with this. */
  readonly callerSharePrefix: string;
}

/** The prefix of an installation that does not set `REDIS_PREFIX`. */
export const DEFAULT_REDIS_PREFIX = 'seguridad:';

/** Creates the names of one installation. @param prefix ends with a colon, so that no prefix continues another one's names */
export const createRedisNames = (prefix: string): RedisNames => ({
  logStream: `${prefix}log`,
  logFenceKey: `${prefix}log-fence`,
  heartbeatChannel: `${prefix}beats`,
  receptionProbeChannel: `${prefix}probes`,
  healthChannel: `${prefix}health`,
  speakerLeaseKey: `${prefix}speaker`,
  speakerTermKey: `${prefix}speaker-term`,
  lastReportKey: `${prefix}last-report`,
  transitionStream: `${prefix}transitions`,
  maintenanceChannel: `${prefix}maintenance`,
  ruleChangesChannel: `${prefix}rule-changes`,
  alarmChangesChannel: `${prefix}alarm-changes`,
  callerSharePrefix: `${prefix}shares:`,
});

/** The names of an installation that does not set `REDIS_PREFIX`. */
export const DEFAULT_REDIS_NAMES = createRedisNames(DEFAULT_REDIS_PREFIX);
