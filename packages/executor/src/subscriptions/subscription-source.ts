import type { GraphQLError } from 'graphql';
import type { SubscriptionSourceTraits } from '../planning/query-planner.js';

/** Provides the events of one subscription field. */
export interface SubscriptionSource<Context = unknown> extends SubscriptionSourceTraits {
  /**
   * Whether the caller influences which events arrive. If false, callers with different authorization share one
   * event stream, and `subscribe` must ignore the caller.
   * @default true
   */
  readonly dependsOnCaller?: boolean;
  /**
   * Names the part of a state that an event value describes. A slow client then receives only the latest unread value
   * for each key. Without it every event is kept, and a client with too many unread payloads is ended.
   */
  readonly stateKey?: (value: unknown) => string;
  /** The field argument that holds the client's cursor. `backfill` receives its value; `subscribe` does not. */
  readonly resumeArgument?: string;
  /**
   * Starts the event stream. Called once for all subscribers of a shared subscription.
   * @param args the field's arguments, coerced and with defaults
   * @returns one item for each event: the field's value, or a {@link SourceEvent} that wraps it. An `Error` becomes the
   *   error of that event.
   */
  subscribe(args: SubscriptionArguments, call: SubscribeContext<Context>): AsyncIterable<unknown>;
  /**
   * Reads the events that a subscriber receives before live ones: the present state, or the events after its cursor.
   * Called once for each subscriber, after `subscribe`. Live events wait until it ends.
   * @throws an error with `extensions.code` to reject the cursor
   */
  backfill?(args: SubscriptionArguments, call: BackfillContext<Context>): AsyncIterable<BackfillBatch>;
}

/** Coerced arguments of a subscription field, without the cursor. */
export type SubscriptionArguments = Readonly<Record<string, unknown>>;

/** Passed to a source when its event stream starts. */
export interface SubscribeContext<Context> {
  /** Aborted when no subscriber remains. The source must then release its resources. */
  readonly signal: AbortSignal;
  /** The operation context of one subscriber. */
  readonly context: Context;
  /** Returns the operation context of a subscriber that has not left yet, for work that is done later. */
  readonly getPresentContext?: () => Context;
}

/** Passed to a source for the backfill of one subscriber. */
export interface BackfillContext<Context> extends SubscribeContext<Context> {
  /** The client's cursor; undefined if it sent none. */
  readonly after: string | undefined;
}

/** Sources by the name of their subscription field. */
export type SubscriptionSources<Context = unknown> = Readonly<Record<string, SubscriptionSource<Context>>>;

const SOURCE_EVENT = Symbol('SourceEvent');

/** An event value with its cursor and position. Create it with {@link createSourceEvent}. */
export interface SourceEvent {
  readonly [SOURCE_EVENT]: true;
  readonly value: unknown;
  /** A client resumes after this event with this text. It receives it as `extensions.cursor`. */
  readonly cursor?: string;
  /** The trace context (`traceparent` of W3C) of what has caused the event. Without it, the event is not traced. */
  readonly traceparent?: string | undefined;
  /** The event's place in its stream; it increases. Live events that the backfill covered are dropped by it. */
  readonly position?: number;
}

/** One page of a backfill. */
export interface BackfillBatch {
  /** Return the same objects to subscribers with the same events: each object is executed once. */
  readonly events: readonly SourceEvent[];
  /** The backfill covers live events up to and including this position. */
  readonly upTo: number;
  /**
   * A client resumes after these events with this text. It receives it in a separate payload, whose `data` is null. Set it only for
   * clients that ask for it: others do not expect a payload without data.
   */
  readonly cursor?: string | undefined;
}

/** Wraps an event value to give it a cursor or a position. */
export const createSourceEvent = (event: Omit<SourceEvent, typeof SOURCE_EVENT>): SourceEvent => ({
  ...event,
  [SOURCE_EVENT]: true,
});

/** Wraps a bare value that a source yielded; returns a {@link SourceEvent} unchanged. */
export const toSourceEvent = (event: unknown): SourceEvent =>
  typeof event === 'object' && event !== null && SOURCE_EVENT in event
    ? (event as SourceEvent)
    : createSourceEvent({ value: event });

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
