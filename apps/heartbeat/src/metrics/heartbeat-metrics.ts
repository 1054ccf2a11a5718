import { HEALTH_STATUSES, type HealthReport } from '@seguridad-abc/contracts';
import { addSqliteMetrics, type DurationHistogram, type MetricsRegistry } from '@seguridad-abc/platform';

/** Services of which metrics are given. Heartbeats of others may name any number. */
const MAX_SERVICES = 100;

export interface HeartbeatMetricsOptions {
  /** Without a file: PostgreSQL. */
  readonly database: { readonly file: string | undefined };
  readonly saveDurations: DurationHistogram;
  readonly createReport: () => HealthReport;
  /** Whether heartbeats can be received. */
  readonly isReceiving: () => boolean;
  /** Whether this monitor publishes the health reports. */
  readonly isSpeaking: () => boolean;
  /** Why the health history cannot be written. */
  readonly getWriteError: () => string | undefined;
}

/** Adds the metrics of heartbeat: the health of every service, as its reports have it. */
export function addHeartbeatMetrics(registry: MetricsRegistry, options: HeartbeatMetricsOptions): void {
  const { database, saveDurations, createReport, isReceiving, isSpeaking, getWriteError } = options;
  const { file } = database;
  if (file !== undefined) addSqliteMetrics(registry, 'heartbeat', { file }, saveDurations);
  else
    registry.addDurations(
      'abc_postgres_transaction_duration_seconds',
      'Time from the begin of a writing transaction until it is on the disk of the server.',
      () => [{ labels: { database: 'heartbeat' }, durations: saveDurations }],
    );
  const listServices = () => {
    const { at, services } = createReport();
    return services.slice(0, MAX_SERVICES).map((service) => ({ ...service, reportedAt: at }));
  };
  registry.addGauge(
    'abc_service_status',
    'The health of a service: 1 for its present status, 0 for the others.',
    () =>
      listServices().flatMap(({ name, status }) =>
        HEALTH_STATUSES.map((each) => ({
          labels: { service: name, status: each },
          value: each === status ? 1 : 0,
        })),
      ),
    ['service', 'status'],
  );
  registry.addGauge(
    'abc_service_last_heartbeat_age_seconds',
    'Time since the last heartbeat of a service; no sample before the first.',
    () =>
      listServices().map(({ name, lastBeatAt, reportedAt }) => ({
        labels: { service: name },
        value:
          lastBeatAt === null
            ? undefined
            : Math.max(0, Date.parse(reportedAt) - Date.parse(lastBeatAt)) / 1_000,
      })),
    ['service'],
  );
  registry.addGauge(
    'abc_service_instances',
    'Known processes of a service.',
    () =>
      listServices().map(({ name, instances }) => ({ labels: { service: name }, value: instances.length })),
    ['service'],
  );
  registry.addGauge(
    'abc_heartbeats_receivable',
    'Whether heartbeats can be received over Redis: 1 or 0.',
    () => Number(isReceiving()),
  );
  registry.addGauge(
    'abc_monitor_speaks',
    'Whether this monitor publishes the health reports: 1 or 0. Of several monitors, one does.',
    () => Number(isSpeaking()),
  );
  registry.addGauge(
    'abc_health_history_writable',
    'Whether the last write of the health history succeeded: 1 or 0.',
    () => Number(getWriteError() === undefined),
  );
}
