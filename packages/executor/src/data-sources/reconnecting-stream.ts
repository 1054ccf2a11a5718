import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { isTransientFailure, SubscriptionFailure } from './subscription-failure.js';

/** How an interrupted subscription is started again. Times are in milliseconds. */
export interface ReconnectOptions {
  /** Greatest delay before the first attempt. It doubles with each attempt; the delay is random, at least half of it. @default 500 */
  readonly firstDelayMs?: number;
  /** Greatest delay before an attempt. @default 10_000 */
  readonly maxDelayMs?: number;
  /**
   * How long attempts are made after the interruption. Then the subscription ends with the error of the last one.
   * @default 60_000
   */
  readonly maxInterruptionMs?: number;
}

/** What happens to the connection of a stream. */
export interface ConnectionEvents {
  readonly onInterrupted: (failure: SubscriptionFailure) => void;
  readonly onConnected: () => void;
}

/** @param onConnected called when the subgraph has accepted the subscription, if the protocol tells */
type OpenStream<Item> = (onConnected: () => void) => AsyncIterable<Item>;

/**
 * Iterates over a stream and opens it again when it is interrupted. Without items for a while, it only waits: items that the
 * server sends in the meantime are lost.
 * @param signal ends the iteration
 * @throws the error of the stream, if it does not help to open it again, or not in time
 */
export async function* reconnectStream<Item>(
  open: OpenStream<Item>,
  options: ReconnectOptions,
  { onInterrupted, onConnected }: ConnectionEvents,
  signal: AbortSignal,
): AsyncGenerator<Item, void> {
  const { firstDelayMs = 500, maxDelayMs = 10_000, maxInterruptionMs = 60_000 } = options;
  let interruptedAt: number | undefined;
  let attempt = 0;
  /** A server that fails right after each start must not be asked without a pause. */
  let connectedAt = Infinity;
  const handleConnection = () => {
    connectedAt = performance.now();
    onConnected();
  };
  const isAborted = () => signal.aborted;
  while (!isAborted()) {
    try {
      for await (const item of open(handleConnection)) {
        interruptedAt = undefined;
        attempt = 0;
        yield item;
      }
      return;
    } catch (error) {
      if (isAborted()) return;
      if (!(error instanceof SubscriptionFailure) || !isTransientFailure(error.failure)) throw error;
      const now = performance.now();
      if (now - connectedAt >= maxDelayMs) {
        interruptedAt = undefined;
        attempt = 0;
      }
      connectedAt = Infinity;
      interruptedAt ??= now;
      const greatestDelayMs = Math.ceil(Math.min(firstDelayMs * 2 ** attempt, maxDelayMs));
      const delayMs = randomInt(Math.floor(greatestDelayMs / 2), greatestDelayMs + 1);
      if (now + delayMs - interruptedAt > maxInterruptionMs) throw error;
      attempt += 1;
      onInterrupted(error);
      await wait(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
