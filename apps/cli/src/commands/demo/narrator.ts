import { setTimeout as sleep } from 'node:timers/promises';
import { UserFacingError } from '../../shared/errors.js';

/** Width of the time in seconds: enough for a few minutes. */
const TIME_WIDTH = 6;
/** Lines after the first start below its text, which follows the time, " s" and two spaces. */
const INDENT = ' '.repeat(TIME_WIDTH + 4);

export interface NarratorOptions {
  readonly write: (line: string) => void;
  /** A monotonic clock in ms. */
  readonly now?: () => number;
}

export interface Narrator {
  /** @param text one or more lines */
  narrate(text: string): void;
}

/** Creates a narrator that writes each text with the time since its creation. */
export function createNarrator({ write, now = () => performance.now() }: NarratorOptions): Narrator {
  const startedAt = now();
  return {
    narrate(text) {
      const seconds = ((now() - startedAt) / 1_000).toFixed(1);
      const [first = '', ...others] = text.split('\n');
      write(
        [`${seconds.padStart(TIME_WIDTH)} s  ${first}`, ...others.map((line) => `${INDENT}${line}`)].join(
          '\n',
        ),
      );
    },
  };
}

/**
 * Waits for a step, with a time limit.
 * @param step for the message
 * @throws UserFacingError after the time limit
 * @throws the signal's reason after an abort
 */
export async function withTimeLimit<Result>(
  step: string,
  limitMs: number,
  promise: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const finished = new AbortController();
  const rejectAfterLimit = async () => {
    const anySignal = AbortSignal.any([signal, finished.signal]);
    await sleep(limitMs, undefined, { signal: anySignal }).catch(() => undefined);
    signal.throwIfAborted();
    throw new UserFacingError(`${step}: this did not happen within ${limitMs / 1_000} s. Try again.`);
  };
  const limit = rejectAfterLimit();
  limit.catch(() => undefined);
  try {
    return await Promise.race([limit, promise]);
  } finally {
    finished.abort();
  }
}
