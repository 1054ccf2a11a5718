import type { SubscriptionSource } from '@seguridad-abc/executor';
import type { HealthMirror } from './health-mirror.js';

/** The present state of each service asked for, then each change. */
export const heartbeat = (mirror: Pick<HealthMirror, 'watch'>): SubscriptionSource => ({
  snapshot: '{ name status reason since lastBeatAt instances { id status version startedAt lastBeatAt } }',
  subscribe: ({ services }, { signal }) =>
    mirror.watch((services as string[] | null | undefined) ?? null, signal),
});
