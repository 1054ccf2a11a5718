import type { ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import type { SubscriptionArguments, SubscriptionSource } from '@seguridad-abc/executor';
import type { HealthMirror } from './health-mirror.js';

/** The present state of each service asked for, then each change. */
export const heartbeat = (mirror: Pick<HealthMirror, 'watch' | 'begin'>): SubscriptionSource => ({
  type: 'ServiceHealth',
  snapshot: '{ name status reason since lastBeatAt instances { id status version startedAt lastBeatAt } }',
  dependsOnCaller: false,
  resumeArgument: 'after',
  stateKey: (value) => (value as ServiceHealthSnapshot).name,
  subscribe: (args, { signal }) => mirror.watch(servicesIn(args), signal),
  backfill: (args, { after, signal }) => mirror.begin(servicesIn(args), after, signal),
});

const servicesIn = ({ services }: SubscriptionArguments) => (services as string[] | null | undefined) ?? null;
