import type { SubscriptionEnd, SubscriptionPayload, Subscriber } from './subscriber.js';
import type { TimeSlicedQueue } from './time-sliced-queue.js';

/** A payload with the data that decides whether and how long it is queued. */
export interface QueuedPayload {
  readonly payload: SubscriptionPayload;
  /** Replaces an unread payload with the same key. */
  readonly stateKey: unknown;
  /** The position of its event in the live stream. */
  readonly position: number | undefined;
}

/** One subscriber of a shared subscription, with its unread payloads. */
export interface SubscriberState<Context = unknown> {
  readonly subscriber: Subscriber;
  readonly context: Context;
  /** Called once, when the subscriber is ended or removed. */
  onEnd(state: SubscriberState<Context>): void;
  /** Start of the subscription, in milliseconds of `performance.now()`. */
  readonly since: number;
  /** Payloads that wait, by key, in order. Few subscribers have any, so the map is created on demand. */
  unread: Map<unknown, QueuedPayload> | undefined;
  /** Characters of JSON in `unread`. */
  unreadLength: number;
  /** Set while the backfill runs; live payloads wait until then. Aborted if the subscriber leaves. */
  backfill: AbortController | undefined;
  /** The backfill covered live events up to this position. */
  backfilledUpTo: number;
  /** How the subscription ends once nothing is unread. */
  pendingEnd: SubscriptionEnd | undefined;
  hasEnded: boolean;
  /** Resolves the promise of {@link BufferedPayloadSender.waitForCapacity}. */
  onCapacity: (() => void) | undefined;
}

/** @returns a subscriber that has received nothing yet */
export const createSubscriberState = <Context>({
  subscriber,
  context,
  onEnd,
  since,
}: Pick<
  SubscriberState<Context>,
  'subscriber' | 'context' | 'onEnd' | 'since'
>): SubscriberState<Context> => ({
  subscriber,
  context,
  onEnd,
  since,
  unread: undefined,
  unreadLength: 0,
  backfill: undefined,
  backfilledUpTo: -Infinity,
  pendingEnd: undefined,
  hasEnded: false,
  onCapacity: undefined,
});

/** Sends payloads to subscribers. Payloads for a slow connection wait in a bounded queue for each subscriber. */
export interface BufferedPayloadSender {
  /** Sends a live payload now, or queues it until the connection has capacity and the backfill is over. */
  sendLive(state: SubscriberState, livePayload: QueuedPayload): void;
  /** Resolves when the connection has capacity or the subscription has ended. */
  waitForCapacity(state: SubscriberState): Promise<void>;
  /** Marks the backfill as complete and sends the live payloads that waited for it. */
  completeBackfill(state: SubscriberState): void;
  /** Ends the subscription after its unread payloads are sent. */
  endAfterUnread(state: SubscriberState, end: SubscriptionEnd): void;
  /** Ends the subscription now and discards its unread payloads. */
  endNow(state: SubscriberState, end: SubscriptionEnd): void;
  /** Forgets a subscriber that left; it receives nothing more. */
  remove(state: SubscriberState): void;
}

export interface BufferedPayloadSenderOptions {
  /** Payloads are queued while a connection has more unsent bytes than this. */
  readonly maxUnsentBytes: number;
  /** A subscription with more queued payloads than this is ended. */
  readonly maxUnread: number;
  readonly queue: TimeSlicedQueue;
  /** Creates the end of a subscription whose queue overflows. */
  readonly createTooSlowEnd: () => SubscriptionEnd;
}

/** How often slow connections are checked: a connection does not report that it has capacity again. */
const CAPACITY_CHECK_INTERVAL_MS = 50;

/** Bounds queued JSON relative to `maxUnsentBytes`, so that few large payloads are limited like many small ones. */
const MAX_UNREAD_CHARACTERS_PER_UNSENT_BYTE = 4;

export function createBufferedPayloadSender(options: BufferedPayloadSenderOptions): BufferedPayloadSender {
  const { maxUnsentBytes, maxUnread, queue, createTooSlowEnd } = options;
  const maxUnreadLength = MAX_UNREAD_CHARACTERS_PER_UNSENT_BYTE * maxUnsentBytes;
  const slow = new Set<SubscriberState>();
  let timer: NodeJS.Timeout | undefined;

  const hasUnread = ({ unread }: SubscriberState) => unread !== undefined && unread.size > 0;
  const hasCapacity = ({ subscriber }: SubscriberState) => subscriber.unsentBytes <= maxUnsentBytes;

  const checkSlow = () => {
    for (const state of slow) {
      if (state.hasEnded || hasCapacity(state)) void queue.run(() => flush(state));
    }
  };
  const watch = (state: SubscriberState) => {
    slow.add(state);
    timer ??= setInterval(checkSlow, CAPACITY_CHECK_INTERVAL_MS);
  };
  const unwatch = (state: SubscriberState) => {
    slow.delete(state);
    if (slow.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const release = (state: SubscriberState) => {
    state.hasEnded = true;
    state.unread = undefined;
    state.backfill?.abort();
    state.onCapacity?.();
    unwatch(state);
    state.onEnd(state);
  };
  const endNow = (state: SubscriberState, end: SubscriptionEnd) => {
    if (state.hasEnded) return;
    release(state);
    state.subscriber.end(end);
  };

  const removeUnread = (state: SubscriberState, key: unknown) => {
    const livePayload = state.unread?.get(key);
    if (!livePayload) return;
    state.unread?.delete(key);
    state.unreadLength -= livePayload.payload.json.length;
  };
  const enqueue = (state: SubscriberState, livePayload: QueuedPayload) => {
    const key = livePayload.stateKey ?? livePayload;
    removeUnread(state, key);
    const unread = (state.unread ??= new Map<unknown, QueuedPayload>());
    unread.set(key, livePayload);
    state.unreadLength += livePayload.payload.json.length;
    const { size } = unread;
    if (size > maxUnread || (size > 1 && state.unreadLength > maxUnreadLength))
      endNow(state, createTooSlowEnd());
    else if (!state.backfill) watch(state);
  };

  const flush = (state: SubscriberState) => {
    state.onCapacity?.();
    if (state.hasEnded || state.backfill) return;
    for (const [key, livePayload] of state.unread ?? []) {
      if (!hasCapacity(state)) {
        watch(state);
        return;
      }
      removeUnread(state, key);
      if (!isBackfilled(state, livePayload)) state.subscriber.next(livePayload.payload);
    }
    if (state.pendingEnd) endNow(state, state.pendingEnd);
    else unwatch(state);
  };

  return {
    sendLive(state, livePayload) {
      if (state.hasEnded || isBackfilled(state, livePayload)) return;
      if (state.backfill || hasUnread(state) || !hasCapacity(state)) enqueue(state, livePayload);
      else state.subscriber.next(livePayload.payload);
    },
    async waitForCapacity(state) {
      while (!state.hasEnded && !hasCapacity(state)) {
        const capacity = new Promise<void>((resolve) => (state.onCapacity = resolve));
        watch(state);
        await capacity;
        state.onCapacity = undefined;
      }
    },
    completeBackfill(state) {
      state.backfill = undefined;
      flush(state);
    },
    endAfterUnread(state, end) {
      state.pendingEnd = end;
      flush(state);
    },
    endNow,
    remove(state) {
      if (!state.hasEnded) release(state);
    },
  };
}

const isBackfilled = ({ backfilledUpTo }: SubscriberState, { position }: QueuedPayload): boolean =>
  position !== undefined && position <= backfilledUpTo;
