import { randomUUID } from 'node:crypto';
import { HEALTH_CHANNEL, type HealthReport, type ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import type { PubSub } from '@seguridad-abc/platform';
import { toInstant, type Moment } from './domain/moment.js';

export interface Reporter {
  /** Publishes under the next sequence. Resolves when Redis has it or it is dropped. */
  publish(services: ServiceHealthSnapshot[], now: Moment): Promise<void>;
  /** The same as it is told to one who asks: under the last published sequence. */
  tell(services: ServiceHealthSnapshot[], now: Moment): HealthReport;
  /** Monotonic: when the last report was published. */
  readonly publishedAt: number;
}

/** Numbers the reports of this run of the monitor. */
export function createReporter(pubsub: Pick<PubSub, 'publish'>, intervalMs: number): Reporter {
  const run = randomUUID();
  let sequence = 0;
  let publishedAt = -Infinity;

  const tell = (services: ServiceHealthSnapshot[], now: Moment): HealthReport => ({
    v: 1,
    run,
    sequence,
    at: toInstant(now.wall),
    intervalMs,
    services,
  });
  return {
    tell,
    publish(services, now) {
      sequence += 1;
      publishedAt = now.mono;
      return pubsub.publish(HEALTH_CHANNEL, tell(services, now));
    },
    get publishedAt() {
      return publishedAt;
    },
  };
}
