import { expect, test, vi } from 'vitest';
import { reconnectStream, type ReconnectOptions } from './reconnecting-stream.js';
import { SubscriptionFailure } from './subscription-failure.js';
import { waitForAssertion } from '../testing/wait-for-assertion.js';

const interruption = new SubscriptionFailure({ kind: 'timeout', afterMs: 1 });

/** Iterates over streams that are opened one after the other: each has items, and ends with an error or completes. */
function run(
  streams: readonly { readonly items?: readonly number[]; readonly error?: Error }[],
  options: ReconnectOptions = {},
  signal: AbortSignal = new AbortController().signal,
) {
  let openedCount = 0;
  const received: number[] = [];
  const onInterrupted = vi.fn();
  async function* open(onConnected: () => void) {
    const stream = streams[Math.min(openedCount++, streams.length - 1)];
    await Promise.resolve();
    onConnected();
    yield* stream?.items ?? [];
    if (stream?.error) throw stream.error;
  }
  const fast = { firstDelayMs: 1, maxDelayMs: 4, ...options };
  const ended = (async () => {
    const all = reconnectStream(open, fast, { onInterrupted, onConnected: () => undefined }, signal);
    for await (const item of all) received.push(item);
  })();
  return { received, ended, onInterrupted, getOpenedCount: () => openedCount };
}

test('an interrupted stream is opened again until it completes', async () => {
  const { received, ended, onInterrupted } = run([
    { items: [1, 2], error: interruption },
    { error: interruption },
    { items: [3] },
  ]);
  await ended;
  expect(received).toEqual([1, 2, 3]);
  expect(onInterrupted).toHaveBeenCalledTimes(2);
});

test('a stream is opened only once if another attempt cannot help', async () => {
  const final = new SubscriptionFailure({ kind: 'forbidden', reason: 'no' });
  const { ended, getOpenedCount } = run([{ items: [1], error: final }]);
  await expect(ended).rejects.toBe(final);
  expect(getOpenedCount()).toBe(1);
});

test('delays grow up to their maximum, and attempts end after the maximum interruption', async () => {
  const { ended, getOpenedCount } = run([{ error: interruption }], {
    firstDelayMs: 10,
    maxDelayMs: 40,
    maxInterruptionMs: 120,
  });
  await expect(ended).rejects.toBe(interruption);
  // At most at 0, 5, 15, 35, 55, 75, 95 and 115 ms, and at least at 0, 10, 30 and 70 ms if the timers are exact.
  expect(getOpenedCount()).toBeGreaterThanOrEqual(3);
  expect(getOpenedCount()).toBeLessThanOrEqual(8);
});

test('the end of the subscription ends the wait for the next attempt', async () => {
  const controller = new AbortController();
  const { ended, onInterrupted } = run(
    [{ error: interruption }],
    { firstDelayMs: 60_000, maxDelayMs: 60_000, maxInterruptionMs: Infinity },
    controller.signal,
  );
  await waitForAssertion(() => expect(onInterrupted).toHaveBeenCalled());
  controller.abort();
  await ended;
});
