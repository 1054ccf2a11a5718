import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLightAbortController } from '../shared/light-abort-signal.js';
import { createSubgraphGate, type SubgraphGate, type SubgraphGateOptions } from './subgraph-gate.js';

const MAX_WAIT_MS = 5_000;
const { signal } = createLightAbortController();
let isPortOpen: boolean;
let gate: SubgraphGate;
const onReachable = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  isPortOpen = true;
  onReachable.mockReset();
  gate = createGate();
});
afterEach(() => {
  gate.close();
  vi.useRealTimers();
});

const createGate = (options: Partial<SubgraphGateOptions> = {}) =>
  createSubgraphGate([new URL('http://127.0.0.1:1/graphql')], {
    maxWaitMs: MAX_WAIT_MS,
    onReachable,
    probe: () => Promise.resolve(isPortOpen),
    ...options,
  });

/** Records how waiting requests end. */
function watch(...waits: Promise<boolean>[]): boolean[] {
  const outcomes: boolean[] = [];
  for (const wait of waits) void wait.then((mayPass) => outcomes.push(mayPass));
  return outcomes;
}

const wait = (byteCount = 1, timeoutMs = 10_000) => gate.wait(byteCount, timeoutMs, signal);

test('requests wait while the port refuses connections, and pass as soon as it accepts them', async () => {
  isPortOpen = false;
  expect(gate.reportUnreachable()).toBe(true);
  expect(gate.isClosed).toBe(true);
  const outcomes = watch(wait(), wait());
  await vi.advanceTimersByTimeAsync(3_000);
  expect(outcomes).toEqual([]);
  isPortOpen = true;
  await vi.advanceTimersByTimeAsync(50);
  expect(outcomes).toEqual([true, true]);
  expect(gate.isClosed).toBe(false);
  expect(onReachable).toHaveBeenCalledOnce();
});

test('a subgraph whose port stays closed is down: requests fail at once until it accepts connections', async () => {
  isPortOpen = false;
  gate.reportUnreachable();
  const outcomes = watch(wait());
  await vi.advanceTimersByTimeAsync(MAX_WAIT_MS + 100);
  expect(outcomes).toEqual([false]);
  expect([gate.isClosed, gate.reportUnreachable()]).toEqual([false, false]);
  isPortOpen = true;
  await vi.advanceTimersByTimeAsync(250);
  expect(onReachable).toHaveBeenCalledOnce();
  isPortOpen = false;
  expect(gate.reportUnreachable()).toBe(true);
});

test('a connection that fails while the port is open says nothing about the port', async () => {
  gate.reportUnreachable();
  const outcomes = watch(wait());
  await vi.advanceTimersByTimeAsync(0);
  expect(outcomes).toEqual([true]);
  expect(onReachable).not.toHaveBeenCalled();
});

test('hold resolves when no request is in flight; requests wait until release', async () => {
  gate.enter();
  gate.enter();
  const held = vi.fn();
  void gate.hold().then(held);
  const outcomes = watch(wait());
  gate.leave();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([held.mock.calls.length, outcomes]).toEqual([0, []]);
  gate.leave();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([held.mock.calls.length, outcomes]).toEqual([1, []]);
  gate.release();
  await vi.advanceTimersByTimeAsync(0);
  expect(outcomes).toEqual([true]);
});

test('a request waits for at most its own time, and not after it is cancelled', async () => {
  void gate.hold();
  const controller = createLightAbortController();
  const outcomes = watch(wait(1, 100), gate.wait(1, 10_000, controller.signal));
  await vi.advanceTimersByTimeAsync(100);
  expect(outcomes).toEqual([false]);
  controller.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(outcomes).toEqual([false, false]);
});

test('the requests that wait have a maximum size together', async () => {
  gate = createGate({ maxWaitingBytes: 10 });
  void gate.hold();
  const outcomes = watch(wait(6), wait(6));
  await vi.advanceTimersByTimeAsync(0);
  expect(outcomes).toEqual([false]);
  gate.release();
  await vi.advanceTimersByTimeAsync(0);
  expect(outcomes).toEqual([false, true]);
});

test('without a waiting time it is always open', async () => {
  gate = createGate({ maxWaitMs: 0 });
  expect(gate.reportUnreachable()).toBe(false);
  await gate.hold();
  expect(gate.isClosed).toBe(false);
});
