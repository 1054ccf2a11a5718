import { describe, expect, test, vi } from 'vitest';
import {
  CHECK_INTERVAL_MS,
  createProcessWatchdog,
  readThreadActivity,
  type ThreadActivity,
} from './process-watchdog.js';

const TIMEOUT_MS = 30_000;

/** Lets a process be silent, and records why it hangs. */
function setUp(readActivity: (silentMs: number) => ThreadActivity | undefined) {
  let silentMs = 0;
  const onHang = vi.fn<(reason: string) => void>();
  const watchdog = createProcessWatchdog({
    timeoutMs: TIMEOUT_MS,
    readActivity: () => readActivity(silentMs),
    onHang,
  });
  return {
    recordSign: () => watchdog.recordSign(),
    /** @param elapsedMs time between two checks */
    stayFor: (ms: number, elapsedMs = CHECK_INTERVAL_MS) => {
      for (let passedMs = 0; passedMs < ms; passedMs += elapsedMs) {
        silentMs += elapsedMs;
        watchdog.check(elapsedMs);
      }
    },
    getReasons: () => onHang.mock.calls.map(([reason]) => reason),
  };
}

test.each<[string, (silentMs: number) => ThreadActivity, string]>([
  ['is suspended', () => ({ state: 'T', cpuMs: 100 }), 'it is suspended'],
  ['waits for something that never comes', () => ({ state: 'S', cpuMs: 100 }), 'its event loop is blocked'],
  [
    'computes for ever',
    (silentMs) => ({ state: 'R', cpuMs: silentMs }),
    'its event loop is blocked by a computation',
  ],
])('a process that %s hangs after the timeout, and is reported once', (_, readActivity, reason) => {
  const { stayFor, getReasons } = setUp(readActivity);
  stayFor(TIMEOUT_MS - CHECK_INTERVAL_MS);
  expect(getReasons()).toEqual([]);
  stayFor(10 * TIMEOUT_MS);
  expect(getReasons()).toEqual([reason]);
});

describe('a process does not hang', () => {
  test('that shows signs of life', () => {
    const { stayFor, recordSign, getReasons } = setUp(() => ({ state: 'S', cpuMs: 0 }));
    for (let signs = 0; signs < 10; signs++) {
      stayFor(TIMEOUT_MS - CHECK_INTERVAL_MS);
      recordSign();
    }
    expect(getReasons()).toEqual([]);
  });

  test('that waits for a processor of a busy machine', () => {
    const { stayFor, getReasons } = setUp((silentMs) => ({ state: 'R', cpuMs: silentMs / 100 }));
    stayFor(10 * TIMEOUT_MS);
    expect(getReasons()).toEqual([]);
  });

  test('that waits for a slow disk, or that the operating system does not show, unless it takes much longer', () => {
    for (const activity of [{ state: 'D', cpuMs: 0 }, undefined]) {
      const { stayFor, getReasons } = setUp(() => activity);
      stayFor(3 * TIMEOUT_MS);
      expect(getReasons()).toEqual([]);
      stayFor(2 * TIMEOUT_MS);
      expect(getReasons()).toHaveLength(1);
    }
  });

  test('while the watching process itself was suspended', () => {
    const { stayFor, getReasons } = setUp(() => ({ state: 'S', cpuMs: 0 }));
    stayFor(3_600_000, 3_600_000);
    expect(getReasons()).toEqual([]);
  });
});

test.runIf(process.platform === 'linux')('the main thread of a process is read', () => {
  const before = readThreadActivity(process.pid)!;
  const until = performance.now() + 50;
  while (performance.now() < until);
  const after = readThreadActivity(process.pid)!;
  expect(after.cpuMs).toBeGreaterThanOrEqual(before.cpuMs);
  expect(after.state).toMatch(/^[RS]$/);
  expect(readThreadActivity(2 ** 30)).toBeUndefined();
});
