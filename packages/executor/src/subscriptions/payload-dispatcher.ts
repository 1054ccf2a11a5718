import type { SubscriptionEnd, SubscriptionPayload, Subscriber } from './subscriber.js';
import type { TimeSlicedQueue } from './time-sliced-queue.js';

/** A payload with the data that decides whether and how long it is queued. */
export interface LivePayload {
  readonly payload: SubscriptionPayload;
  /** Replaces an unread payload with the same key. */
  readonly stateKey: unknown;
  /** The position of its event in the live stream. */
  readonly position: number | undefined;
}

/** One subscriber of a shared subscription, with its unread payloads. */
export interface ActiveSubscriber<Context = unknown> {
  readonly subscriber: Subscriber;
  readonly context: Context;
  /** Called once, when the subscriber is ended or removed. */
  onEnd(active: ActiveSubscriber<Context>): void;
  /** Start of the subscription, in milliseconds of `performance.now()`. */
  readonly since: number;
  /** Payloads that wait, by key, in order. Few subscribers have any, so the map is created on demand. */
  unread: Map<unknown, LivePayload> | undefined;
  /** Characters of JSON in `unread`. */
  unreadLength: number;
  /** Set while the backfill runs; live payloads wait until then. Aborted if the subscriber leaves. */
  backfill: AbortController | undefined;
  /** The backfill covered live events up to this position. */
  backfilledUpTo: number;
  /** How the subscription ends once nothing is unread. */
  pendingEnd: SubscriptionEnd | undefined;
  hasEnded: boolean;
  /** Resolves the promise of {@link PayloadDispatcher.waitForCapacity}. */
  onCapacity: (() => void) | undefined;
}

/** @returns a subscriber that has received nothing yet */
export const createActiveSubscriber = <Context>({
  subscriber,
  context,
  onEnd,
  since,
}: Pick<
  ActiveSubscriber<Context>,
  'subscriber' | 'context' | 'onEnd' | 'since'
>): ActiveSubscriber<Context> => ({
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
export interface PayloadDispatcher {
  /** Sends a live payload now, or queues it until the connection has capacity and the backfill is over. */
  sendLive(active: ActiveSubscriber, live: LivePayload): void;
  /** Resolves when the connection has capacity or the subscription has ended. */
  waitForCapacity(active: ActiveSubscriber): Promise<void>;
  /** Marks the backfill as complete and sends the live payloads that waited for it. */
  completeBackfill(active: ActiveSubscriber): void;
  /** Ends the subscription after its unread payloads are sent. */
  endAfterUnread(active: ActiveSubscriber, end: SubscriptionEnd): void;
  /** Ends the subscription now and discards its unread payloads. */
  endNow(active: ActiveSubscriber, end: SubscriptionEnd): void;
  /** Forgets a subscriber that left; it receives nothing more. */
  remove(active: ActiveSubscriber): void;
}

export interface PayloadDispatcherOptions {
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

export function createPayloadDispatcher(options: PayloadDispatcherOptions): PayloadDispatcher {
  const { maxUnsentBytes, maxUnread, queue, createTooSlowEnd } = options;
  const maxUnreadLength = MAX_UNREAD_CHARACTERS_PER_UNSENT_BYTE * maxUnsentBytes;
  const slow = new Set<ActiveSubscriber>();
  let timer: NodeJS.Timeout | undefined;

  const hasUnread = ({ unread }: ActiveSubscriber) => unread !== undefined && unread.size > 0;
  const hasCapacity = ({ subscriber }: ActiveSubscriber) => subscriber.unsentBytes <= maxUnsentBytes;

  const checkSlow = () => {
    for (const active of slow) {
      if (active.hasEnded || hasCapacity(active)) void queue.run(() => flush(active));
    }
  };
  const watch = (active: ActiveSubscriber) => {
    slow.add(active);
    timer ??= setInterval(checkSlow, CAPACITY_CHECK_INTERVAL_MS);
  };
  const unwatch = (active: ActiveSubscriber) => {
    slow.delete(active);
    if (slow.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const release = (active: ActiveSubscriber) => {
    active.hasEnded = true;
    active.unread = undefined;
    active.backfill?.abort();
    active.onCapacity?.();
    unwatch(active);
    active.onEnd(active);
  };
  const endNow = (active: ActiveSubscriber, end: SubscriptionEnd) => {
    if (active.hasEnded) return;
    release(active);
    active.subscriber.end(end);
  };

  const removeUnread = (active: ActiveSubscriber, key: unknown) => {
    const live = active.unread?.get(key);
    if (!live) return;
    active.unread?.delete(key);
    active.unreadLength -= live.payload.json.length;
  };
  const enqueue = (active: ActiveSubscriber, live: LivePayload) => {
    const key = live.stateKey ?? live;
    removeUnread(active, key);
    const unread = (active.unread ??= new Map<unknown, LivePayload>());
    unread.set(key, live);
    active.unreadLength += live.payload.json.length;
    const { size } = unread;
    if (size > maxUnread || (size > 1 && active.unreadLength > maxUnreadLength))
      endNow(active, createTooSlowEnd());
    else if (!active.backfill) watch(active);
  };

  const flush = (active: ActiveSubscriber) => {
    active.onCapacity?.();
    if (active.hasEnded || active.backfill) return;
    for (const [key, live] of active.unread ?? []) {
      if (!hasCapacity(active)) {
        watch(active);
        return;
      }
      removeUnread(active, key);
      if (!isBackfilled(active, live)) active.subscriber.next(live.payload);
    }
    if (active.pendingEnd) endNow(active, active.pendingEnd);
    else unwatch(active);
  };

  return {
    sendLive(active, live) {
      if (active.hasEnded || isBackfilled(active, live)) return;
      if (active.backfill || hasUnread(active) || !hasCapacity(active)) enqueue(active, live);
      else active.subscriber.next(live.payload);
    },
    async waitForCapacity(active) {
      while (!active.hasEnded && !hasCapacity(active)) {
        const capacity = new Promise<void>((resolve) => (active.onCapacity = resolve));
        watch(active);
        await capacity;
        active.onCapacity = undefined;
      }
    },
    completeBackfill(active) {
      active.backfill = undefined;
      flush(active);
    },
    endAfterUnread(active, end) {
      active.pendingEnd = end;
      flush(active);
    },
    endNow,
    remove(active) {
      if (!active.hasEnded) release(active);
    },
  };
}

const isBackfilled = ({ backfilledUpTo }: ActiveSubscriber, { position }: LivePayload): boolean =>
  position !== undefined && position <= backfilledUpTo;
