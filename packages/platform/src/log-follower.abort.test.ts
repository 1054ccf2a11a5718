import { getEventListeners } from 'node:events';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createLiveInbox } from './live-source.js';
import type { LogFollowerOptions } from './log-follower.js';
import { createLogFollowerWorld, type TestEntry } from './testing/log-follower-world.js';

describe('an abort', () => {
  /** Resolves as the phase does if it is aborted. */
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });

  test.each<[string, (entered: () => void) => Partial<LogFollowerOptions<TestEntry>>]>([
    [
      'the live source connects',
      (entered) => ({
        live: {
          ...createLiveInbox<TestEntry>(),
          waitUntilConnected(signal) {
            entered();
            return untilAborted(signal).catch(() => undefined);
          },
        },
      }),
    ],
    [
      'the checkpoint is loaded',
      (entered) => ({
        loadCheckpoint(signal) {
          entered();
          return untilAborted(signal);
        },
      }),
    ],
    [
      'a page is read',
      (entered) => ({
        readPage(_after, signal) {
          entered();
          return untilAborted(signal);
        },
      }),
    ],
    [
      'entries are applied',
      (entered) => ({
        async apply() {
          entered();
          await delay(5);
        },
      }),
    ],
    [
      'the live source is read',
      (entered) => ({
        live: {
          kind: 'messages',
          async read(_after, waitMs, signal) {
            if (waitMs === 0) return { entries: [] };
            entered();
            return untilAborted(signal);
          },
        },
      }),
    ],
    [
      'the follower pauses after a problem',
      (entered) => ({
        apply() {
          entered();
          throw new Error('disk full');
        },
        timing: { checkIntervalMs: Infinity, unavailableRetryMs: 5, retryMs: 60_000, maxRetryMs: 60_000 },
      }),
    ],
  ])('ends the run while %s, and leaves no listener', async (_, createOverrides) => {
    let entered: () => void = () => undefined;
    const phase = new Promise<void>((resolve) => (entered = resolve));
    const world = createLogFollowerWorld(createOverrides(() => entered()));
    world.append(5);
    world.start();
    await phase;
    await setImmediate();
    world.abort.abort();
    const { pagesRead } = world;
    await world.done;
    const applied = [...world.applied];
    world.publish(2);
    await delay(10);
    expect(world.pagesRead).toBe(pagesRead);
    expect(world.applied).toStrictEqual(applied);
    expect(getEventListeners(world.abort.signal, 'abort')).toHaveLength(0);
  });

  test('before the start runs nothing', async () => {
    const world = createLogFollowerWorld();
    world.append(2);
    world.abort.abort();
    world.start();
    await world.done;
    expect(world.pagesRead).toBe(0);
  });
});
