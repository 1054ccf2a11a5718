/** `closed`: all requests pass. `open`: no request passes. `half-open`: one trial request passes. */
export type CircuitBreakerState = 'closed' | 'open' | 'half-open';

/** When a circuit breaker opens and closes. Times are in milliseconds. */
export interface CircuitBreakerOptions {
  /** Number of latest requests that decide. The breaker stays closed until this many have ended. @default 20 */
  readonly requests?: number;
  /** The breaker opens when at least this share of the `requests` latest requests failed, 0..1. @default 0.5 */
  readonly failureRate?: number;
  /** Time without a request after which the outcomes of earlier requests are discarded. @default 30_000 */
  readonly memoryMs?: number;
  /** How long the breaker stays open before a trial request. @default 2_000 */
  readonly openMs?: number;
  /** A monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number;
  /** Called after each change of the state. */
  readonly onChange?: (state: CircuitBreakerState) => void;
}

/** `undefined`: the request says nothing about the service, for example because the client cancelled it. */
export type RequestOutcome = 'succeeded' | 'failed' | undefined;

/**
 * Stops requests to a service that fails too often, so that callers get an error at once instead of after a timeout, and
 * the service can recover.
 */
export interface CircuitBreaker {
  readonly state: CircuitBreakerState;
  /** Whether `enter` would return a function. */
  readonly mayEnter: boolean;
  /**
   * Asks to send a request.
   * @returns a function to call once with the outcome of the request; `undefined` if the request must not be sent
   */
  enter(): ((outcome: RequestOutcome) => void) | undefined;
  /** Closes the breaker, because the service has restarted. */
  reset(): void;
}

export function createCircuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const { requests = 20, failureRate = 0.5, memoryMs = 30_000, openMs = 2_000 } = options;
  const { now = () => performance.now(), onChange } = options;
  let state: CircuitBreakerState = 'closed';
  let openedAt = 0;
  let isTrialRunning = false;
  /** For each of the latest requests: whether it failed. */
  let failures: boolean[] = [];
  let lastOutcomeAt = now();

  const changeState = (next: CircuitBreakerState): void => {
    if (next === state) return;
    state = next;
    if (next === 'open') openedAt = now();
    failures = [];
    onChange?.(next);
  };

  const recordOutcome = (isFailure: boolean): void => {
    if (now() - lastOutcomeAt > memoryMs) failures = [];
    lastOutcomeAt = now();
    failures.push(isFailure);
    if (failures.length > requests) failures.shift();
    // Only a failure opens the breaker, so that a recovering service is not cut off by a success.
    if (!isFailure || failures.length < requests) return;
    if (failures.filter(Boolean).length >= requests * failureRate) changeState('open');
  };

  const endTrial = (outcome: RequestOutcome): void => {
    isTrialRunning = false;
    if (outcome !== undefined) changeState(outcome === 'succeeded' ? 'closed' : 'open');
  };

  return {
    get state() {
      return state;
    },
    get mayEnter() {
      if (state === 'open') return now() - openedAt >= openMs;
      return state === 'closed' || !isTrialRunning;
    },
    enter() {
      if (state === 'open' && now() - openedAt >= openMs) changeState('half-open');
      if (state === 'closed') {
        return (outcome) => {
          // A request that started before the breaker opened does not decide about the trial.
          if (state === 'closed' && outcome !== undefined) recordOutcome(outcome === 'failed');
        };
      }
      if (state === 'open' || isTrialRunning) return undefined;
      isTrialRunning = true;
      return endTrial;
    },
    reset() {
      failures = [];
      changeState('closed');
    },
  };
}
