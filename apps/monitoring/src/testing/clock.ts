/** A wall clock that a test sets. */
export interface TestClock {
  readonly now: () => string;
  /** Sets it to an instant. */
  set(instant: string): void;
  /** Sets it forward, or back. */
  pass(seconds: number): void;
}

export function createTestClock(start: string): TestClock {
  let ms = Date.parse(start);
  return {
    now: () => new Date(ms).toISOString(),
    set: (instant) => void (ms = Date.parse(instant)),
    pass: (seconds) => void (ms += seconds * 1_000),
  };
}
