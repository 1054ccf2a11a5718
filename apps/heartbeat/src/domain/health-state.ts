import type { Heartbeat, ClockReading } from '@seguridad-abc/contracts';
import type { HealthThresholds } from './health-thresholds.js';
import { isMaintenanceOver, type MaintenancePeriod } from './maintenance.js';
import {
  advanceReception,
  confirmReception,
  interruptReception,
  type HeartbeatReception,
} from './heartbeat-reception.js';
import {
  applyHeartbeatToService,
  collectProblemsFromOthers,
  createServiceAbsence,
  createServiceState,
  updateServiceStatus,
  type ServiceState,
} from './service-state.js';

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
