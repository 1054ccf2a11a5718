import type { GraphQLError } from 'graphql';

/** A stream of answers that anyone may end at any time. */
export interface ResultStream<Result> extends AsyncGenerator<Result, undefined, undefined> {
  return(value?: undefined): Promise<IteratorResult<Result, undefined>>;
  /** Ends it for whoever reads, with an error. */
  fail(error: GraphQLError): void;
  /** Resolves when the reader has heard that it is over. */
  readonly over: Promise<void>;
}

export interface StreamOptions<Event, Result> {
  /** Called at the first `next`. */
  readonly open: (signal: AbortSignal) => AsyncIterable<Event>;
  /** One event at a time, in order. */
  readonly answer: (event: Event, signal: AbortSignal) => Promise<Result>;
  /** What the reader hears when the source or an answer throws. */
  readonly failure: (error: unknown) => GraphQLError;
  /** The stream is over, for whatever reason. */
  readonly onEnd: () => void;
}

/**
 * Answers one event after the other. Unlike an `async function*`, which would queue `return` behind a `next` that
 * waits for an event, it ends at once: the signal is aborted, the source closed, and a waiting `next` answered.
 */
export function createStream<Event, Result>(options: StreamOptions<Event, Result>): ResultStream<Result> {
  const { open, answer, failure, onEnd } = options;
  const controller = new AbortController();
  const { signal } = controller;
  let source: AsyncIterator<Event> | undefined;
  let error: GraphQLError | undefined;
  /** Ends a `next` that waits. */
  let wake: (() => void) | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let announce: () => void;
  const over = new Promise<void>((resolve) => (announce = resolve));

  const isOver = (): boolean => signal.aborted;
  const end = (why?: GraphQLError): void => {
    if (isOver()) return;
    error = why;
    controller.abort();
    void close(source);
    wake?.();
    onEnd();
  };

  /** What a reader hears once the stream has ended: its error once, and then that it is done. */
  const last = (): IteratorReturnResult<undefined> => {
    announce();
    const unheard = error;
    error = undefined;
    if (unheard) throw unheard;
    return { done: true, value: undefined };
  };

  const read = async (): Promise<IteratorResult<Result, undefined>> => {
    source ??= open(signal)[Symbol.asyncIterator]();
    const event = await source.next();
    if (event.done === true) return { done: true, value: undefined };
    return { done: false, value: await answer(event.value, signal) };
  };

  const step = async (): Promise<IteratorResult<Result, undefined>> => {
    if (isOver()) return last();
    const result = await new Promise<IteratorResult<Result, undefined> | undefined>((resolve) => {
      wake = () => resolve(undefined);
      read().then(resolve, (thrown: unknown) => {
        // What was cut off by the end may fail of it: nobody is to hear of that.
        if (!isOver()) end(failure(thrown));
      });
    });
    wake = undefined;
    if (result?.done === true) end();
    return isOver() || result === undefined ? last() : result;
  };

  const stream: ResultStream<Result> = {
    over,
    fail: end,
    next() {
      const result = turn.then(step);
      turn = result.catch(() => undefined);
      return result;
    },
    return() {
      end();
      announce();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(thrown) {
      end();
      announce();
      return Promise.reject(thrown as Error);
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** A source that waits for an event may close only then, if ever: nobody waits for that. */
async function close(source: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await source?.return?.();
  } catch {
    // It is not read any more, so nobody is there to hear of it.
  }
}
