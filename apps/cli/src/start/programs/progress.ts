/** A person who sees nothing new for about 10 s thinks that the program hangs. */
const PROGRESS_INTERVAL_MS = 5_000;

export interface ProgressOptions {
  readonly log: (line: string) => void;
  /** Returns one line: the progress so far, and the estimated time left. */
  readonly describe: (elapsedSeconds: number) => string;
}

/** Logs a line at an interval while some work runs: the elapsed time and what the work has done. */
export async function logProgress<Result>(
  { log, describe }: ProgressOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const elapsedSeconds = Math.round((performance.now() - startedAt) / 1000);
    log(`  ${elapsedSeconds} s: ${describe(elapsedSeconds)}`);
  }, PROGRESS_INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
