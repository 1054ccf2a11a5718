import type { ServiceHealthSnapshot } from '@seguridad-abc/contracts';

/** The last status that a subscriber received of each service, by service name: the status and its start. */
export type DeliveredStatuses = ReadonlyMap<string, string>;

/** A service whose status a subscriber does not have yet. */
export interface StatusUpdate {
  readonly service: ServiceHealthSnapshot;
  /** The subscriber's delivered statuses after this update. */
  readonly deliveredStatuses: DeliveredStatuses;
}

/**
 * Finds the updates that a subscriber needs, in the order of `services`: each requested service whose status differs
 * from the delivered one, or began again. A changed reason is not an update, and neither is a service that disappeared.
 * @param requestedNames null requests all services
 */
export function findStatusUpdates(
  delivered: DeliveredStatuses,
  services: readonly ServiceHealthSnapshot[],
  requestedNames: readonly string[] | null,
): readonly StatusUpdate[] {
  const updates: StatusUpdate[] = [];
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
  services: readonly ServiceHealthSnapshot[],
  requestedNames: readonly string[] | null,
): DeliveredStatuses =>
  new Map(
    services
      .filter((service) => isRequested(service, requestedNames))
      .map((service) => [service.name, getStatusKey(service)]),
  );

const isRequested = ({ name }: ServiceHealthSnapshot, requestedNames: readonly string[] | null): boolean =>
  requestedNames === null || requestedNames.includes(name);

/** Equal in every gateway and after restarts, since both parts come from the monitor. */
const getStatusKey = ({ status, since }: ServiceHealthSnapshot): string => `${status} ${since}`;
