/** `closed`: requests pass. `open`: none does. `half-open`: one does, to see. */
export type CircuitBreakerState = 'closed' | 'open' | 'half-open';

export interface CircuitBreakerOptions {
  /** How many of the last requests are judged by, once so many have ended. @default 20 */
  readonly requests?: number;
  /** The share of them that failed, from which on none is let through. @default 0.5 */
  readonly failureRate?: number;
  /** After so long without any, what was before is forgotten. @default 30_000 // 30 seconds */
  readonly memoryMs?: number;
  /** How long none is let through, until one is tried. @default 2_000 // 2 seconds */
  readonly openMs?: number;
  /** Never goes back. @default performance.now */
  readonly now?: () => number;
  readonly onChange?: (state: CircuitBreakerState) => void;
}

/** Keeps requests from a service that fails: callers hear at once what they would have heard late. */
export interface CircuitBreaker {
  readonly state: CircuitBreakerState;
  /**
   * @returns what is to be told how the request ended, undefined where that says nothing of the service; undefined
   *   where the request may not pass
   */
  enter(): ((ended: 'well' | 'failed' | undefined) => void) | undefined;
}

export function createCircuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const { requests = 20, failureRate = 0.5, memoryMs = 30_000, openMs = 2_000 } = options;
  const { now = () => performance.now(), onChange } = options;
  let state: CircuitBreakerState = 'closed';
  let openedAt = 0;
  let isTrying = false;
  /** Of the last requests, whether each failed. */
  let last: boolean[] = [];
  let lastAt = now();

  const become = (next: CircuitBreakerState): void => {
    if (next === state) return;
    state = next;
    if (next === 'open') openedAt = now();
    last = [];
    onChange?.(next);
  };

  const count = (isFailure: boolean): void => {
    if (now() - lastAt > memoryMs) last = [];
    lastAt = now();
    last.push(isFailure);
    if (last.length > requests) last.shift();
    // What ends well opens nothing.
    if (!isFailure || last.length < requests) return;
    if (last.filter(Boolean).length >= requests * failureRate) become('open');
  };

  const trial = (how: 'well' | 'failed' | undefined): void => {
    isTrying = false;
    if (how !== undefined) become(how === 'well' ? 'closed' : 'open');
  };

  return {
    get state() {
      return state;
    },
    enter() {
      if (state === 'open' && now() - openedAt >= openMs) become('half-open');
      if (state === 'closed') {
        return (how) => {
          // One that began before says nothing new.
          if (state === 'closed' && how !== undefined) count(how === 'failed');
        };
      }
      if (state === 'open' || isTrying) return undefined;
      isTrying = true;
      return trial;
    },
  };
}
