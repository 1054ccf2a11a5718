import type { FormattedExecutionResult } from 'graphql';
import { stringifyJson } from '../shared/exact-json.js';
import type { OperationContext } from '../shared/operation-context.js';
import type { EventTrace } from '../shared/operation-trace.js';
import type { SubscriptionEnd, SubscriptionPayload, Subscriber } from './subscriber.js';
import {
  toSourceEvent,
  type BackfillBatch,
  type SourceEvent,
  type SubscriptionArguments,
  type SubscriptionSource,
} from './subscription-source.js';
import type { PreparedSubscription } from './subscription-request.js';
import { PayloadRecorder, type SubscriptionFieldRecorder } from './subscription-statistics.js';
import type { TimeSlicedQueue } from './time-sliced-queue.js';

/** Subscribers that receive the same payloads: they share one source stream and one execution for each event. */
export interface SharedSubscription<Context> {
  add(joining: NewSubscriber<Context>): SubscriberState<Context>;
  /** Executes later events with another plan, after a reload of the supergraph. */
  replacePlan(subscription: PreparedSubscription): void;
  /** Ends the subscription of every subscriber now. */
  endAll(end: SubscriptionEnd): Promise<void>;
}

export interface NewSubscriber<Context> {
  readonly subscriber: Subscriber;
  readonly context: Context;
  /** The client's cursor. */
  readonly after: string | undefined;
  /** Start of the subscription, in milliseconds of `performance.now()`. */
  readonly since: number;
}

/** Executes the selection set of a subscription for one event value. */
export type ExecuteEvent<Context> = (
  subscription: PreparedSubscription,
  value: unknown,
  context: Context,
) => Promise<FormattedExecutionResult>;

export interface SharedSubscriptionOptions<Context> {
  readonly source: SubscriptionSource<Context>;
  /** Arguments of the field, without the cursor. */
  readonly args: SubscriptionArguments;
  readonly subscription: PreparedSubscription;
  readonly executeEvent: ExecuteEvent<Context>;
  /** Charges the caller of a context for an event at a time of `performance.now()`. It throws to end the subscription. */
  readonly chargeEvent: (context: Context, nowMs: number) => void;
  /** Turns an error of the source into the end of a subscription. `context` belongs to the call that failed. */
  readonly toErrorEnd: (error: unknown, context: Context) => SubscriptionEnd;
  /** Turns an error of the event stream, which concerns all subscribers, into the end of their subscriptions. */
  readonly toStreamErrorEnd: (error: unknown, context: Context) => Promise<SubscriptionEnd>;
  readonly dispatcher: BufferedPayloadSender;
  readonly queue: TimeSlicedQueue;
  readonly statistics: SubscriptionFieldRecorder;
  /** Called once for each subscriber, when it has ended or left. */
  readonly onSubscriberEnd: (state: SubscriberState<Context>) => void;
  /** Called once, when no more subscribers may be added. */
  readonly onClose: () => void;
}

/** Subscribers that receive a payload in one task of the queue. */
const SUBSCRIBERS_PER_TASK = 32;

/** The first subscriber that is added starts the source stream; it stops when the last one leaves. */
export function createSharedSubscription<Context extends Pick<OperationContext, 'trace'>>(
  options: SharedSubscriptionOptions<Context>,
): SharedSubscription<Context> {
  const { source, args, executeEvent, chargeEvent, toErrorEnd, dispatcher, queue, statistics } = options;
  let { subscription } = options;
  const subscribers = new Set<SubscriberState<Context>>();
  const controller = new AbortController();
  const { signal } = controller;
  const isClosed = () => signal.aborted;
  /** Payloads of backfilled events, which several subscribers may receive. */
  let backfillPayloads = new WeakMap<SourceEvent, Promise<SubscriptionPayload>>();
  let stream: AsyncIterator<unknown> | undefined;

  let isClosedToNew = false;
  const closeToNew = () => {
    if (isClosedToNew) return;
    isClosedToNew = true;
    options.onClose();
  };
  const close = () => {
    if (isClosed()) return;
    closeToNew();
    controller.abort();
    void returnQuietly(stream);
  };
  const onEnd = (state: SubscriberState<Context>) => {
    subscribers.delete(state);
    if (subscribers.size === 0) close();
    options.onSubscriberEnd(state);
  };

  /** Subscribers have equal authorization, or it does not matter. So the context of any of them will do. */
  const getAnyContext = (): Context | undefined => {
    for (const { context } of subscribers) return context;
    return undefined;
  };
  /**
   * A subscriber that cannot pay is ended at once: it would miss the event, and later ones would hide that.
   * @returns whether it has paid
   */
  const charge = (state: SubscriberState<Context>, nowMs: number): boolean => {
    try {
      chargeEvent(state.context, nowMs);
      return true;
    } catch (error) {
      dispatcher.endNow(state, toErrorEnd(error, state.context));
      return false;
    }
  };
  /** The execution of an event without a trace context is not traced: its subscription may run for a day. */
  const startTrace = (traceparent: string): EventTrace | undefined =>
    getAnyContext()?.trace?.startEvent(traceparent, subscription.subscriptionPlan.rootField.name.value);
  const execute = (
    { value, cursor }: SourceEvent,
    trace: EventTrace | undefined,
  ): Promise<SubscriptionPayload> =>
    queue.run(async () => {
      const context = getAnyContext();
      // Every subscriber has left, so this payload is never sent.
      if (context === undefined) return { json: '' };
      statistics.executions += 1;
      const result = await executeEvent(subscription, value, { ...context, signal, trace });
      const extensions = cursor === undefined ? result.extensions : { ...result.extensions, cursor };
      return { json: stringifyJson(extensions ? { ...result, extensions } : result), cursor };
    });
  const executeBackfilled = (event: SourceEvent): Promise<SubscriptionPayload> => {
    let payload = backfillPayloads.get(event);
    if (!payload) backfillPayloads.set(event, (payload = execute(event, undefined)));
    return payload;
  };

  const forEachQueued = async (
    all: Iterable<SubscriberState<Context>>,
    action: (state: SubscriberState<Context>) => void,
  ) => {
    const remaining = all[Symbol.iterator]();
    /** @returns whether subscribers remain */
    const runSome = (): boolean => {
      for (let n = 0; n < SUBSCRIBERS_PER_TASK; n += 1) {
        const next = remaining.next();
        if (next.done === true) return false;
        action(next.value);
      }
      return true;
    };
    while (await queue.run(runSome));
  };

  const publish = async (event: SourceEvent) => {
    statistics.events += 1;
    const nowMs = performance.now();
    for (const state of subscribers) charge(state, nowMs);
    if (isClosed()) return;
    const trace = event.traceparent === undefined ? undefined : startTrace(event.traceparent);
    const payload = await execute(event, trace);
    if (!isClosed()) {
      const livePayload = { payload, stateKey: source.stateKey?.(event.value), position: event.position };
      await forEachQueued(subscribers, (state) => dispatcher.sendLive(state, livePayload));
    }
    trace?.end(subscribers.size);
  };

  /** Publishes live events one after the other, until the source ends or the last subscriber leaves. */
  const publishLiveEvents = async (context: Context) => {
    let end: SubscriptionEnd;
    const call = { signal, context, getPresentContext: () => getAnyContext() ?? context };
    try {
      stream = source.subscribe(args, call)[Symbol.asyncIterator]();
      for (;;) {
        const next: IteratorResult<unknown, unknown> = await stream.next();
        if (isClosed()) return;
        if (next.done === true) break;
        await publish(toSourceEvent(next.value));
        if (isClosed()) return;
      }
      end = {};
    } catch (error) {
      // Closing may make a source fail; no subscriber remains to receive that error.
      if (isClosed()) return;
      closeToNew();
      end = await options.toStreamErrorEnd(error, context);
    }
    // The last subscriber to receive its unread and backfilled payloads closes the shared subscription.
    closeToNew();
    await forEachQueued([...subscribers], (state) => dispatcher.endAfterUnread(state, end));
  };

  const sendBackfill = async (
    state: SubscriberState<Context>,
    readBackfill: () => AsyncIterable<BackfillBatch>,
  ) => {
    try {
      for await (const { events, upTo, cursor } of readBackfill()) {
        for (const event of events) {
          if (!charge(state, performance.now())) return;
          const payload = await executeBackfilled(event);
          await dispatcher.waitForCapacity(state);
          if (state.hasEnded) return;
          dispatcher.sendNow(state, payload);
        }
        state.backfilledUpTo = upTo;
        if (cursor !== undefined && !state.hasEnded)
          state.subscriber.next({ json: stringifyJson({ data: null, extensions: { cursor } }), cursor });
      }
      dispatcher.completeBackfill(state);
    } catch (error) {
      if (!state.hasEnded) dispatcher.endNow(state, toErrorEnd(error, state.context));
    }
  };

  return {
    add({ subscriber, context, after, since }) {
      // Bound, because a source may use `this`.
      const backfill = source.backfill?.bind(source);
      statistics.started += 1;
      const state = createSubscriberState<Context>({ subscriber, context, since, onEnd });
      const isFirst = subscribers.size === 0;
      subscribers.add(state);
      if (backfill) state.backfill = new AbortController();
      if (isFirst) void publishLiveEvents(context);
      if (backfill && state.backfill) {
        const call = { signal: state.backfill.signal, context, after };
        void sendBackfill(state, () => backfill(args, call));
      }
      return state;
    },

    replacePlan(next) {
      subscription = next;
      backfillPayloads = new WeakMap();
    },

    async endAll(end) {
      const ending = [...subscribers];
      close();
      await forEachQueued(ending, (state) => dispatcher.endNow(state, end));
    },
  };
}

/** Closes an iterator without waiting: a source may close only at its next event. */
async function returnQuietly(iterator: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await iterator?.return?.();
  } catch {
    // Nothing reads from the source any more, so its error has no receiver.
  }
}

/** A payload with the data that decides whether and how long it is queued. */
interface QueuedPayload {
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
const createSubscriberState = <Context>({
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
  /** Sends a payload, whatever the state of the connection. */
  sendNow(state: SubscriberState, payload: SubscriptionPayload): void;
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
  readonly statistics: PayloadRecorder;
  /** The subscribers whose payloads wait. */
  readonly slowSubscribers: ReadonlySet<Pick<SubscriberState, 'unread'>>;
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
  const statistics = new PayloadRecorder();
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
    statistics.droppedPayloads += state.unread?.size ?? 0;
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

  /** @returns whether there was one */
  const removeUnread = (state: SubscriberState, key: unknown): boolean => {
    const livePayload = state.unread?.get(key);
    if (!livePayload) return false;
    state.unread?.delete(key);
    state.unreadLength -= livePayload.payload.json.length;
    return true;
  };
  const sendNow = ({ subscriber }: SubscriberState, payload: SubscriptionPayload) => {
    statistics.sentPayloads += 1;
    subscriber.next(payload);
  };
  const enqueue = (state: SubscriberState, livePayload: QueuedPayload) => {
    const key = livePayload.stateKey ?? livePayload;
    if (removeUnread(state, key)) statistics.droppedPayloads += 1;
    const unread = (state.unread ??= new Map<unknown, QueuedPayload>());
    unread.set(key, livePayload);
    state.unreadLength += livePayload.payload.json.length;
    const { size } = unread;
    if (size > maxUnread || (size > 1 && state.unreadLength > maxUnreadLength)) {
      statistics.tooSlowEnds += 1;
      endNow(state, createTooSlowEnd());
    } else if (!state.backfill) watch(state);
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
      if (!isBackfilled(state, livePayload)) sendNow(state, livePayload.payload);
    }
    if (state.pendingEnd) endNow(state, state.pendingEnd);
    else unwatch(state);
  };

  return {
    sendLive(state, livePayload) {
      if (state.hasEnded || isBackfilled(state, livePayload)) return;
      if (state.backfill || hasUnread(state) || !hasCapacity(state)) enqueue(state, livePayload);
      else sendNow(state, livePayload.payload);
    },
    sendNow,
    statistics,
    slowSubscribers: slow,
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
