/** A server clock that a test sets. */
export interface TestClock {
  readonly now: () => string;
  set(instant: string): void;
  /** @param seconds negative: sets the clock back */
  advance(seconds: number): void;
}

export function createTestClock(start: string): TestClock {
  let ms = Date.parse(start);
  return {
    now: () => new Date(ms).toISOString(),
    set: (instant) => void (ms = Date.parse(instant)),
    advance: (seconds) => void (ms += seconds * 1_000),
  };
}
