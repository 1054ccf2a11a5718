import type { Heartbeat, HealthStatus, ClockReading } from '@seguridad-abc/contracts';
import { INSTANCE_DOWN_AFTER_INTERVALS, type HealthThresholds } from './health-thresholds.js';
import {
  applyHeartbeatToInstance,
  getInstanceStatus,
  isNewHeartbeat,
  updateInstanceLiveness,
  type InstanceState,
} from './instance-state.js';
import {
  getProvenHeartbeatSilenceMs,
  type SilenceCountRestartCause,
  type HeartbeatReception,
} from './heartbeat-reception.js';

/** Everything that the monitor knows about one service. */
export interface ServiceState {
  readonly name: string;
  /** The service is always listed, and DOWN if no heartbeat arrives. */
  readonly isExpected: boolean;
  /** The service was running in an earlier run of the monitor and has sent nothing in this run. It stays listed. */
  readonly isRemembered: boolean;
  /** Sorted by id. */
  readonly instances: readonly InstanceState[];
  readonly lastStop: InstanceStop | undefined;
  /** Problems that other services report about this one, one clause each. */
  readonly problemsFromOthers: readonly string[];
  readonly absence: ServiceAbsence;
  /** Wall-clock time of the last heartbeat of any instance, also of removed ones. */
  readonly lastBeatAt: number | undefined;
  readonly status: HealthStatus;
  /** Wall-clock time at which the status began. */
  readonly since: number;
}

/** The last heartbeat of a process that stopped normally. Earlier heartbeats of that process are ignored after it. */
export interface InstanceStop {
  readonly instance: string;
  readonly startedAt: string;
  /** Monotonic time. */
  readonly receivedAt: number;
}

/** The status of a service while it has no instance. */
export interface ServiceAbsence {
  readonly status: 'UNKNOWN' | 'DOWN';
  /** Monotonic time from which the absence counts. */
  readonly countingSince: number;
  readonly restartedBy: SilenceCountRestartCause;
  /** The interval that decides when the service is DOWN: the monitor's, or a longer one from an earlier run. */
  readonly intervalMs: number;
}

export const createServiceAbsence = (
  { countingSince, restartedBy }: HeartbeatReception,
  intervalMs: number,
): ServiceAbsence => ({
  status: 'UNKNOWN',
  countingSince,
  restartedBy,
  intervalMs,
});

export const createServiceState = (
  name: string,
  isExpected: boolean,
  absence: ServiceAbsence,
  now: ClockReading,
): ServiceState => ({
  name,
  isExpected,
  isRemembered: false,
  instances: [],
  lastStop: undefined,
  problemsFromOthers: [],
  absence,
  lastBeatAt: undefined,
  status: 'UNKNOWN',
  since: now.wallMs,
});

/**
 * Applies one of its heartbeats to a service. Repeated and outdated heartbeats change nothing. The status follows later,
 * in {@link updateServiceStatus}.
 */
export function applyHeartbeatToService(
  service: ServiceState,
  heartbeat: Heartbeat,
  thresholds: HealthThresholds,
  now: ClockReading,
): ServiceState {
  const { instances, lastStop } = service;
  const previous = instances.find(({ id }) => id === heartbeat.instance);
  const hasStopped = lastStop?.instance === heartbeat.instance && lastStop.startedAt === heartbeat.startedAt;
  if (hasStopped || (previous && !isNewHeartbeat(previous, heartbeat))) return service;

  const others = instances.filter((instance) => instance !== previous);
  const next = { ...service, isRemembered: false, lastBeatAt: now.wallMs };
  if (heartbeat.status !== 'stopping') {
    const instance = applyHeartbeatToInstance(previous, heartbeat, thresholds, now);
    return { ...next, instances: [...others, instance].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  }
  return {
    ...next,
    instances: others,
    lastStop: {
      instance: heartbeat.instance,
      startedAt: heartbeat.startedAt,
      receivedAt: now.monotonicMs,
    },
    absence: { ...service.absence, status: 'DOWN' },
  };
}

/** Collects the problems that working processes of other services report about a service. */
export const collectProblemsFromOthers = (
  name: string,
  services: readonly ServiceState[],
): readonly string[] =>
  services
    .filter((other) => other.name !== name)
    .flatMap((other) =>
      other.instances
        .filter(isWorking)
        .flatMap(({ problemsOfOthers }) =>
          problemsOfOthers
            .filter(({ service }) => service === name)
            .map(({ detail }) => `${other.name} reports: ${detail}`),
        ),
    );

/** Inputs of a service's status, besides the service itself. */
export interface ServiceStatusInputs {
  readonly thresholds: HealthThresholds;
  readonly reception: HeartbeatReception;
  /** Maintenance replaces any other status. */
  readonly isInMaintenance: boolean;
}

/** Updates a service after time has passed or a heartbeat arrived. This is the only place where a status changes. */
export function updateServiceStatus(
  service: ServiceState,
  { thresholds, reception, isInMaintenance }: ServiceStatusInputs,
  now: ClockReading,
): ServiceState {
  const updated = service.instances.map((instance) => updateInstanceLiveness(instance, reception, now));
  const hasWorkingInstance = updated.some(isWorking);
  const isForgotten = ({ liveness, downAt }: InstanceState) =>
    hasWorkingInstance &&
    liveness === 'DOWN' &&
    getProvenHeartbeatSilenceMs(reception, downAt) >= thresholds.forgetAfterMs;
  const next = {
    ...service,
    instances: updated.filter((instance) => !isForgotten(instance)),
    absence: updateServiceAbsence(service.absence, reception),
  };
  const status = isInMaintenance ? 'MAINTENANCE' : deriveStatus(next);
  return status === service.status ? next : { ...next, status, since: now.wallMs };
}

/** An absent service stays DOWN until a heartbeat arrives or reception is lost. */
function updateServiceAbsence(absence: ServiceAbsence, reception: HeartbeatReception): ServiceAbsence {
  const { intervalMs } = absence;
  if (reception.isLost) return createServiceAbsence(reception, intervalMs);
  if (absence.status === 'DOWN') return absence;
  const { countingSince, restartedBy } = reception;
  const isDown =
    getProvenHeartbeatSilenceMs(reception, countingSince) >= INSTANCE_DOWN_AFTER_INTERVALS * intervalMs;
  return { status: isDown ? 'DOWN' : 'UNKNOWN', countingSince, restartedBy, intervalMs };
}

const isWorking = ({ liveness }: InstanceState): boolean => liveness === 'UP';
const isImpaired = (instance: InstanceState): boolean =>
  !['UP', 'UNKNOWN'].includes(getInstanceStatus(instance));

function deriveStatus({ instances, problemsFromOthers, absence }: ServiceState): HealthStatus {
  if (instances.length === 0) return absence.status;
  if (instances.some(isWorking)) {
    return instances.some(isImpaired) || problemsFromOthers.length > 0 ? 'DEGRADED' : 'UP';
  }
  const livenesses = new Set(instances.map(({ liveness }) => liveness));
  if (livenesses.has('UNKNOWN')) return 'UNKNOWN';
  return livenesses.has('LATE') ? 'LATE' : 'DOWN';
}
