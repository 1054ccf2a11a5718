/** The thresholds and settings by which the monitor derives the status of a service. */
export interface HealthThresholds {
  /** The monitor's own heartbeat interval. It applies to services that have not sent theirs. */
  readonly intervalMs: number;
  /** Names of services that are always listed, and DOWN if no heartbeat arrives. */
  readonly expectedServices: readonly string[];
  /** A process is DEGRADED while its event-loop delay is above this. */
  readonly maxLoopDelayMs: number;
  /** A process is DEGRADED while more log entries than this are waiting in it. */
  readonly maxLagEntries: number;
  /** A process is DEGRADED while its clock differs more from the clocks of the other processes. */
  readonly maxClockSkewMs: number;
  /** A process is DEGRADED if it has published or projected no log entry for this time although entries wait. */
  readonly maxStallMs: number;
  /** An instance is removed after being DOWN for this time, if another instance of its service works. */
  readonly forgetAfterMs: number;
}

/** Silence after which an instance is LATE, in heartbeat intervals of that instance. */
export const INSTANCE_LATE_AFTER_INTERVALS = 2;
/** Silence after which an instance is DOWN, in heartbeat intervals of that instance. */
export const INSTANCE_DOWN_AFTER_INTERVALS = 5;
/**
 * Number of consecutive heartbeats that bring a silent instance back to UP. Heartbeats are consecutive if less than
 * {@link INSTANCE_LATE_AFTER_INTERVALS} intervals lie between them.
 */
export const INSTANCE_RECOVERS_AFTER_HEARTBEATS = 2;
