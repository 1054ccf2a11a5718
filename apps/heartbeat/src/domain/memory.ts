import type { HealthStatus } from '@seguridad-abc/contracts';
import type { Maintenance } from './maintenance.js';
import type { Moment } from './moment.js';
import type { MonitorState } from './monitor.js';
import type { Service } from './service.js';

/** A service as an earlier run of the monitor knew it last. */
export interface RememberedService {
  readonly name: string;
  readonly status: HealthStatus;
  /** Wall clock: when the status began. */
  readonly since: number;
  /** Wall clock. */
  readonly lastBeatAt: number | undefined;
  /** The longest that a process of it promised. */
  readonly intervalMs: number;
  /** It is missed where it is not heard again: it did not say goodbye. */
  readonly missed: boolean;
}

/** What outlives a run of the monitor. */
export interface Memory {
  /** Wall clock: when the monitor was last seen to watch. */
  readonly aliveAt: number;
  readonly services: readonly RememberedService[];
}

/** What a run begins with: what the one before left, if any, and what is in maintenance. */
export interface Recall {
  readonly memory: Memory | undefined;
  readonly maintenance: readonly Maintenance[];
}

export const NOTHING_TO_RECALL: Recall = { memory: undefined, maintenance: [] };

/** What to remember of a run, at this moment. */
export const memoryOf = ({ services }: MonitorState, now: Moment): Memory => ({
  aliveAt: now.wall,
  services: services.map((service) => ({
    name: service.name,
    status: service.status,
    since: service.since,
    lastBeatAt: service.lastBeatAt,
    intervalMs: intervalOf(service),
    missed: service.instances.length > 0 || service.remembered,
  })),
});

const intervalOf = ({ instances, absence }: Service): number =>
  instances.length > 0 ? Math.max(...instances.map(({ intervalMs }) => intervalMs)) : absence.intervalMs;
