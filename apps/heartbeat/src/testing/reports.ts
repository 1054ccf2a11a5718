import {
  HEALTH_CHANNEL,
  healthReportSchema,
  type HealthReport,
  type HealthStatus,
} from '@seguridad-abc/contracts';
import { Redis } from 'ioredis';

/** Every report that one subscriber has received. */
export interface Reports {
  readonly all: readonly HealthReport[];
  /** The first report that passes, of those received from `from` on or yet to come. */
  first(test: (report: HealthReport) => boolean, from?: number): Promise<HealthReport>;
  /** The first report in which the service has that status. */
  becomes(name: string, status: HealthStatus, from?: number): Promise<HealthReport>;
  /** The statuses of a service, each change once. */
  changes(name: string): HealthStatus[];
  close(): void;
}

export const serviceIn = (report: HealthReport, name: string) =>
  report.services.find((service) => service.name === name);

export async function collectReports(redisUrl: string): Promise<Reports> {
  const redis = new Redis(redisUrl, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const all: HealthReport[] = [];
  const waiting = new Set<() => void>();
  redis.on('message', (_channel, message) => {
    all.push(healthReportSchema.parse(JSON.parse(message)));
    for (const look of [...waiting]) look();
  });
  await redis.subscribe(HEALTH_CHANNEL);

  const first: Reports['first'] = (test, from = 0) =>
    new Promise((resolve) => {
      const look = () => {
        const found = all.slice(from).find(test);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });

  return {
    all,
    first,
    becomes: (name, status, from) => first((report) => serviceIn(report, name)?.status === status, from),
    changes(name) {
      const statuses = all.flatMap((report) => serviceIn(report, name)?.status ?? []);
      return statuses.filter((status, i) => status !== statuses[i - 1]);
    },
    close: () => redis.disconnect(),
  };
}
