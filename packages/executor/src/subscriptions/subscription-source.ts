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
  /** The event's place in its stream; it increases. Live events that the backfill covered are dropped by it. */
  readonly position?: number;
}

/** One page of a backfill. */
export interface BackfillBatch {
  /** Return the same objects to subscribers with the same events: each object is executed once. */
  readonly events: readonly SourceEvent[];
  /** The backfill covers live events up to and including this position. */
  readonly upTo: number;
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
