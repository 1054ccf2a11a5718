import { setImmediate } from 'node:timers/promises';

/** Work that many ask for at once, done piece by piece, so that the event loop is never held for long. */
export interface Turns {
  /** Runs a short piece of work when it is its turn: in the order asked for. */
  run<T>(work: () => T | Promise<T>): Promise<T>;
}

/** After so long everything else has its turn. @default 8 // milliseconds */
const SLICE_MS = 8;

export function createTurns(sliceMs = SLICE_MS): Turns {
  let waiting: (() => void)[] = [];
  let isWorking = false;

  const workOff = async () => {
    isWorking = true;
    let began = performance.now();
    while (waiting.length > 0) {
      const turn = waiting;
      waiting = [];
      for (const piece of turn) {
        piece();
        await settled();
        if (performance.now() - began < sliceMs) continue;
        await setImmediate();
        began = performance.now();
      }
    }
    isWorking = false;
  };

  return {
    run: (work) =>
      new Promise((resolve) => {
        // As an async function, so that what it throws is its promise's.
        waiting.push(() => resolve((async () => work())()));
        if (!isWorking) void workOff();
      }),
  };
}

/** What a piece of work left to promises is its work too: a tick comes after all of that. */
const settled = () =>
  new Promise<void>((resolve) => {
    process.nextTick(resolve);
  });
