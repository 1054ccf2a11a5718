import type { HealthStatus, ClockReading } from '@seguridad-abc/contracts';
import {
  createServiceAbsence,
  createServiceState,
  type HealthState,
  type SavedHealth,
  type SavedServiceHealth,
  type ServiceState,
} from './health-state.js';
import type { HealthThresholds } from './health-thresholds.js';
import type { HealthTransition } from './health-transitions.js';
import { createHeartbeatReception } from './heartbeat-reception.js';
import { isMaintenanceOver, type MaintenancePeriod } from './maintenance.js';

/** A service that is not expected is forgotten after this silence, counted while the monitor was running. */
const REMEMBER_SILENT_SERVICE_MS = 7 * 24 * 60 * 60 * 1_000; // 7 days

/** Everything that a run of the monitor restores from its database. */
export interface RestoredHealthData {
  /** Undefined in the first run. */
  readonly health: SavedHealth | undefined;
  readonly maintenance: readonly MaintenancePeriod[];
}

/** The data of a first run. */
export const NO_RESTORED_HEALTH_DATA: RestoredHealthData = { health: undefined, maintenance: [] };

/** The start of a run of the monitor. */
export interface InitialHealth {
  readonly state: HealthState;
  /** Status changes of restored services, dated at the end of the previous run, since no run observed them after it. */
  readonly transitions: readonly HealthTransition[];
}

/** Creates the initial state of a run from the settings and the data of the previous run. */
export function createInitialHealth(
  thresholds: HealthThresholds,
  { health, maintenance: storedMaintenance }: RestoredHealthData,
  now: ClockReading,
): InitialHealth {
  const reception = createHeartbeatReception(now);
  const maintenance = storedMaintenance.filter((period) => !isMaintenanceOver(period, now.wallMs));
  const offSince = Math.min(health?.aliveAt ?? now.wallMs, now.wallMs);
  const saved = new Map(health?.services.map((service) => [service.name, service]));
  const listed = new Set([
    ...thresholds.expectedServices,
    ...maintenance.map(({ service }) => service),
    ...[...saved.values()].filter((service) => isStillMissed(service, health)).map(({ name }) => name),
  ]);

  const createInitialServiceState = (name: string): ServiceState => {
    const known = saved.get(name);
    const isExpected = thresholds.expectedServices.includes(name);
    const intervalMs = Math.max(thresholds.intervalMs, known?.intervalMs ?? 0);
    const period = maintenance.find(({ service }) => service === name);
    const status = period ? 'MAINTENANCE' : 'UNKNOWN';
    return {
      ...createServiceState(name, isExpected, createServiceAbsence(reception, intervalMs), now),
      isRemembered: known?.missed ?? false,
      lastBeatAt: known?.lastBeatAt,
      status,
      since: getStatusStart(status, known, { offSince, fallback: period?.since ?? now.wallMs }),
    };
  };
  const services = [...listed].sort().map(createInitialServiceState);
  const states = new Map(services.map((service) => [service.name, service]));
  const transitions = [...saved.values()].flatMap(({ name, status: from }): HealthTransition[] => {
    const { status: to, since: at } = states.get(name) ?? { status: 'UNKNOWN' as const, since: offSince };
    return from === to ? [] : [{ service: name, from, to, at, reason: 'the monitor was not running' }];
  });
  return { state: { thresholds, reception, services, maintenance }, transitions };
}

const isStillMissed = (
  { missed, lastBeatAt }: SavedServiceHealth,
  health: SavedHealth | undefined,
): boolean =>
  missed &&
  lastBeatAt !== undefined &&
  health !== undefined &&
  health.aliveAt - lastBeatAt < REMEMBER_SILENT_SERVICE_MS;

/** An unchanged status keeps its start. A changed one began when the previous run ended. */
function getStatusStart(
  status: HealthStatus,
  known: SavedServiceHealth | undefined,
  { offSince, fallback }: { readonly offSince: number; readonly fallback: number },
): number {
  if (!known) return fallback;
  return known.status === status ? known.since : offSince;
}
