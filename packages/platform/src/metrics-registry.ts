import { Counter, Gauge, Registry, type Metric } from 'prom-client';
import type { DurationStatistics } from './duration-histogram.js';

/** Names of labels and their values. A metric has few values of each, whatever clients send. */
export type MetricLabels = Readonly<Record<string, string>>;

/** A value of a metric. */
export interface MetricSample {
  readonly labels?: MetricLabels;
  /** Undefined if it is not known now: the metric then lacks the sample. */
  readonly value: number | undefined;
}

/** Durations of a metric. */
export interface DurationSample {
  readonly labels?: MetricLabels;
  readonly durations: DurationStatistics;
}

/** Reads the present values of a metric. One number stands for one sample without labels. */
export type ReadSamples = () =>
  number | undefined | readonly MetricSample[] | Promise<number | undefined | readonly MetricSample[]>;

/**
 * The metrics of one process. Each is read from the state of its owner when it is asked for, so that nothing is counted twice.
 * Names follow https://prometheus.io/docs/practices/naming/. docs/operations.md describes all of them.
 */
export interface MetricsRegistry {
  /** Adds a value that can rise and fall. */
  addGauge(name: string, help: string, read: ReadSamples, labelNames?: readonly string[]): void;
  /** Adds a value that only rises, until the process ends. Its name ends with `_total`. */
  addCounter(name: string, help: string, read: ReadSamples, labelNames?: readonly string[]): void;
  /** Adds durations. The name ends with `_seconds`. */
  addDurations(name: string, help: string, read: () => readonly DurationSample[]): void;
  /** The media type of {@link MetricsRegistry.render}. */
  readonly contentType: string;
  /** Reads all metrics, in Prometheus' text format. A metric that cannot be read has no samples. */
  render(): Promise<string>;
}

const READ_ERRORS = 'abc_metrics_read_errors_total';

/** Creates a registry with one metric: how often another one could not be read. */
export function createMetricsRegistry(): MetricsRegistry {
  const registry = new Registry();
  let readErrorCount = 0;

  const readSamples = async (read: ReadSamples): Promise<readonly MetricSample[]> => {
    try {
      const samples = await read();
      return typeof samples === 'object' ? samples : [{ value: samples }];
    } catch {
      // A closed database, for example. The other metrics are needed all the more then.
      readErrorCount += 1;
      return [];
    }
  };

  return {
    addGauge(name, help, read, labelNames = []) {
      registry.registerMetric(
        new Gauge({
          name,
          help,
          labelNames,
          registers: [],
          async collect() {
            const samples = await readSamples(read);
            this.reset();
            // Without labels, a reset leaves the sample 0.
            if (labelNames.length === 0) this.remove();
            for (const { labels = {}, value } of samples) if (value !== undefined) this.set(labels, value);
          },
        }),
      );
    },
    addCounter(name, help, read, labelNames = []) {
      registry.registerMetric(
        new Counter({
          name,
          help,
          labelNames,
          registers: [],
          async collect() {
            const samples = await readSamples(read);
            this.reset();
            if (labelNames.length === 0) this.remove();
            for (const { labels = {}, value = 0 } of samples) this.inc(labels, value);
          },
        }),
      );
    },
    addDurations(name, help, read) {
      const readDurations = () => {
        try {
          return read();
        } catch {
          readErrorCount += 1;
          return [];
        }
      };
      const description = { name, help, type: 'histogram', aggregator: 'sum' } as const;
      const metric: DurationMetric = {
        ...description,
        get: () => ({
          ...description,
          values: readDurations().flatMap((sample) => toHistogramValues(name, sample)),
        }),
      };
      // prom-client's own histogram can only observe single values, for which each has to look up its labels.
      registry.registerMetric(metric as unknown as Metric);
    },
    contentType: registry.contentType,
    async render() {
      const text = await registry.metrics();
      // Last, so that it includes the errors of this time.
      return `${text}# HELP ${READ_ERRORS} How often a metric could not be read.\n# TYPE ${READ_ERRORS} counter\n${READ_ERRORS} ${String(readErrorCount)}\n`;
    },
  };
}

/** What a registry of prom-client needs of a metric. */
interface DurationMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly aggregator: 'sum';
  readonly get: () => object;
}

/** The samples of a histogram: cumulative buckets, sum and count. */
function toHistogramValues(name: string, { labels = {}, durations }: DurationSample) {
  const { upperBoundsSeconds, bucketCounts, sumSeconds } = durations;
  let count = 0;
  const buckets = bucketCounts.map((bucketCount, index) => {
    count += bucketCount;
    const bound = upperBoundsSeconds[index];
    return {
      metricName: `${name}_bucket`,
      labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) },
      value: count,
    };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
