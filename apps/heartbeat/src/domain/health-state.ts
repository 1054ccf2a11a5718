import type { Heartbeat, ClockReading, HealthStatus } from '@seguridad-abc/contracts';
import {
  INSTANCE_DOWN_AFTER_INTERVALS,
  INSTANCE_LATE_AFTER_INTERVALS,
  INSTANCE_RECOVERS_AFTER_HEARTBEATS,
  type HealthThresholds,
} from './health-thresholds.js';
import {
  addClockOffset,
  describeClockSkew,
  findClockReference,
  type ClockOffsets,
  type ClockReference,
} from './clock-skew.js';
import {
  advanceReception,
  confirmReception,
  getProvenHeartbeatSilenceMs,
  interruptReception,
  noteRedisAnswer,
  type HeartbeatReception,
  type SilenceCountRestartCause,
} from './heartbeat-reception.js';
import {
  countWaitingEntries,
  describeStalledReaders,
  findLogEnds,
  readLogProgress,
  updateWaitingTimes,
  type LogEnds,
  type LogProgress,
} from './log-progress.js';
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
      applyHeartbeatToService(service, heartbeat, { thresholds: state.thresholds, reception }, now),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
    return updateServiceStatuses({ ...state, services }, reception, now);
  };

/** Applies the arrival of a probe that the monitor published at `sentAt` (monotonic). */
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

/** Applies a reply of Redis to a PING on the connection that receives heartbeats. */
export const applyRedisReply: HealthStateUpdate = (state, now) =>
  updateServiceStatuses(state, noteRedisAnswer(advanceReceptionOf(state, now), now), now);

/** Judges every service of a state whose services were replaced. */
export const updateServices: HealthStateUpdate = (state, now) =>
  updateServiceStatuses(state, advanceReceptionOf(state, now), now);

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
  const comparison = compareInstances(state.services);
  const services = state.services
    .map((service) => {
      const problemsFromOthers = collectProblemsFromOthers(service.name, state.services);
      const isInMaintenance = inMaintenance.has(service.name);
      const inputs = { thresholds, reception, comparison, isInMaintenance };
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

/** Inputs of the effect of a heartbeat, besides the heartbeat itself. */
export interface HeartbeatInputs {
  readonly thresholds: HealthThresholds;
  readonly reception: HeartbeatReception;
}

/**
 * Applies one of its heartbeats to a service. Repeated and outdated heartbeats change nothing. The status follows later,
 * in {@link updateServiceStatus}.
 */
export function applyHeartbeatToService(
  service: ServiceState,
  heartbeat: Heartbeat,
  inputs: HeartbeatInputs,
  now: ClockReading,
): ServiceState {
  const { instances, lastStop } = service;
  const previous = instances.find(({ id }) => id === heartbeat.instance);
  const hasStopped = lastStop?.instance === heartbeat.instance && lastStop.startedAt === heartbeat.startedAt;
  if (hasStopped || (previous && !isNewHeartbeat(previous, heartbeat))) return service;

  const others = instances.filter((instance) => instance !== previous);
  const next = { ...service, isRemembered: false, lastBeatAt: now.wallMs };
  if (heartbeat.status !== 'stopping') {
    const instance = applyHeartbeatToInstance(previous, heartbeat, inputs, now);
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

/** What only a comparison of all processes shows. */
export interface InstanceComparison {
  readonly clockReference: ClockReference;
  readonly logEnds: LogEnds;
}

function compareInstances(services: readonly ServiceState[]): InstanceComparison {
  const all = services.flatMap(({ instances }) => instances);
  return {
    clockReference: findClockReference(
      all.filter(isWorking).flatMap(({ clockOffsets }) => clockOffsets ?? []),
    ),
    logEnds: findLogEnds(all.flatMap(({ log }) => log ?? [])),
  };
}

/** Inputs of a service's status, besides the service itself. */
export interface ServiceStatusInputs {
  readonly thresholds: HealthThresholds;
  readonly reception: HeartbeatReception;
  readonly comparison: InstanceComparison;
  /** Maintenance replaces any other status. */
  readonly isInMaintenance: boolean;
}

/** Updates a service after time has passed or a heartbeat arrived. This is the only place where a status changes. */
export function updateServiceStatus(
  service: ServiceState,
  inputs: ServiceStatusInputs,
  now: ClockReading,
): ServiceState {
  const { thresholds, reception, isInMaintenance } = inputs;
  const updated = service.instances.map((instance) =>
    updateObservedProblems(updateInstanceLiveness(instance, reception, now), inputs, now),
  );
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
  /** Problems that the heartbeats of this process show, one clause each. */
  readonly problems: readonly string[];
  /** Problems that a comparison with other processes shows, one clause each. */
  readonly observedProblems: readonly string[];
  /** The work that waits in this process, as it reports it. */
  readonly lag: Heartbeat['lag'];
  /** Undefined if the process does not report its clock, or not yet. */
  readonly clockOffsets: ClockOffsets | undefined;
  /** Undefined if the process neither writes nor reads an event log. */
  readonly log: LogProgress | undefined;
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
  { thresholds, reception }: HeartbeatInputs,
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
    observedProblems: previous?.observedProblems ?? [],
    lag: heartbeat.lag,
    clockOffsets: hasRestarted
      ? undefined
      : updateClockOffsets(previous?.clockOffsets, heartbeat, reception, now),
    log: heartbeat.log && readLogProgress(previous?.log, heartbeat.log),
    problemsOfOthers: heartbeat.others ?? [],
  };
}

/** Heartbeats show clocks only if the monitor has recently received its own probe: they may have waited otherwise. */
const MAX_PROBE_AGE_MS = 1_000;

function updateClockOffsets(
  offsets: ClockOffsets | undefined,
  { sentAt, intervalMs }: Heartbeat,
  { confirmedUntil, isLost, wasInterrupted }: HeartbeatReception,
  now: ClockReading,
): ClockOffsets | undefined {
  const isDelivered = !isLost && !wasInterrupted && now.monotonicMs - confirmedUntil <= MAX_PROBE_AGE_MS;
  if (sentAt === undefined || !isDelivered) return offsets;
  return addClockOffset(offsets, Date.parse(sentAt) - now.wallMs, intervalMs, now);
}

const isInTime = ({ receivedAt, intervalMs }: InstanceState, now: ClockReading): boolean =>
  now.monotonicMs - receivedAt < INSTANCE_LATE_AFTER_INTERVALS * intervalMs;

/** One heartbeat is enough for an instance whose liveness is UNKNOWN. A silent one needs several, so that it does not flap. */
const getLivenessAfterHeartbeat = (
  previous: InstanceLiveness,
  consecutiveHeartbeats: number,
): InstanceLiveness =>
  previous === 'UNKNOWN' || consecutiveHeartbeats >= INSTANCE_RECOVERS_AFTER_HEARTBEATS ? 'UP' : previous;

/** The problems in a heartbeat: what the process reports, and a figure above its limit. */
function findProblems(
  { status, detail, loopDelayMs }: Heartbeat,
  { maxLoopDelayMs }: HealthThresholds,
): readonly string[] {
  const problems: string[] = [];
  if (status === 'error') {
    problems.push(detail === undefined ? 'reports an error' : `reports an error: ${detail}`);
  }
  if (loopDelayMs > maxLoopDelayMs) {
    const delay = formatCount(Math.round(loopDelayMs));
    problems.push(`event-loop delay ${delay} ms (limit ${formatCount(maxLoopDelayMs)} ms)`);
  }
  return problems;
}

/** Compares a process with the others: its lag behind the end of the log, whether it stands still, and its clock. */
function updateObservedProblems(
  instance: InstanceState,
  { thresholds, reception, comparison }: ServiceStatusInputs,
  now: ClockReading,
): InstanceState {
  const { maxLagEntries, maxClockSkewMs, maxStallMs } = thresholds;
  const { clockReference, logEnds } = comparison;
  const { clockOffsets, lag } = instance;
  const log = instance.log && updateWaitingTimes(instance.log, logEnds, now);
  const observedProblems: string[] = [];
  if (Math.max(lag?.entries ?? 0, log ? countWaitingEntries(log, logEnds) : 0) > maxLagEntries) {
    // Every caller may read health. The exact number would show when users write.
    observedProblems.push(`more than ${formatCount(maxLagEntries)} ${lag?.what ?? 'log entries behind'}`);
  }
  if (log) observedProblems.push(...describeStalledReaders(log, maxStallMs, reception.countingSince, now));
  const skew = clockOffsets && describeClockSkew(clockOffsets, clockReference, maxClockSkewMs);
  if (skew !== undefined) observedProblems.push(skew);
  return { ...instance, log, observedProblems };
}

/** The problems of a process, one clause each. */
export const getInstanceProblems = ({ problems, observedProblems }: InstanceState): readonly string[] => [
  ...problems,
  ...observedProblems,
];

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
export const getInstanceStatus = ({ liveness, problems, observedProblems }: InstanceState): HealthStatus =>
  liveness === 'UP' && problems.length + observedProblems.length > 0 ? 'DEGRADED' : liveness;

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
  /** The term of the report that it agrees with. Absent if older software has saved it. */
  readonly term?: number | undefined;
  /** The id of the last published transition in the history. Absent before the first. */
  readonly lastTransition?: string | undefined;
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
