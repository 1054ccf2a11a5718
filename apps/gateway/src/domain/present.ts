import type { HealthStatus, ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import { intervalOf, type Mirror } from './mirror.js';
import { toInstant } from './moment.js';

/** The service that the monitor is. */
const MONITOR = 'heartbeat';

/**
 * The state of every service that is to be told now, by name.
 * @returns undefined while it is too early to say anything
 */
export function present(mirror: Mirror): readonly ServiceHealthSnapshot[] | undefined {
  switch (mirror.phase) {
    case 'waiting':
      return undefined;
    case 'unheard':
      return unheard(mirror);
    case 'hearing':
      return mirror.report?.services ?? [];
    case 'silent':
      return silent(mirror);
  }
}

/** The same for one who asks and does not wait. */
export const presentAtOnce = (mirror: Mirror): readonly ServiceHealthSnapshot[] =>
  present(mirror) ?? unheard(mirror);

/** Without the monitor nothing is known of anybody, but that it does not do its work. */
function silent(mirror: Mirror): ServiceHealthSnapshot[] {
  const { silence, report, began } = mirror;
  if (!silence) return [];
  const known = report?.services ?? unheard(mirror);
  const monitor = known.find(({ name }) => name === MONITOR) ?? unknown(MONITOR, toInstant(began));
  const judge = (
    service: ServiceHealthSnapshot,
    status: HealthStatus,
    reason: string,
  ): ServiceHealthSnapshot => ({
    ...service,
    status,
    reason,
    since: service.status === status ? service.since : silence.since,
    instances: service.instances.map((instance) => ({ ...instance, status })),
  });
  const due = intervalOf(mirror);
  return [
    judge(monitor, 'DOWN', `no report for ${seconds(silence.ms)}; one every ${seconds(due)} is due`),
    ...known
      .filter((service) => service !== monitor)
      .map((service) => judge(service, 'UNKNOWN', `the monitor is silent for ${seconds(silence.ms)}`)),
  ];
}

const unheard = ({ rules, began }: Mirror): ServiceHealthSnapshot[] =>
  rules.expected.map((name) => unknown(name, toInstant(began)));

const unknown = (name: string, since: string): ServiceHealthSnapshot => ({
  name,
  status: 'UNKNOWN',
  reason: 'not heard yet',
  since,
  lastBeatAt: null,
  instances: [],
});

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
