import { setImmediate } from 'node:timers/promises';

/** How long queued tasks may hold the event loop before other work gets a turn, in milliseconds. */
const MAX_SLICE_MS = 8;

/** Runs many short tasks in order and yields to the event loop between slices. */
export interface TimeSlicedQueue {
  /**
   * Starts a task after the tasks that were added before it. A task that awaits I/O does not hold up the next one.
   * @returns the result of the task; rejects with its error
   */
  run<T>(task: () => T | Promise<T>): Promise<T>;
}

/** @param maxSliceMs how long tasks run before the queue yields, in milliseconds; the last task may exceed it */
export function createTimeSlicedQueue(maxSliceMs = MAX_SLICE_MS): TimeSlicedQueue {
  let waiting: (() => void)[] = [];
  let isRunning = false;

  const runAll = async () => {
    isRunning = true;
    let sliceStart = performance.now();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const startTask of batch) {
        startTask();
        await drainMicrotasks();
        if (performance.now() - sliceStart < maxSliceMs) continue;
        await setImmediate();
        sliceStart = performance.now();
      }
    }
    isRunning = false;
  };

  return {
    run: (task) =>
      new Promise((resolve) => {
        // The async wrapper turns a synchronous throw into a rejection.
        waiting.push(() => resolve((async () => task())()));
        if (!isRunning) void runAll();
      }),
  };
}

/** Promise callbacks of a task count as its work. Node runs them all before the next tick. */
const drainMicrotasks = () =>
  new Promise<void>((resolve) => {
    process.nextTick(resolve);
  });
