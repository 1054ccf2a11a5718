/** A person who sees nothing new for about 10 s thinks that the program hangs. */
const PROGRESS_INTERVAL_MS = 5_000;

export interface ProgressLogOptions {
  readonly log: (line: string) => void;
  /** Describes what the work has done, and has left to do. */
  readonly describe: (elapsedSeconds: number) => string;
}

/** Logs a line at an interval while some work runs, in the form of scripts/bootstrap/install-packages.mjs. */
export async function logProgress<Result>(
  { log, describe }: ProgressLogOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    log(`  ${seconds} s: ${describe(seconds)}`);
  }, PROGRESS_INTERVAL_MS);
  return work().finally(() => clearInterval(timer));
}
