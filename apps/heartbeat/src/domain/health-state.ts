import type { Heartbeat, ClockReading, HealthStatus } from '@seguridad-abc/contracts';
import {
  INSTANCE_DOWN_AFTER_INTERVALS,
  INSTANCE_LATE_AFTER_INTERVALS,
  INSTANCE_RECOVERS_AFTER_HEARTBEATS,
  type HealthThresholds,
} from './health-thresholds.js';
import {
  advanceReception,
  confirmReception,
  getProvenHeartbeatSilenceMs,
  interruptReception,
  type HeartbeatReception,
  type SilenceCountRestartCause,
} from './heartbeat-reception.js';
import { isMaintenanceOver, type MaintenancePeriod } from './maintenance.js';

/**
 * The state of the health state machine: everything that the monitor knows. Each {@link HealthStateUpdate} evolves it.
 * `docs/adr/0004-health-detection.md` explains the rules.
 */
export interface HealthState {
  readonly thresholds: HealthThresholds;
  readonly reception: HeartbeatReception;
  /** Sorted by name. */
  readonly services: readonly ServiceState[];
  /** Current maintenance periods, at most one for each service. */
  readonly maintenance: readonly MaintenancePeriod[];
}

/** A pure update of the health state. `now` is the time at which its cause occurred. */
export type HealthStateUpdate = (state: HealthState, now: ClockReading) => HealthState;

/** Applies the passing of time. */
export const applyElapsedTime: HealthStateUpdate = (state, now) =>
  updateServiceStatuses(state, advanceReceptionOf(state, now), now);

/** Applies a heartbeat of any service, also of one not known before. */
export const applyHeartbeat =
  (heartbeat: Heartbeat): HealthStateUpdate =>
  (state, now) => {
    const reception = advanceReceptionOf(state, now);
    const known = state.services.find(({ name }) => name === heartbeat.service);
    const service =
      known ??
      createServiceState(
        heartbeat.service,
        false,
        createServiceAbsence(reception, state.thresholds.intervalMs),
        now,
      );
    const services = [
      ...state.services.filter((other) => other !== known),
      applyHeartbeatToService(service, heartbeat, state.thresholds, now),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
    return updateServiceStatuses({ ...state, services }, reception, now);
  };

/** Applies a reply of Redis to a PING on the connection that receives heartbeats, sent at `sentAt` (monotonic). */
export const applyReceptionConfirmation =
  (sentAt: number): HealthStateUpdate =>
  (state, now) => {
    const reception = advanceReceptionOf(state, now);
    return updateServiceStatuses(
      state,
      confirmReception(reception, sentAt, state.thresholds.intervalMs, now),
      now,
    );
  };

/** Applies the loss of the connection that receives heartbeats. */
export const applyRedisConnectionLoss: HealthStateUpdate = (state, now) =>
  updateServiceStatuses(state, interruptReception(advanceReceptionOf(state, now)), now);

/** Starts maintenance of a service. A service already in maintenance gets the new reason and end, and keeps its start. */
export const startMaintenance =
  (maintenance: MaintenancePeriod): HealthStateUpdate =>
  (state, now) => {
    const current = state.maintenance.find(({ service }) => service === maintenance.service);
    const others = state.maintenance.filter((period) => period !== current);
    const next = [...others, { ...maintenance, since: current?.since ?? maintenance.since }];
    return updateServiceStatuses({ ...state, maintenance: next }, advanceReceptionOf(state, now), now);
  };

/** Ends maintenance of a service before its planned end. */
export const endMaintenance =
  (name: string): HealthStateUpdate =>
  (state, now) => {
    const maintenance = state.maintenance.filter(({ service }) => service !== name);
    return updateServiceStatuses({ ...state, maintenance }, advanceReceptionOf(state, now), now);
  };

const advanceReceptionOf = ({ reception, thresholds }: HealthState, now: ClockReading): HeartbeatReception =>
  advanceReception(reception, thresholds.intervalMs, now);

/** Judges every service, ends expired maintenance, and removes services that need not be listed any more. */
function updateServiceStatuses(
  state: HealthState,
  reception: HeartbeatReception,
  now: ClockReading,
): HealthState {
  const { thresholds } = state;
  const maintenance = state.maintenance.filter((period) => !isMaintenanceOver(period, now.wallMs));
  const inMaintenance = new Set(maintenance.map(({ service }) => service));
  const services = state.services
    .map((service) => {
      const problemsFromOthers = collectProblemsFromOthers(service.name, state.services);
      const inputs = { thresholds, reception, isInMaintenance: inMaintenance.has(service.name) };
      return updateServiceStatus({ ...service, problemsFromOthers }, inputs, now);
    })
    .filter(
      ({ name, isExpected, isRemembered, instances }) =>
        isExpected || isRemembered || instances.length > 0 || inMaintenance.has(name),
    );
  return { ...state, reception, services, maintenance };
}

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

/** Whether the last process of a service has ended in order: it is DOWN, but nothing is wrong. */
export const hasStoppedNormally = ({ instances, lastStop }: ServiceState): boolean =>
  instances.length === 0 && lastStop !== undefined;

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
    // Every caller may read health. The exact number would show when users write.
    problems.push(`more than ${formatCount(maxLagEntries)} ${lag.what}`);
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

/** Formats a count with separators: `1,204`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** The part of a service's state that survives a restart of the monitor. Stored as JSON. */
export interface SavedServiceHealth {
  readonly name: string;
  readonly status: HealthStatus;
  /** Wall-clock time at which the status began. */
  readonly since: number;
  /** Wall-clock time. */
  readonly lastBeatAt: number | undefined;
  /** The longest heartbeat interval of its processes. */
  readonly intervalMs: number;
  /** The service did not stop normally, so it is DOWN if it sends no heartbeat in the next run. */
  readonly missed: boolean;
}

/** The part of the health state that survives a restart of the monitor. */
export interface SavedHealth {
  /** Wall-clock time at which the monitor was last known to run. */
  readonly aliveAt: number;
  readonly services: readonly SavedServiceHealth[];
}

/** Extracts the part of the state that is saved. */
export const toSavedHealth = ({ services }: HealthState, now: ClockReading): SavedHealth => ({
  aliveAt: now.wallMs,
  services: services.map((service) => ({
    name: service.name,
    status: service.status,
    since: service.since,
    lastBeatAt: service.lastBeatAt,
    intervalMs: getLongestIntervalMs(service),
    missed: service.instances.length > 0 || service.isRemembered,
  })),
});

const getLongestIntervalMs = ({ instances, absence }: ServiceState): number =>
  instances.length > 0 ? Math.max(...instances.map(({ intervalMs }) => intervalMs)) : absence.intervalMs;
