import { UserFacingError } from '../../shared/errors.js';
import { SERVICES, type ServiceName } from '../../shared/installation-settings.js';

/** How many processes of each service run. */
export type InstanceCounts = Readonly<Record<ServiceName, number>>;

/** The ports of a topology. Each is at a fixed distance from that of the balancer, so that its number is known. */
export interface TopologyPorts {
  readonly balancer: number;
  /** By service. The first is that of instance 1. */
  readonly services: Readonly<Record<ServiceName, readonly number[]>>;
  readonly postgres: { readonly primary: number; readonly replica: number };
  readonly redis: readonly number[];
  readonly sentinels: readonly number[];
}

/** The ports of a service begin at this distance from that of the balancer; instance 1 has the next one. */
const SERVICE_DISTANCES: Readonly<Record<ServiceName, number>> = {
  gateway: 10,
  monitoring: 20,
  reports: 30,
  heartbeat: 40,
};
const POSTGRES_DISTANCE = 50;
const REDIS_DISTANCE = 60;
const SENTINEL_DISTANCE = 70;
const REDIS_COUNT = 2;
const SENTINEL_COUNT = 3;
/** More would need the ports of the next service. */
export const MAX_INSTANCES = 9;
/** The greatest distance of a port from that of the balancer. */
export const MAX_PORT_DISTANCE = SENTINEL_DISTANCE + SENTINEL_COUNT;
const MAX_PORT = 65_535;

/**
 * Assigns the ports of a topology.
 * @param balancer the port for clients
 * @throws UserFacingError if the port is none, or too high for the others
 */
export function assignTopologyPorts(balancer: number, counts: InstanceCounts): TopologyPorts {
  const max = MAX_PORT - MAX_PORT_DISTANCE;
  if (!Number.isInteger(balancer) || balancer < 1 || balancer > max)
    throw new UserFacingError(
      `GATEWAY_PORT must be a whole number from 1 to ${max}: the other programs use ports above it.`,
    );
  const createRange = (distance: number, count: number) =>
    Array.from({ length: count }, (_, index) => balancer + distance + index + 1);
  const services = Object.fromEntries(
    SERVICES.map(({ name }) => [name, createRange(SERVICE_DISTANCES[name], counts[name])]),
  ) as Record<ServiceName, number[]>;
  const [primary = 0, replica = 0] = createRange(POSTGRES_DISTANCE, 2);
  return {
    balancer,
    services,
    postgres: { primary, replica },
    redis: createRange(REDIS_DISTANCE, REDIS_COUNT),
    sentinels: createRange(SENTINEL_DISTANCE, SENTINEL_COUNT),
  };
}

/** All ports of a topology with the names of their programs. */
export const listTopologyPorts = (
  ports: TopologyPorts,
): readonly (readonly [name: string, port: number])[] => [
  ['balancer', ports.balancer],
  ...SERVICES.flatMap(({ name }) =>
    ports.services[name].map((port, index) => [`${name}-${index + 1}`, port] as const),
  ),
  ['postgres-1', ports.postgres.primary],
  ['postgres-2', ports.postgres.replica],
  ...ports.redis.map((port, index) => [`redis-${index + 1}`, port] as const),
  ...ports.sentinels.map((port, index) => [`sentinel-${index + 1}`, port] as const),
];
