import type { HealthStatus, ServiceHealthSnapshot } from '@seguridad-abc/contracts';

/** Worst first. */
const BY_WEIGHT: readonly HealthStatus[] = ['DOWN', 'LATE', 'DEGRADED', 'UNKNOWN', 'MAINTENANCE', 'UP'];

/** How all is, for whoever has no GraphQL at hand. */
export interface Summary {
  /** The worst of all services. */
  readonly status: HealthStatus;
  readonly at: string;
  readonly services: readonly Pick<
    ServiceHealthSnapshot,
    'name' | 'status' | 'reason' | 'since' | 'lastBeatAt'
  >[];
}

export function summarise(services: readonly ServiceHealthSnapshot[], at: string): Summary {
  const present = new Set(services.map(({ status }) => status));
  return {
    status: BY_WEIGHT.find((status) => present.has(status)) ?? 'UNKNOWN',
    at,
    services: services
      .map(({ name, status, reason, since, lastBeatAt }) => ({ name, status, reason, since, lastBeatAt }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
