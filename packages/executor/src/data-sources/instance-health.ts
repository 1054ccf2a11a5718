import type { InstanceCheckResult } from './instance-check.js';

/** Whether new requests go to an instance. All but `available`: only if no other instance is better. */
export type InstanceState = InstanceCheckResult;

/** Times are in milliseconds. */
export interface InstanceHealthOptions {
  readonly check: () => Promise<InstanceCheckResult>;
  /** Interval of checks while the instance is available. @default it is checked after failures only */
  readonly intervalMs?: number | undefined;
  /** Called after each change of the state. */
  readonly onChange: (state: InstanceState) => void;
}

/** Knows whether an instance accepts requests. */
export interface InstanceHealth {
  readonly state: InstanceState;
  /** Called when a connection to the instance has failed: it gets no new requests until a check succeeds. */
  reportFailedConnection(): void;
  /** Ends the checks. */
  close(): void;
}

/** Interval of checks while the instance is not available: short at first, because many failures are. */
const FIRST_RECOVERY_INTERVAL_MS = 50;
const RECOVERY_INTERVAL_MS = 250;

/** Creates the health of an instance, which is available at first. */
export function createInstanceHealth({ check, intervalMs, onChange }: InstanceHealthOptions): InstanceHealth {
  let state: InstanceState = 'available';
  let timer: NodeJS.Timeout | undefined;
  let isChecking = false;
  let hasFailedMeanwhile = false;
  let recoveryIntervalMs = FIRST_RECOVERY_INTERVAL_MS;
  let isClosed = false;
  /** Both can change while a check runs. */
  const hasEnded = () => isClosed;
  const hasFailed = () => hasFailedMeanwhile;

  const changeState = (next: InstanceState) => {
    if (next === state) return;
    state = next;
    onChange(next);
  };
  const schedule = (delayMs: number | undefined) => {
    clearTimeout(timer);
    if (delayMs !== undefined && !isClosed) timer = setTimeout(() => void run(), delayMs).unref();
  };
  const run = async () => {
    clearTimeout(timer);
    isChecking = true;
    hasFailedMeanwhile = false;
    const result = await check();
    isChecking = false;
    if (hasEnded()) return;
    // The connection may have failed after the instance had answered the check.
    if (hasFailed() && result === 'available') {
      schedule(0);
      return;
    }
    changeState(result);
    if (result === 'available') {
      recoveryIntervalMs = FIRST_RECOVERY_INTERVAL_MS;
      schedule(intervalMs);
    } else {
      schedule(recoveryIntervalMs);
      recoveryIntervalMs = Math.min(2 * recoveryIntervalMs, RECOVERY_INTERVAL_MS);
    }
  };

  if (intervalMs !== undefined) void run();
  return {
    get state() {
      return state;
    },
    reportFailedConnection() {
      if (isClosed) return;
      hasFailedMeanwhile = true;
      if (state !== 'available') return;
      changeState('refused');
      if (!isChecking) schedule(0);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
