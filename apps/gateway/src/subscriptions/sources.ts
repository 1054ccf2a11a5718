import type { SubscriptionSources } from '@seguridad-abc/executor';
import type { Logger, PubSub } from '@seguridad-abc/platform';
import type { RequestContext } from '../http/request-context.js';
import { alarmChanged } from './alarm-changed.js';
import type { HealthMirror } from './health-mirror.js';
import { heartbeat } from './heartbeat.js';
import { ruleChanged } from './rule-changed.js';

export interface SourcesOptions {
  readonly pubsub: Pick<PubSub, 'subscribe'>;
  readonly mirror: Pick<HealthMirror, 'watch' | 'begin'>;
  readonly logger: Logger;
}

/** This product's subscriptions, by field. */
export const createSources = ({
  pubsub,
  mirror,
  logger,
}: SourcesOptions): SubscriptionSources<RequestContext> => ({
  heartbeat: heartbeat(mirror),
  ruleChanged: ruleChanged(pubsub, logger),
  alarmChanged: alarmChanged(pubsub, logger),
});
