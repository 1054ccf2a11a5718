import {
  formatInstant,
  type ServiceHealth,
  type ServiceInstance,
  type ClockReading,
} from '@seguridad-abc/contracts';
import {
  formatCount,
  getInstanceProblems,
  getInstanceStatus,
  type HealthState,
  type InstanceState,
  type ServiceState,
} from './health-state.js';
import { INSTANCE_RECOVERS_AFTER_HEARTBEATS, INSTANCE_LATE_AFTER_INTERVALS } from './health-thresholds.js';
import {
  getLastReceptionTimeMs,
  type HeartbeatReception,
  type SilenceCountRestartCause,
} from './heartbeat-reception.js';
import { describeMaintenance } from './maintenance.js';
import { formatDuration, formatInterval } from './format-duration.js';

/** Creates the services of a health report, with the figures of the given time. */
export const createServiceHealthList = (state: HealthState, now: ClockReading): ServiceHealth[] =>
  state.services.map((service) => ({
    name: service.name,
    status: service.status,
    reason: describeStatusReason(state, service, now),
    since: formatInstant(service.since),
    lastBeatAt: service.lastBeatAt === undefined ? null : formatInstant(service.lastBeatAt),
    instances: service.instances.map(createServiceInstance),
  }));

const createServiceInstance = (instance: InstanceState): ServiceInstance => ({
  id: instance.id,
  status: getInstanceStatus(instance),
  version: instance.version,
  startedAt: instance.startedAt,
  lastBeatAt: formatInstant(instance.lastBeatAt),
  intervalMs: instance.intervalMs,
});

/** Summarizes statuses and processes. A report must be published at once when this key changes. */
export const createHealthFingerprint = ({ services }: HealthState): string =>
  JSON.stringify(
    services.map(({ name, status, instances }) => [
      name,
      status,
      instances.map((instance) => [instance.id, instance.startedAt, getInstanceStatus(instance)]),
    ]),
  );

/** Describes why a service has its status: one sentence with the figures of the given time. */
export function describeStatusReason(
  { maintenance, reception, thresholds }: HealthState,
  service: ServiceState,
  now: ClockReading,
): string {
  const period = maintenance.find((candidate) => candidate.service === service.name);
  if (period) return describeMaintenance(period);
  if (reception.isLost) {
    const duration = formatDuration(now.monotonicMs - getLastReceptionTimeMs(reception));
    return now.monotonicMs - reception.answeredAt < thresholds.intervalMs
      ? `Redis answers but has delivered no messages for ${duration}: it may be pausing writes, as during a failover`
      : `Redis has been unreachable for ${duration}: heartbeats cannot be received`;
  }
  const { instances, status, lastStop, absence } = service;
  if (status === 'UNKNOWN' && instances.every(({ liveness }) => liveness === 'UNKNOWN')) {
    return `status not determined yet: ${describeNoHeartbeat(reception, now)}`;
  }
  const [first, ...others] = instances;
  if (first) {
    const ownReason =
      others.length === 0
        ? describeInstance(first, reception, now)
        : describeInstances(instances, reception, now);
    return status === 'DEGRADED' ? [...service.problemsFromOthers, ownReason].join('; ') : ownReason;
  }
  return lastStop
    ? `stopped normally ${formatDuration(now.monotonicMs - lastStop.receivedAt)} ago`
    : describeNoHeartbeat(absence, now);
}

const RESTART_DESCRIPTIONS: Record<SilenceCountRestartCause, string> = {
  MONITOR_STARTED: 'the monitor started',
  REDIS_RESTORED: 'the connection to Redis was restored',
  MONITOR_RESUMED: 'the monitor resumed after a pause',
};

const describeNoHeartbeat = (
  { countingSince, restartedBy }: Pick<HeartbeatReception, 'countingSince' | 'restartedBy'>,
  now: ClockReading,
): string => {
  const duration = formatDuration(now.monotonicMs - countingSince);
  return `no heartbeat in the ${duration} since ${RESTART_DESCRIPTIONS[restartedBy]}`;
};

function describeInstance(instance: InstanceState, reception: HeartbeatReception, now: ClockReading): string {
  const { intervalMs, silentSince, receivedAt, endedSilenceMs, liveness } = instance;
  const interval = formatInterval(intervalMs);
  const problems = getInstanceProblems(instance);
  const silenceMs = now.monotonicMs - silentSince;
  switch (liveness) {
    case 'UNKNOWN':
      return describeNoHeartbeat(reception, now);
    case 'UP':
      return problems.length > 0 ? problems.join('; ') : `sends heartbeats as expected, every ${interval}`;
    case 'LATE':
    case 'DOWN':
      if (now.monotonicMs - receivedAt < INSTANCE_LATE_AFTER_INTERVALS * intervalMs) {
        const silence = formatDuration(endedSilenceMs);
        return `1 heartbeat after ${silence} of silence; UP needs ${INSTANCE_RECOVERS_AFTER_HEARTBEATS} in a row, every ${interval}`;
      }
      return liveness === 'LATE'
        ? `heartbeat ${formatDuration(silenceMs - intervalMs)} late; expected every ${interval}`
        : `no heartbeat for ${formatDuration(silenceMs)}; expected every ${interval}`;
  }
}

/** Groups of instances that the reason mentions, worst first. */
const STATUS_GROUPS = [
  ['DOWN', 'down'],
  ['LATE', 'late'],
  ['DEGRADED', 'degraded'],
  ['UNKNOWN', 'of unknown status'],
] as const;

/** Maximum number of instances that a reason names in each group. Reports list every instance beside the reason. */
const MAX_NAMED_INSTANCES = 3;

function describeInstances(
  instances: readonly InstanceState[],
  reception: HeartbeatReception,
  now: ClockReading,
): string {
  const groups = STATUS_GROUPS.flatMap(([status, adjective]) => {
    const members = instances.filter((instance) => getInstanceStatus(instance) === status);
    if (members.length === 0) return [];
    const details = members
      .slice(0, MAX_NAMED_INSTANCES)
      .map((instance) => `${instance.id} (${describeInstance(instance, reception, now)})`);
    if (members.length > MAX_NAMED_INSTANCES) {
      details.push(`${formatCount(members.length - MAX_NAMED_INSTANCES)} more`);
    }
    const share = `${formatCount(members.length)} of ${formatCount(instances.length)} instances`;
    return [`${share} ${members.length === 1 ? 'is' : 'are'} ${adjective}: ${details.join(', ')}`];
  });
  return groups.length > 0 ? groups.join('; ') : describeWorkingInstances(instances);
}

function describeWorkingInstances(instances: readonly InstanceState[]): string {
  const intervals = [...new Set(instances.map(({ intervalMs }) => formatInterval(intervalMs)))];
  return `${formatCount(instances.length)} instances send heartbeats as expected, every ${intervals.join(' or ')}`;
}
