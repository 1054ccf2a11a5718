import type { GraphQLError } from 'graphql';

/** Events that come when they will, read in order when the reader is ready. */
export interface EventQueue<Event> extends AsyncIterable<Event> {
  push(event: Event): void;
  /** What is in the queue is still read; then it is done. */
  end(): void;
}

export interface EventQueueOptions {
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** How many unread events it holds. */
  readonly capacity: number;
  /** What its reader hears in place of the events, where there were more. */
  readonly overflow: () => GraphQLError;
}

/** A queue for one reader, such as a source of events needs between a callback and the executor. */
export function createEventQueue<Event>({
  signal,
  capacity,
  overflow,
}: EventQueueOptions): EventQueue<Event> {
  const unread: Event[] = [];
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
    unread.length = 0;
    finish();
  };
  signal.addEventListener('abort', discard);

  const next = async (): Promise<IteratorResult<Event, undefined>> => {
    while (unread.length === 0 && !ended) {
      await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
    }
    if (error) {
      const unheard = error;
      error = undefined;
      throw unheard;
    }
    if (unread.length === 0) return { done: true, value: undefined };
    return { done: false, value: unread.shift() as Event };
  };

  return {
    push(event) {
      if (ended) return;
      if (unread.length >= capacity) {
        unread.length = 0;
        finish(overflow());
        return;
      }
      unread.push(event);
      wake?.();
    },
    end: () => finish(),
    [Symbol.asyncIterator]: () => ({
      next,
      return() {
        discard();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}
