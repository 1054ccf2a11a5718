import type { GraphQLError } from 'graphql';

/** A bounded queue between a callback that pushes events and one reader that iterates over them. */
export interface EventQueue<Event> extends AsyncIterable<Event> {
  /** Adds an event. A queue that is full fails with the error of `overflow`. After the end, events are ignored. */
  push(event: Event): void;
  /** Ends the iteration after the unread events. */
  end(): void;
  /** Discards the unread events and makes the iteration throw this error. */
  fail(error: GraphQLError): void;
}

/** Options of {@link createEventQueue}. */
export interface EventQueueOptions<Event = never> {
  /** Ends the iteration and discards the unread events when aborted. */
  readonly signal: AbortSignal;
  /** Maximum number of unread events. One more fails the queue. */
  readonly capacity: number;
  /** Creates the error of a queue that exceeds its capacity. */
  readonly overflow: () => GraphQLError;
  /** An event replaces an unread event with the same key. Use it for streams of state. @default every event is kept */
  readonly key?: (event: Event) => unknown;
}

/** Creates the queue that a subscription source returns from `subscribe` when its events arrive by callback. */
export function createEventQueue<Event>({
  signal,
  capacity,
  overflow,
  key = (): unknown => ({}),
}: EventQueueOptions<Event>): EventQueue<Event> {
  /** In order. An event without a key gets a unique one. */
  const unread = new Map<unknown, Event>();
  let hasEnded = signal.aborted;
  let failure: GraphQLError | undefined;
  let wakeReader: (() => void) | undefined;

  const finish = (error?: GraphQLError): void => {
    hasEnded = true;
    failure ??= error;
    signal.removeEventListener('abort', discard);
    wakeReader?.();
  };
  const discard = (): void => {
    unread.clear();
    finish();
  };
  const fail = (error: GraphQLError): void => {
    unread.clear();
    finish(error);
  };
  signal.addEventListener('abort', discard);

  const next = async (): Promise<IteratorResult<Event, undefined>> => {
    while (unread.size === 0 && !hasEnded) {
      await new Promise<void>((resolve) => (wakeReader = resolve));
      wakeReader = undefined;
    }
    if (failure) {
      const error = failure;
      failure = undefined;
      throw error;
    }
    const [first] = unread;
    if (!first) return { done: true, value: undefined };
    unread.delete(first[0]);
    return { done: false, value: first[1] };
  };

  return {
    push(event) {
      if (hasEnded) return;
      const eventKey = key(event);
      unread.delete(eventKey);
      if (unread.size >= capacity) {
        fail(overflow());
        return;
      }
      unread.set(eventKey, event);
      wakeReader?.();
    },
    end: () => finish(),
    fail,
    [Symbol.asyncIterator]: () => ({
      next,
      return() {
        discard();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}
