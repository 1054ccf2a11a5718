/** Durations counted in buckets, as a Prometheus histogram has them. */
export interface DurationStatistics {
  /** The upper bounds of the buckets, in ascending order. A further bucket has no bound. */
  readonly upperBoundsSeconds: readonly number[];
  /** Number of durations in each bucket alone. It has one element more than the bounds. */
  readonly bucketCounts: readonly number[];
  /** The sum of all durations. */
  readonly sumSeconds: number;
}

const UPPER_BOUNDS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

/** Counts durations with plain numbers: a request adds several. */
export class DurationHistogram implements DurationStatistics {
  readonly upperBoundsSeconds = UPPER_BOUNDS_SECONDS;
  readonly bucketCounts = new Array<number>(UPPER_BOUNDS_SECONDS.length + 1).fill(0);
  sumSeconds = 0;

  /** Adds a duration in milliseconds. */
  addMs(durationMs: number): void {
    const seconds = durationMs / 1_000;
    let index = 0;
    while (index < UPPER_BOUNDS_SECONDS.length && seconds > (UPPER_BOUNDS_SECONDS[index] ?? 0)) index += 1;
    this.bucketCounts[index] = (this.bucketCounts[index] ?? 0) + 1;
    this.sumSeconds += seconds;
  }
}
