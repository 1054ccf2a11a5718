import type { SubscriptionSources } from '@seguridad-abc/executor';
import type { Logger, PubSub } from '@seguridad-abc/platform';
import type { RequestContext } from '../operations/request-context.js';
import type { AlarmChange } from '@seguridad-abc/contracts';
import type { FetchChanges } from './change-feed.js';
import { alarmChanged, ruleChanged } from './change-sources.js';
import { channelSource } from './channel-source.js';
import type { Channels } from './channels.js';
import type { HealthMirror } from './health-mirror.js';
import { heartbeat } from './heartbeat.js';

export interface SourcesOptions {
  readonly pubsub: Pick<PubSub, 'subscribe' | 'subscriber'>;
  readonly mirror: Pick<HealthMirror, 'watch' | 'begin'>;
  readonly fetchAlarmChanges: FetchChanges<AlarmChange>;
  /** Of other supergraphs' fields, or in place of the product's own. */
  readonly channels: Channels;
  readonly logger: Logger;
}

/** Where the events of subscription fields come from, by field. */
export function createSources(options: SourcesOptions): SubscriptionSources<RequestContext> {
  const { pubsub, mirror, fetchAlarmChanges, channels, logger } = options;
  return {
    heartbeat: heartbeat(mirror),
    ruleChanged: ruleChanged({ pubsub, logger }),
    alarmChanged: alarmChanged({ pubsub, fetchChanges: fetchAlarmChanges, logger }),
    ...Object.fromEntries(
      [...channels].map(([field, channel]) => [field, channelSource(channel, pubsub, logger)]),
    ),
  };
}
