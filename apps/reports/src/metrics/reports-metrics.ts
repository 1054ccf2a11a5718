import { addSqliteMetrics, type LogLag, type MetricsRegistry } from '@seguridad-abc/platform';
import type { CheckpointWaiter } from '../consistency/projection-waits.js';
import type { CatchUpWatch } from '../projector/catch-up-watch.js';
import type { Projector } from '../projector/projector.js';
import type { ReadModelUpdater } from '../projector/read-model-updater.js';

export interface ReportsMetricsOptions {
  readonly database: { readonly file: string };
  readonly writer: Pick<ReadModelUpdater, 'checkpoint' | 'setAside' | 'statistics'>;
  readonly projector: Pick<Projector, 'problem'>;
  readonly catchUpWatch: Pick<CatchUpWatch, 'hasCaughtUp'>;
  /** Undefined while it is not known. */
  readonly getLag: () => LogLag | undefined;
  readonly waits: Pick<CheckpointWaiter, 'counts'>;
}

/** Adds the metrics of reports: the projection, its lag, and requests that wait for it. */
export function addReportsMetrics(registry: MetricsRegistry, options: ReportsMetricsOptions): void {
  const { database, writer, projector, catchUpWatch, getLag, waits } = options;
  const { statistics } = writer;
  addSqliteMetrics(registry, 'reports', database, statistics.commitDurations);
  registry.addGauge(
    'abc_projection_position',
    'Position of the event log up to which the read model holds it.',
    () => writer.checkpoint.position,
  );
  registry.addGauge(
    'abc_projection_lag_entries',
    'Entries of the event log that the read model lacks.',
    () => getLag()?.entries,
  );
  registry.addGauge(
    'abc_projection_lag_seconds',
    'How long the oldest entry that the read model lacks has waited at least; 0 if it lacks none.',
    () => getLag()?.seconds,
  );
  registry.addDurations(
    'abc_projection_delay_seconds',
    'Time from the instant of an event until queries can read it; one for each transaction.',
    () => [{ durations: statistics.delays }],
  );
  registry.addCounter(
    'abc_projection_entries_total',
    'Entries of the event log that were projected.',
    () => statistics.entryCount,
  );
  registry.addGauge(
    'abc_projection_caught_up',
    'Whether the read model has reached the end of the event log since the start: 1 or 0.',
    () => Number(catchUpWatch.hasCaughtUp),
  );
  registry.addGauge(
    'abc_log_follower_problem',
    'Whether a reader of the event log does not advance: waiting (it recovers by itself) or blocked (a person must act).',
    () =>
      (['waiting', 'blocked'] as const).map((kind) => ({
        labels: { follower: 'projector', kind },
        value: projector.problem?.kind === kind ? 1 : 0,
      })),
    ['follower', 'kind'],
  );
  registry.addGauge(
    'abc_projection_entries_set_aside',
    'Entries that are not in the read model, because they cannot be read or projected.',
    () => writer.setAside.count,
  );
  registry.addCounter(
    'abc_consistency_waits_total',
    'Queries with a consistency token: current at once, reached after a wait, or timed out with older data.',
    () =>
      Object.entries<number>({ ...waits.counts }).map(([outcome, value]) => ({ labels: { outcome }, value })),
    ['outcome'],
  );
}
