import type { FormattedExecutionResult } from 'graphql';
import {
  createSubscriberState,
  type SubscriberState,
  type BufferedPayloadSender,
} from './payload-dispatcher.js';
import type { SubscriptionEnd, SubscriptionPayload, Subscriber } from './subscriber.js';
import {
  toSourceEvent,
  type BackfillBatch,
  type SourceEvent,
  type SubscriptionArguments,
  type SubscriptionSource,
} from './subscription-source.js';
import type { TimeSlicedQueue } from './time-sliced-queue.js';

/** Subscribers that receive the same payloads: they share one source stream and one execution for each event. */
export interface SharedSubscription<Context> {
  add(joining: NewSubscriber<Context>): SubscriberState<Context>;
  /** Executes later events with another plan, after a reload of the supergraph. */
  replaceExecutor(execute: EventExecutor<Context>): void;
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

/** Executes the subscription's selection set for one event value. */
export type EventExecutor<Context> = (
  value: unknown,
  context: Context,
  signal: AbortSignal,
) => Promise<FormattedExecutionResult>;

export interface SharedSubscriptionOptions<Context> {
  readonly source: SubscriptionSource<Context>;
  /** Arguments of the field, without the cursor. */
  readonly args: SubscriptionArguments;
  readonly execute: EventExecutor<Context>;
  /** Turns an error of the source into the end of a subscription. `context` belongs to the call that failed. */
  readonly toErrorEnd: (error: unknown, context: Context) => SubscriptionEnd;
  readonly dispatcher: BufferedPayloadSender;
  readonly queue: TimeSlicedQueue;
  /** Called once for each subscriber, when it has ended or left. */
  readonly onSubscriberEnd: (state: SubscriberState<Context>) => void;
  /** Called once, when no more subscribers may be added. */
  readonly onClose: () => void;
}

/** Subscribers that receive a payload in one task of the queue. */
const SUBSCRIBERS_PER_TASK = 32;

/** The first subscriber that is added starts the source stream; it stops when the last one leaves. */
export function createSharedSubscription<Context>(
  options: SharedSubscriptionOptions<Context>,
): SharedSubscription<Context> {
  const { source, args, toErrorEnd, dispatcher, queue } = options;
  let executeValue = options.execute;
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
  const execute = ({ value, cursor }: SourceEvent): Promise<SubscriptionPayload> =>
    queue.run(async () => {
      const context = getAnyContext();
      // Every subscriber has left, so this payload is never sent.
      if (context === undefined) return { json: '' };
      const result = await executeValue(value, context, signal);
      const extensions = cursor === undefined ? result.extensions : { ...result.extensions, cursor };
      return { json: JSON.stringify(extensions ? { ...result, extensions } : result) };
    });
  const executeBackfilled = (event: SourceEvent): Promise<SubscriptionPayload> => {
    let payload = backfillPayloads.get(event);
    if (!payload) backfillPayloads.set(event, (payload = execute(event)));
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
    const payload = await execute(event);
    if (isClosed()) return;
    const livePayload = { payload, stateKey: source.stateKey?.(event.value), position: event.position };
    await forEachQueued(subscribers, (state) => dispatcher.sendLive(state, livePayload));
  };

  /** Publishes live events one after the other, until the source ends or the last subscriber leaves. */
  const publishLiveEvents = async (context: Context) => {
    let end: SubscriptionEnd;
    try {
      stream = source.subscribe(args, { signal, context })[Symbol.asyncIterator]();
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
      end = toErrorEnd(error, context);
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
      for await (const { events, upTo } of readBackfill()) {
        for (const event of events) {
          const payload = await executeBackfilled(event);
          await dispatcher.waitForCapacity(state);
          if (state.hasEnded) return;
          state.subscriber.next(payload);
        }
        state.backfilledUpTo = upTo;
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

    replaceExecutor(next) {
      executeValue = next;
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
