import type { GraphQLError } from 'graphql';

/** Events that come when they will, read in order when the reader is ready. */
export interface EventQueue<Event> extends AsyncIterable<Event> {
  push(event: Event): void;
  /** What is in the queue is still read; then it is done. */
  end(): void;
  /** What is in the queue is not read any more: its reader hears this. */
  fail(error: GraphQLError): void;
}

export interface EventQueueOptions<Event = never> {
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** How many unread events it holds. */
  readonly capacity: number;
  /** What its reader hears in place of the events, where there were more. */
  readonly overflow: () => GraphQLError;
  /** For a stream that tells of a state: an event takes the place of an unread one of the same key. */
  readonly key?: (event: Event) => unknown;
}

/** A queue for one reader, such as a source of events needs between a callback and the executor. */
export function createEventQueue<Event>({
  signal,
  capacity,
  overflow,
  key = (): unknown => ({}),
}: EventQueueOptions<Event>): EventQueue<Event> {
  /** In order; those without a key of their own each by another. */
  const unread = new Map<unknown, Event>();
  let ended = signal.aborted;
  let error: GraphQLError | undefined;
  let wake: (() => void) | undefined;

  const finish = (why?: GraphQLError): void => {
    ended = true;
    error ??= why;
    signal.removeEventListener('abort', discard);
    wake?.();
  };
  const discard = (): void => {
    unread.clear();
    finish();
  };
  const fail = (why: GraphQLError): void => {
    unread.clear();
    finish(why);
  };
  signal.addEventListener('abort', discard);

  const next = async (): Promise<IteratorResult<Event, undefined>> => {
    while (unread.size === 0 && !ended) {
      await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
    }
    if (error) {
      const unheard = error;
      error = undefined;
      throw unheard;
    }
    const [first] = unread;
    if (!first) return { done: true, value: undefined };
    unread.delete(first[0]);
    return { done: false, value: first[1] };
  };

  return {
    push(event) {
      if (ended) return;
      const place = key(event);
      unread.delete(place);
      if (unread.size >= capacity) {
        fail(overflow());
        return;
      }
      unread.set(place, event);
      wake?.();
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
