/** A terminal shows one line that is updated at this interval. */
const TERMINAL_INTERVAL_MS = 100;
/** Any other output gets a new line at this interval. */
const LINE_INTERVAL_MS = 10_000;
/** A rate over a shorter time says nothing. */
const MIN_RATE_TIME_MS = 500;
const CLEAR_LINE = '\r\u001B[2K';

export interface ProgressDisplay {
  /**
   * Shows how much is done, at most once per interval.
   * @param detail further text
   */
  update(done: number, total: number, detail?: string): void;
  /** Removes the text from the terminal. */
  end(): void;
}

export interface ProgressDisplayOptions {
  readonly stream?: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };
  /** A monotonic clock in ms. */
  readonly now?: () => number;
}

/**
 * Creates a display of long work on stderr: count, rate, and an estimate of the time that is left.
 * @param what the plural of what is counted, such as `rows`
 */
export function createProgressDisplay(
  what: string,
  { stream = process.stderr, now = () => performance.now() }: ProgressDisplayOptions = {},
): ProgressDisplay {
  const isTerminal = stream.isTTY === true;
  const intervalMs = isTerminal ? TERMINAL_INTERVAL_MS : LINE_INTERVAL_MS;
  const startedAt = now();
  let lastUpdate = isTerminal ? -Infinity : startedAt;
  let isShown = false;
  return {
    update(done, total, detail) {
      const time = now();
      if (time - lastUpdate < intervalMs) return;
      lastUpdate = time;
      isShown = true;
      const parts = [
        `${formatCount(done)} of ${formatCount(total)} ${what}`,
        ...formatRate(done, total, time - startedAt),
        ...(detail === undefined ? [] : [detail]),
      ];
      const text = parts.join(', ');
      stream.write(isTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`);
    },
    end() {
      if (isTerminal && isShown) stream.write(CLEAR_LINE);
      isShown = false;
    },
  };
}

/** The rate, and the time that is left if the rate stays the same. */
function formatRate(done: number, total: number, elapsedMs: number): string[] {
  if (done === 0 || elapsedMs < MIN_RATE_TIME_MS) return [];
  const perSecond = (done / elapsedMs) * 1_000;
  const rate = `${perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond))} per second`;
  return done < total ? [rate, `about ${formatDuration(((total - done) / perSecond) * 1_000)} left`] : [rate];
}

const formatCount = (count: number): string => count.toLocaleString('en-US');

/** Formats a duration in its two largest units, such as `4 s`, `5 min 3 s`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const hours = Math.floor(seconds / 3_600);
  return hours < 48
    ? `${hours} h ${Math.floor((seconds % 3_600) / 60)} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
