import type {
  ClockReading,
  HealthReport,
  HealthStatus,
  ServiceHealth,
  ServiceInstance,
} from '@seguridad-abc/contracts';
import {
  createServiceAbsence,
  createServiceState,
  updateServices,
  type HealthState,
  type HealthStateUpdate,
  type InstanceLiveness,
  type InstanceState,
  type SavedHealth,
  type ServiceState,
} from './health-state.js';
import { INSTANCE_DOWN_AFTER_INTERVALS } from './health-thresholds.js';
import type { HealthTransition } from './health-transitions.js';
import { describeStatusReason } from './reported-health.js';

/** Sequence of an instance that is known from the report of another monitor only. Heartbeats count from 1. */
const ADOPTED_SEQUENCE = 0;

/**
 * Applies a report of another monitor: adopts what this monitor has not seen itself. A monitor that has just started, or has lost
 * its connection, then knows every process as the speaker does. What this monitor has seen itself stays.
 */
export const adoptPublishedHealth =
  (report: HealthReport): HealthStateUpdate =>
  (state, now) => {
    const published = new Map(report.services.map((service) => [service.name, service]));
    const unknown = report.services
      .filter(({ name }) => !state.services.some((service) => service.name === name))
      .map(({ name, instances }) => ({
        ...createServiceState(
          name,
          false,
          createServiceAbsence(state.reception, state.thresholds.intervalMs),
          now,
        ),
        // Without instances, it was running in an earlier run of the other monitor.
        isRemembered: instances.length === 0,
      }));
    const services = [...state.services, ...unknown].map((service) => {
      const theirs = published.get(service.name);
      return theirs ? adoptService(service, theirs, report, now) : withoutAdoptedInstances(service);
    });
    return updateServices({ ...state, services: services.sort((a, b) => (a.name < b.name ? -1 : 1)) }, now);
  };

function adoptService(
  service: ServiceState,
  theirs: ServiceHealth,
  report: HealthReport,
  now: ClockReading,
): ServiceState {
  const { lastStop, absence } = service;
  const adopted = theirs.instances.flatMap((instance): InstanceState[] => {
    const own = service.instances.find(({ id }) => id === instance.id);
    // The report may be older than the last heartbeat of a process that has ended.
    if (lastStop?.instance === instance.id && lastStop.startedAt === instance.startedAt) return [];
    if (!own || own.sequence === ADOPTED_SEQUENCE) return [createAdoptedInstance(instance, report, now)];
    return own.startedAt === instance.startedAt ? [adoptLiveness(own, instance, report, now)] : [];
  });
  const isAdoptedAnew = ({ id }: InstanceState) => adopted.some((instance) => instance.id === id);
  const isStillKnown = ({ id, sequence }: InstanceState) =>
    sequence !== ADOPTED_SEQUENCE || theirs.instances.some((instance) => instance.id === id);
  const kept = service.instances.filter((instance) => !isAdoptedAnew(instance) && isStillKnown(instance));
  const lastBeatAt = theirs.lastBeatAt === null ? undefined : toOwnClock(theirs.lastBeatAt, report, now);
  return {
    ...service,
    instances: [...kept, ...adopted].sort((a, b) => (a.id < b.id ? -1 : 1)),
    lastBeatAt: service.lastBeatAt ?? lastBeatAt,
    absence:
      theirs.instances.length === 0 && theirs.status === 'DOWN' ? { ...absence, status: 'DOWN' } : absence,
  };
}

const withoutAdoptedInstances = (service: ServiceState): ServiceState => ({
  ...service,
  instances: service.instances.filter(({ sequence }) => sequence !== ADOPTED_SEQUENCE),
});

/** Part of an interval. Heartbeats whose ages differ by less are the same one. */
const SAME_HEARTBEAT_PART = 0.25;

/**
 * Takes the liveness that was published, unless this monitor has received a later heartbeat. Two monitors that have started at
 * different times may otherwise differ, because each counts only the silence that it can prove. A longer silence that this monitor can
 * prove counts afterwards.
 */
function adoptLiveness(
  own: InstanceState,
  instance: ServiceInstance,
  report: HealthReport,
  now: ClockReading,
): InstanceState {
  const liveness = toLiveness(instance);
  if (liveness === 'UNKNOWN' || liveness === own.liveness) return own;
  const ageMs = getAgeMs(instance.lastBeatAt, report);
  const ownAgeMs = now.monotonicMs - own.receivedAt;
  const differenceMs = SAME_HEARTBEAT_PART * own.intervalMs;
  if (ownAgeMs < ageMs - differenceMs) return own;
  const isTheirsLater = ageMs < ownAgeMs - differenceMs;
  const adopted = createAdoptedInstance(instance, report, now);
  const { receivedAt, lastBeatAt, silentSince, downAt } = isTheirsLater ? adopted : own;
  return {
    ...own,
    liveness,
    receivedAt,
    lastBeatAt,
    silentSince,
    downAt: liveness === 'UP' ? downAt : adopted.downAt,
  };
}

/** The age of an instant follows from the clock of the other monitor alone, which may differ from the clock of this one. */
const getAgeMs = (instant: string, report: HealthReport): number =>
  Math.max(0, Date.parse(report.at) - Date.parse(instant));

const toOwnClock = (instant: string, report: HealthReport, now: ClockReading): number =>
  now.wallMs - getAgeMs(instant, report);

function createAdoptedInstance(
  instance: ServiceInstance,
  report: HealthReport,
  now: ClockReading,
): InstanceState {
  const { id, startedAt, version, intervalMs = report.intervalMs } = instance;
  const ageMs = getAgeMs(instance.lastBeatAt, report);
  const receivedAt = now.monotonicMs - ageMs;
  return {
    id,
    startedAt,
    replacedStartedAt: undefined,
    sequence: ADOPTED_SEQUENCE,
    version,
    intervalMs,
    receivedAt,
    lastBeatAt: now.wallMs - ageMs,
    liveness: toLiveness(instance),
    consecutiveHeartbeats: 0,
    silentSince: receivedAt,
    endedSilenceMs: 0,
    downAt: now.monotonicMs - Math.max(0, ageMs - INSTANCE_DOWN_AFTER_INTERVALS * intervalMs),
    problems: instance.status === 'DEGRADED' ? ['degraded in the last report of another monitor'] : [],
    observedProblems: [],
    lag: undefined,
    clockOffsets: undefined,
    log: undefined,
    problemsOfOthers: [],
  };
}

function toLiveness({ status }: ServiceInstance): InstanceLiveness {
  switch (status) {
    case 'UP':
    case 'DEGRADED':
      return 'UP';
    case 'LATE':
    case 'DOWN':
      return status;
    case 'UNKNOWN':
    case 'MAINTENANCE':
      return 'UNKNOWN';
  }
}

/** The status of a service that was published or saved last. */
export interface LastStatus {
  readonly name: string;
  readonly status: HealthStatus;
  /** Wall-clock time at which the status began. */
  readonly since: number;
}

/** The last published statuses, from a report. */
export const getReportedStatuses = (report: HealthReport): LastStatus[] =>
  report.services.map(({ name, status, since }) => ({ name, status, since: Date.parse(since) }));

/** The health of a monitor that continues what was published last. */
export interface ContinuedHealth<Transition> {
  readonly state: HealthState;
  /** Status changes from what was published last to this state, in order. */
  readonly transitions: readonly Transition[];
}

/**
 * Continues from the statuses that were published last, by this monitor or another one. A service with the same status keeps the
 * published start of it: subscribers, whose cursors contain it, notice nothing. Other services change with a transition.
 * @param observed the status changes that this monitor has seen since then, in order
 */
export function continueHealth<Transition extends HealthTransition>(
  state: HealthState,
  last: readonly LastStatus[],
  observed: readonly Transition[],
  now: ClockReading,
): ContinuedHealth<Transition | HealthTransition> {
  const published = new Map(last.map((service) => [service.name, service]));
  const transitions: (Transition | HealthTransition)[] = [];
  const current = new Map<string, { readonly status: HealthStatus; readonly since: number }>(published);
  for (const transition of observed) {
    const from = current.get(transition.service)?.status ?? 'UNKNOWN';
    if (from === transition.to) continue;
    transitions.push({ ...transition, from });
    current.set(transition.service, { status: transition.to, since: transition.at });
  }
  const services = state.services.map((service) => {
    const reached = current.get(service.name);
    current.delete(service.name);
    if (!reached && service.status === 'UNKNOWN') return service;
    if (reached?.status === service.status) return { ...service, since: reached.since };
    // This monitor has had another status since before the last report.
    const at = reached && service.since <= reached.since ? now.wallMs : service.since;
    const reason = describeStatusReason(state, service, now);
    const { name, status: to } = service;
    transitions.push({ service: name, from: reached?.status ?? 'UNKNOWN', to, at, reason });
    return { ...service, since: at };
  });
  // Only services that this monitor does not list are left in the map.
  for (const [name, { status }] of current) {
    if (status === 'UNKNOWN') continue;
    const reason = 'not known to the monitor that speaks now: no longer monitored';
    transitions.push({ service: name, from: status, to: 'UNKNOWN', at: now.wallMs, reason });
  }
  return { state: { ...state, services }, transitions };
}

/** Converts a report to the health that a run of the monitor restores. */
export const toSavedHealthOfReport = (report: HealthReport): SavedHealth => ({
  aliveAt: Date.parse(report.at),
  term: report.term ?? 0,
  services: report.services.map(({ name, status, since, lastBeatAt, instances }) => ({
    name,
    status,
    since: Date.parse(since),
    lastBeatAt: lastBeatAt === null ? undefined : Date.parse(lastBeatAt),
    intervalMs: Math.max(...instances.map(({ intervalMs }) => intervalMs ?? 0), report.intervalMs),
    missed: instances.length > 0,
  })),
});

/** Replaces the statuses by those that were published: a monitor that only listens saves what the speaker says. */
export function withPublishedStatuses(state: HealthState, report: HealthReport): HealthState {
  const published = new Map(getReportedStatuses(report).map((service) => [service.name, service]));
  return {
    ...state,
    services: state.services.map((service) => {
      const theirs = published.get(service.name);
      return theirs ? { ...service, status: theirs.status, since: theirs.since } : service;
    }),
  };
}
