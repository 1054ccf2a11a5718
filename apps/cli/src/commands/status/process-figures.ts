import { formatDuration } from '../../command-line/progress.js';

/** The samples of `GET /metrics`, by name and labels as Prometheus' text format has them: `abc_queue_length{queue="planning"}`. */
export type ProcessFigures = Readonly<Record<string, number>>;

const SAMPLE_LINE = /^([a-z_:][\w:]*(?:\{.*\})?) ([-+.\dA-Za-z]+)$/;
const BUCKET_SAMPLE = /^\w+_bucket\{/;

/** Parses Prometheus' text format. The buckets of histograms, and what is no finite number, are left out. */
export function parseProcessFigures(text: string): ProcessFigures {
  const figures: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const [, sample, value] = SAMPLE_LINE.exec(line) ?? [];
    if (sample === undefined || BUCKET_SAMPLE.test(sample) || !Number.isFinite(Number(value))) continue;
    figures[sample] = Number(value);
  }
  return figures;
}

type FormatFigure = (value: number) => string;

const formatBytes: FormatFigure = (bytes) => `${Math.round(bytes / 1_048_576)} MiB`;
const formatSeconds: FormatFigure = (seconds) => formatDuration(seconds * 1_000);

/** The figures that a person needs first, in this order. A process has some of them. */
const SHOWN_FIGURES: readonly (readonly [title: string, sample: string, format: FormatFigure])[] = [
  ['memory', 'process_resident_memory_bytes', formatBytes],
  ['log', 'abc_log_position', String],
  ['relayLag', 'abc_relay_lag_entries', String],
  ['relayLagTime', 'abc_relay_lag_seconds', formatSeconds],
  ['projected', 'abc_projection_position', String],
  ['projectionLag', 'abc_projection_lag_entries', String],
  ['projectionLagTime', 'abc_projection_lag_seconds', formatSeconds],
  ['setAside', 'abc_projection_entries_set_aside', String],
  ['timersDue', 'abc_timers_due', String],
  ['timersLate', 'abc_timers_late_seconds', formatSeconds],
  ['running', 'abc_executions_running', String],
  ['connections', 'abc_client_connections_open', String],
  ['subscriptions', 'abc_subscriptions_open', String],
  ['slowSubscribers', 'abc_subscription_slow_subscribers', String],
  ['waitingPlans', 'abc_queue_length{queue="planning"}', String],
  ['waitingCommands', 'abc_queue_length{queue="commands"}', String],
  ['errorsLogged', 'abc_log_lines_total{level="error"}', String],
];

/** Formats the most important figures of a process in one line. */
export const formatProcessFigures = (figures: ProcessFigures): string =>
  SHOWN_FIGURES.flatMap(([title, sample, format]) => {
    const value = figures[sample];
    return value === undefined ? [] : [`${title}=${format(value).replaceAll(' ', '')}`];
  }).join(' ');
