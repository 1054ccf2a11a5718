import type { Heartbeat, HealthStatus, ClockReading } from '@seguridad-abc/contracts';
import { formatCount } from './format-figures.js';
import {
  INSTANCE_DOWN_AFTER_INTERVALS,
  INSTANCE_RECOVERS_AFTER_HEARTBEATS,
  INSTANCE_LATE_AFTER_INTERVALS,
  type HealthThresholds,
} from './health-thresholds.js';
import { getProvenHeartbeatSilenceMs, type HeartbeatReception } from './heartbeat-reception.js';

/** The status that follows from the arrival of heartbeats alone, without their content. */
export type InstanceLiveness = 'UNKNOWN' | 'UP' | 'LATE' | 'DOWN';

/** One process of a service. A process that restarts in the same place continues the same instance. */
export interface InstanceState {
  readonly id: string;
  /** Start of the process that runs now, as the process itself reported it. Distinguishes it from earlier processes. */
  readonly startedAt: string;
  /** `startedAt` of the process before this one. Its heartbeats may still arrive and are ignored. */
  readonly replacedStartedAt: string | undefined;
  /** Sequence of the last accepted heartbeat. */
  readonly sequence: number;
  readonly version: string;
  /** The interval from the last heartbeat, in milliseconds. */
  readonly intervalMs: number;
  /** Monotonic time of the last heartbeat. */
  readonly receivedAt: number;
  /** Wall-clock time of the last heartbeat. */
  readonly lastBeatAt: number;
  readonly liveness: InstanceLiveness;
  /** Number of consecutive heartbeats that arrived in time. */
  readonly consecutiveHeartbeats: number;
  /** Monotonic time from which reasons count the silence. It stays when reception restarts, unlike proven silence. */
  readonly silentSince: number;
  /** Length of the silence that ended with the last heartbeat, in milliseconds. */
  readonly endedSilenceMs: number;
  /** Monotonic time at which the instance last became LATE or DOWN. */
  readonly downAt: number;
  /** Problems of this process, one clause each. */
  readonly problems: readonly string[];
  /** Problems that this process reports about other services. */
  readonly problemsOfOthers: NonNullable<Heartbeat['others']>;
}

/** Whether a heartbeat is new: not repeated, not overtaken by a later one, not from the replaced process. */
export const isNewHeartbeat = (instance: InstanceState, heartbeat: Heartbeat): boolean =>
  heartbeat.startedAt === instance.startedAt
    ? heartbeat.sequence > instance.sequence
    : heartbeat.startedAt !== instance.replacedStartedAt;

/**
 * Applies a heartbeat to an instance.
 * @param previous undefined for the first heartbeat of an instance
 */
export function applyHeartbeatToInstance(
  previous: InstanceState | undefined,
  heartbeat: Heartbeat,
  thresholds: HealthThresholds,
  now: ClockReading,
): InstanceState {
  const hasRestarted = previous !== undefined && previous.startedAt !== heartbeat.startedAt;
  const isConsecutive = previous !== undefined && !hasRestarted && isInTime(previous, now);
  const consecutiveHeartbeats = isConsecutive ? previous.consecutiveHeartbeats + 1 : 1;
  return {
    id: heartbeat.instance,
    startedAt: heartbeat.startedAt,
    replacedStartedAt: hasRestarted ? previous.startedAt : previous?.replacedStartedAt,
    sequence: heartbeat.sequence,
    version: heartbeat.version,
    intervalMs: heartbeat.intervalMs,
    receivedAt: now.monotonicMs,
    lastBeatAt: now.wallMs,
    liveness: getLivenessAfterHeartbeat(previous?.liveness ?? 'UNKNOWN', consecutiveHeartbeats),
    consecutiveHeartbeats,
    silentSince: now.monotonicMs,
    endedSilenceMs: previous === undefined ? 0 : now.monotonicMs - previous.silentSince,
    downAt: previous?.downAt ?? now.monotonicMs,
    problems: findProblems(heartbeat, thresholds),
    problemsOfOthers: heartbeat.others ?? [],
  };
}

const isInTime = ({ receivedAt, intervalMs }: InstanceState, now: ClockReading): boolean =>
  now.monotonicMs - receivedAt < INSTANCE_LATE_AFTER_INTERVALS * intervalMs;

/** One heartbeat is enough for an instance whose liveness is UNKNOWN. A silent one needs several, so that it does not flap. */
const getLivenessAfterHeartbeat = (
  previous: InstanceLiveness,
  consecutiveHeartbeats: number,
): InstanceLiveness =>
  previous === 'UNKNOWN' || consecutiveHeartbeats >= INSTANCE_RECOVERS_AFTER_HEARTBEATS ? 'UP' : previous;

/** The problems in a heartbeat: what the process reports and which figures are above their limit. */
function findProblems(
  { status, detail, lag, loopDelayMs }: Heartbeat,
  { maxLagEntries, maxLoopDelayMs }: HealthThresholds,
): readonly string[] {
  const problems: string[] = [];
  if (status === 'error') {
    problems.push(detail === undefined ? 'reports an error' : `reports an error: ${detail}`);
  }
  if (lag && lag.entries > maxLagEntries) {
    problems.push(`${formatCount(lag.entries)} ${lag.what} (limit ${formatCount(maxLagEntries)})`);
  }
  if (loopDelayMs > maxLoopDelayMs) {
    const delay = formatCount(Math.round(loopDelayMs));
    problems.push(`event-loop delay ${delay} ms (limit ${formatCount(maxLoopDelayMs)} ms)`);
  }
  return problems;
}

/** Updates the liveness of an instance after time has passed. */
export function updateInstanceLiveness(
  instance: InstanceState,
  reception: HeartbeatReception,
  now: ClockReading,
): InstanceState {
  const { liveness, intervalMs, receivedAt, silentSince } = instance;
  if (reception.isLost) return { ...instance, liveness: 'UNKNOWN' };
  if (liveness === 'DOWN') return instance;
  const silentIntervals = getProvenHeartbeatSilenceMs(reception, receivedAt) / intervalMs;
  if (liveness === 'LATE') {
    return silentIntervals >= INSTANCE_DOWN_AFTER_INTERVALS
      ? { ...instance, liveness: 'DOWN', downAt: now.monotonicMs }
      : instance;
  }
  if (silentIntervals < INSTANCE_LATE_AFTER_INTERVALS) return instance;
  return {
    ...instance,
    liveness: silentIntervals >= INSTANCE_DOWN_AFTER_INTERVALS ? 'DOWN' : 'LATE',
    silentSince: Math.max(silentSince, reception.countingSince),
    downAt: now.monotonicMs,
  };
}

/** The status of an instance as reports show it. An instance that works but has problems is DEGRADED. */
export const getInstanceStatus = ({ liveness, problems }: InstanceState): HealthStatus =>
  liveness === 'UP' && problems.length > 0 ? 'DEGRADED' : liveness;
