import type { Logger, PubSub } from '@seguridad-abc/platform';
import type { Moment } from '../domain/moment.js';
import { createHealthMirror, type HealthMirror } from './health-mirror.js';
import { createReportClient } from './report-client.js';

/** Services that are spoken of before the monitor has been heard. */
const EXPECTED_SERVICES = ['gateway', 'heartbeat', 'monitoring', 'reports'];

export interface ProductMirrorOptions {
  readonly pubsub: Pick<PubSub, 'subscribe' | 'subscriber'>;
  readonly intervalMs: number;
  /** Of the monitor's subgraph, as it is now; undefined where the supergraph has none. */
  readonly monitorUrl: () => string | undefined;
  /** That show the monitor a process of this installation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: () => Moment;
  readonly logger: Logger;
}

/** The mirror of this product's monitor. */
export const createProductMirror = (options: ProductMirrorOptions): HealthMirror => {
  const { intervalMs, monitorUrl, headers, ...rest } = options;
  return createHealthMirror({
    ...rest,
    rules: { intervalMs, expected: EXPECTED_SERVICES },
    fetchReport: createReportClient(monitorUrl, headers),
  });
};
