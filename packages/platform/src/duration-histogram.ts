/** Durations counted in buckets, as a Prometheus histogram has them. */
export interface DurationStatistics {
  /** The upper bounds of the buckets, in ascending order. A further bucket has no bound. */
  readonly upperBoundsSeconds: readonly number[];
  /** Number of durations in each bucket alone. It has one element more than the bounds. */
  readonly bucketCounts: readonly number[];
  /** The sum of all durations. */
  readonly sumSeconds: number;
}

/** Bounds for transactions of a database and delays of the event loop. */
export const SHORT_DURATION_BOUNDS_SECONDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5,
];

/** Bounds for requests. */
export const REQUEST_DURATION_BOUNDS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

/** Counts durations with plain numbers, so that hot paths can use it. */
export class DurationHistogram implements DurationStatistics {
  readonly bucketCounts: number[];
  sumSeconds = 0;

  constructor(readonly upperBoundsSeconds: readonly number[] = SHORT_DURATION_BOUNDS_SECONDS) {
    this.bucketCounts = new Array<number>(upperBoundsSeconds.length + 1).fill(0);
  }

  /** Adds a duration in milliseconds. */
  addMs(durationMs: number): void {
    const seconds = durationMs / 1_000;
    const { upperBoundsSeconds, bucketCounts } = this;
    let index = 0;
    while (index < upperBoundsSeconds.length && seconds > (upperBoundsSeconds[index] ?? 0)) index += 1;
    bucketCounts[index] = (bucketCounts[index] ?? 0) + 1;
    this.sumSeconds += seconds;
  }
}

/** Runs synchronous work and adds the time that it takes, also if it throws. */
export function measureDuration<Result>(durations: DurationHistogram, work: () => Result): Result {
  const startedAt = performance.now();
  try {
    return work();
  } finally {
    durations.addMs(performance.now() - startedAt);
  }
}
