import type { ServiceInstanceSnapshot, ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import type { Instance } from './instance.js';
import { reasonOfMaintenance } from './maintenance.js';
import { toInstant, type Moment } from './moment.js';
import type { MonitorState } from './monitor.js';
import { reasonOf } from './reason.js';
import { instanceStatus, type Service } from './service.js';

/** What the monitor knows, as others are told it at this moment. */
export const snapshot = (state: MonitorState, now: Moment): ServiceHealthSnapshot[] =>
  state.services.map((service) => ({
    name: service.name,
    status: service.status,
    reason: reasonIn(state, service, now),
    since: toInstant(service.since),
    lastBeatAt: service.lastBeatAt === undefined ? null : toInstant(service.lastBeatAt),
    instances: service.instances.map(instanceSnapshot),
  }));

/** Why a service has its status. */
export function reasonIn({ maintenance, watch }: MonitorState, service: Service, now: Moment): string {
  const own = maintenance.find((one) => one.service === service.name);
  return own ? reasonOfMaintenance(own) : reasonOf(service, watch, now);
}

const instanceSnapshot = (instance: Instance): ServiceInstanceSnapshot => ({
  id: instance.id,
  status: instanceStatus(instance),
  version: instance.version,
  startedAt: instance.startedAt,
  lastBeatAt: toInstant(instance.lastBeatAt),
});

/** What a report must be published for at once: statuses, and which processes there are. */
export const outline = ({ services }: MonitorState): string =>
  JSON.stringify(
    services.map(({ name, status, instances }) => [
      name,
      status,
      instances.map((instance) => [instance.id, instance.startedAt, instanceStatus(instance)]),
    ]),
  );
