import type { ServiceHealth } from '@seguridad-abc/contracts';

/** The last status that a subscriber received of each service, by service name: the status and its start. */
export type DeliveredStatuses = ReadonlyMap<string, string>;

/** A service whose status a subscriber does not have yet. */
export interface ServiceStatusUpdate {
  readonly service: ServiceHealth;
  /** The subscriber's delivered statuses after this update. */
  readonly deliveredStatuses: DeliveredStatuses;
}

/**
 * Finds the updates that a subscriber needs, in the order of `services`: each requested service whose status differs
 * from the delivered one, or began again. A changed reason is not an update, and neither is a service that disappeared.
 * @param requestedNames null requests all services
 */
export function findServiceStatusUpdates(
  delivered: DeliveredStatuses,
  services: readonly ServiceHealth[],
  requestedNames: readonly string[] | null,
): readonly ServiceStatusUpdate[] {
  const updates: ServiceStatusUpdate[] = [];
  let deliveredStatuses = delivered;
  for (const service of services) {
    const statusKey = getStatusKey(service);
    if (!isRequested(service, requestedNames) || deliveredStatuses.get(service.name) === statusKey) continue;
    deliveredStatuses = new Map([...deliveredStatuses, [service.name, statusKey]]);
    updates.push({ service, deliveredStatuses });
  }
  return updates;
}

/**
 * The delivered statuses of a subscriber that has received all requested services.
 * @param requestedNames null requests all services
 */
export const toDeliveredStatuses = (
  services: readonly ServiceHealth[],
  requestedNames: readonly string[] | null,
): DeliveredStatuses =>
  new Map(
    services
      .filter((service) => isRequested(service, requestedNames))
      .map((service) => [service.name, getStatusKey(service)]),
  );

const isRequested = ({ name }: ServiceHealth, requestedNames: readonly string[] | null): boolean =>
  requestedNames === null || requestedNames.includes(name);

/** Equal in every gateway and after restarts, since both parts come from the monitor. */
const getStatusKey = ({ status, since }: ServiceHealth): string => `${status} ${since}`;
