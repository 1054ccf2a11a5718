import type { ClockReading } from '@seguridad-abc/contracts';

/** Why the monitor began to count silence anew. */
export type SilenceCountRestartCause = 'MONITOR_STARTED' | 'REDIS_RESTORED' | 'MONITOR_RESUMED';

/**
 * Whether the monitor can receive heartbeats. Silence only counts while it can: from `countingSince` up to
 * `confirmedUntil`. All times are milliseconds of the monotonic clock.
 */
export interface HeartbeatReception {
  readonly countingSince: number;
  readonly restartedBy: SilenceCountRestartCause;
  /** Every heartbeat that reached Redis before this time has been processed. -Infinity before the first confirmation. */
  readonly confirmedUntil: number;
  /** When Redis last answered on this connection. It may answer and still deliver no messages. -Infinity before the first answer. */
  readonly answeredAt: number;
  /** No confirmation for one interval. Every status is UNKNOWN until the next one. */
  readonly isLost: boolean;
  /** The connection was lost since the last confirmation, so heartbeats may have been missed. */
  readonly wasInterrupted: boolean;
  /** The clock at the last update. */
  readonly updatedAt: number;
}

export const createHeartbeatReception = ({ monotonicMs }: ClockReading): HeartbeatReception => ({
  countingSince: monotonicMs,
  restartedBy: 'MONITOR_STARTED',
  confirmedUntil: -Infinity,
  answeredAt: -Infinity,
  isLost: false,
  wasInterrupted: false,
  updatedAt: monotonicMs,
});

/** The last time at which the monitor is known to have received heartbeats. */
export const getLastReceptionTimeMs = (reception: HeartbeatReception): number =>
  Math.max(reception.confirmedUntil, reception.countingSince);

/**
 * Advances the clock. A jump of one interval or more means that this process was paused. One interval without a
 * confirmation means that reception is lost.
 */
export function advanceReception(
  reception: HeartbeatReception,
  intervalMs: number,
  { monotonicMs }: ClockReading,
): HeartbeatReception {
  const wasPaused = monotonicMs - reception.updatedAt >= intervalMs;
  const next: HeartbeatReception = wasPaused
    ? { ...reception, updatedAt: monotonicMs, countingSince: monotonicMs, restartedBy: 'MONITOR_RESUMED' }
    : { ...reception, updatedAt: monotonicMs };
  return { ...next, isLost: next.isLost || monotonicMs - getLastReceptionTimeMs(next) >= intervalMs };
}

/**
 * Applies the arrival of a probe that the monitor published at `sentAt`, in the same way as services publish heartbeats. Redis
 * delivers messages in order, so every heartbeat that Redis accepted before `sentAt` has been processed. A probe older than one
 * interval does not restore a lost reception.
 */
export function confirmReception(
  reception: HeartbeatReception,
  sentAt: number,
  intervalMs: number,
  { monotonicMs }: ClockReading,
): HeartbeatReception {
  const confirmed = { ...reception, confirmedUntil: Math.max(reception.confirmedUntil, sentAt) };
  const isFirst = reception.confirmedUntil === -Infinity;
  const isRecent = monotonicMs - sentAt < intervalMs;
  if (!isRecent || !(isFirst || reception.isLost || reception.wasInterrupted)) return confirmed;
  const restartedBy: SilenceCountRestartCause =
    isFirst && !reception.isLost ? 'MONITOR_STARTED' : 'REDIS_RESTORED';
  return { ...confirmed, isLost: false, wasInterrupted: false, countingSince: monotonicMs, restartedBy };
}

/** Notes that Redis has answered. That proves nothing about heartbeats, but it tells why they may be missing. */
export const noteRedisAnswer = (
  reception: HeartbeatReception,
  { monotonicMs }: ClockReading,
): HeartbeatReception => ({ ...reception, answeredAt: monotonicMs });

/** Marks that the connection was lost. Silence counts anew after the next confirmation. */
export const interruptReception = (reception: HeartbeatReception): HeartbeatReception => ({
  ...reception,
  wasInterrupted: true,
});

/** How long it is proved that no heartbeat arrived after `receivedAt`, in milliseconds. */
export const getProvenHeartbeatSilenceMs = (reception: HeartbeatReception, receivedAt: number): number =>
  Math.max(0, reception.confirmedUntil - Math.max(receivedAt, reception.countingSince));
