import type { SubscriptionSources } from '@seguridad-abc/executor';
import type { Logger, PubSub } from '@seguridad-abc/platform';
import type { Moment } from '../domain/moment.js';
import { createHealthMirror } from './health-mirror.js';
import { heartbeat } from './heartbeat.js';
import { createReportClient } from './report-client.js';
import { ruleChanged } from './rule-changed.js';

/** Services that are spoken of before the monitor has been heard. */
const EXPECTED_SERVICES = ['gateway', 'heartbeat', 'monitoring', 'reports'];

export interface SourcesOptions {
  readonly pubsub: Pick<PubSub, 'subscribe' | 'subscriber'>;
  readonly intervalMs: number;
  /** Of the monitor's subgraph; undefined where the supergraph has none. */
  readonly monitorUrl: string | undefined;
  readonly clock: () => Moment;
  readonly logger: Logger;
}

/** This product's subscriptions, by field. */
export function createSources(options: SourcesOptions): SubscriptionSources {
  const { pubsub, intervalMs, monitorUrl, clock, logger } = options;
  const mirror = createHealthMirror({
    rules: { intervalMs, expected: EXPECTED_SERVICES },
    pubsub,
    fetchReport: monitorUrl === undefined ? undefined : createReportClient(monitorUrl),
    clock,
    logger,
  });
  return { heartbeat: heartbeat(mirror), ruleChanged: ruleChanged(pubsub, logger) };
}
