import { readFileSync } from 'node:fs';

/** What the main thread of a process does. */
export interface ThreadActivity {
  /** The state that the operating system shows: `R` runs or waits for a processor, `D` waits for a disk, `T` is suspended. */
  readonly state: string;
  /** Processor time that it has used since its start, in milliseconds. */
  readonly cpuMs: number;
}

export interface ProcessWatchdogOptions {
  /** A process that is silent for this time hangs, in milliseconds. */
  readonly timeoutMs: number;
  /** @returns undefined if the operating system does not show it */
  readonly readActivity: () => ThreadActivity | undefined;
  /** Called once, with a clause that says what the process does. */
  readonly onHang: (reason: string) => void;
}

/** Notices that a process hangs. It must not mistake a slow process on a busy machine for one that hangs. */
export interface ProcessWatchdog {
  /** Called when the process shows that its event loop runs. */
  recordSign(): void;
  /** Called at an interval of {@link CHECK_INTERVAL_MS}, with the time since the last call in milliseconds. */
  check(elapsedMs: number): void;
}

export const CHECK_INTERVAL_MS = 1_000;
/** If this process was delayed or suspended, it may not have received messages. So at most this time counts for each check. */
const MAX_COUNTED_MS = 2 * CHECK_INTERVAL_MS;
/** A main thread that has used this share of the timeout without a turn of its event loop does not wait for a processor: it is blocked. */
const BLOCKED_CPU_SHARE = 0.5;
/** Without knowledge of the thread, and if it waits for a disk, only a much longer silence counts. */
const UNKNOWN_TIMEOUT_FACTOR = 4;

export function createProcessWatchdog(options: ProcessWatchdogOptions): ProcessWatchdog {
  const { timeoutMs, readActivity, onHang } = options;
  let silentMs = 0;
  let cpuMsAtSilence: number | undefined;
  let hasReported = false;

  /** @returns why the process hangs; undefined if it may be slow only */
  const findHang = (): string | undefined => {
    if (silentMs < timeoutMs) return undefined;
    const activity = readActivity();
    const isLongSilence = silentMs >= UNKNOWN_TIMEOUT_FACTOR * timeoutMs;
    if (!activity) return isLongSilence ? 'it shows no sign of life' : undefined;
    const usedMs = activity.cpuMs - (cpuMsAtSilence ?? activity.cpuMs);
    if (usedMs >= BLOCKED_CPU_SHARE * timeoutMs) return 'its event loop is blocked by a computation';
    switch (activity.state) {
      case 'R':
        // It waits for a processor.
        return undefined;
      case 'D':
        return isLongSilence ? 'it waits for a disk' : undefined;
      case 'T':
      case 't':
        return 'it is suspended';
      default:
        return 'its event loop is blocked';
    }
  };

  return {
    recordSign() {
      silentMs = 0;
      cpuMsAtSilence = undefined;
    },
    check(elapsedMs) {
      if (hasReported) return;
      if (silentMs >= MAX_COUNTED_MS) cpuMsAtSilence ??= readActivity()?.cpuMs;
      silentMs += Math.min(elapsedMs, MAX_COUNTED_MS);
      const reason = findHang();
      if (reason === undefined) return;
      hasReported = true;
      onHang(reason);
    },
  };
}

/** Linux counts processor time in units of 10 ms. */
const CPU_TICK_MS = 10;

/** Reads what the main thread of a process does, on Linux. */
export function readThreadActivity(pid: number): ThreadActivity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
    // The name of the program comes before, in brackets, and may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const cpuTicks = Number(fields[11]) + Number(fields[12]);
    return { state: fields[0] ?? '', cpuMs: cpuTicks * CPU_TICK_MS };
  } catch {
    return undefined;
  }
}

/**
 * Watches a process.
 * @returns `recordSign`, and a function that ends the watch
 */
export function watchProcess(
  pid: number,
  timeoutMs: number,
  onHang: (reason: string) => void,
): { readonly recordSign: () => void; readonly stop: () => void } {
  const watchdog = createProcessWatchdog({ timeoutMs, readActivity: () => readThreadActivity(pid), onHang });
  let checkedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    watchdog.check(now - checkedAt);
    checkedAt = now;
  }, CHECK_INTERVAL_MS);
  return { recordSign: () => watchdog.recordSign(), stop: () => clearInterval(timer) };
}
