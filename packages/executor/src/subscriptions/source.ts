/** Where the events of one subscription field come from. */
export interface SubscriptionSource<Context = unknown> {
  /**
   * What the value of every event carries, as a selection set over the field's type: `{ kind rule { id user { id } } }`.
   * Fields without arguments only, the same ones wherever a type occurs. Everything else that an operation selects is
   * fetched, by the keys among them. Objects of interfaces and unions carry `__typename`.
   * @default every field without arguments that the owning subgraph defines, cut where a type comes inside itself
   */
  readonly snapshot?: string;
  /** Of the field: one of the same name that is of another type has no source here. @default any */
  readonly type?: string;
  /**
   * Whether anything but the field's arguments decides which events come. Where it is false, callers of any authority
   * share one stream, and `subscribe` must not look at who calls.
   * @default true
   */
  readonly dependsOnCaller?: boolean;
  /**
   * For a stream that tells of a state: which part of it a value is about. Of what a slow client has not read, the latest
   * value for each part is kept. Without it every event counts, and a client that leaves too many unread is ended.
   */
  readonly stateKey?: (value: unknown) => string;
  /** The argument by which a client brings the cursor that it holds; `begin` is given it, and `subscribe` is not. */
  readonly resumeArgument?: string;
  /**
   * Begins to listen; called once for all subscribers that share a stream.
   * @param args the field's arguments, coerced, defaults filled in
   * @returns the values of the field, one an event, bare or as a {@link SourceEvent}. An `Error` as a value is told as
   *   the error of that event.
   */
  subscribe(args: SubscriptionArguments, call: SubscribeContext<Context>): AsyncIterable<unknown>;
  /**
   * What a subscriber is told before the live events: what is present, or what came since its cursor. Called once a
   * subscriber, after `subscribe`; the live events wait until it has ended.
   * @throws an error with `extensions.code` to refuse the cursor
   */
  backfill?(args: SubscriptionArguments, call: BackfillContext<Context>): AsyncIterable<BackfillBatch>;
}

export type SubscriptionArguments = Readonly<Record<string, unknown>>;

export interface SubscribeContext<Context> {
  /** Aborted when nobody listens any more: nothing may be left open then. */
  readonly signal: AbortSignal;
  /** What the transport knows of the caller. */
  readonly context: Context;
}

export interface BackfillContext<Context> extends SubscribeContext<Context> {
  /** The cursor that the client brings. */
  readonly after: string | undefined;
}

/** By the name of the subscription field. */
export type SubscriptionSources<Context = unknown> = Readonly<Record<string, SubscriptionSource<Context>>>;

const EVENT = Symbol('event of a source');

export interface SourceEvent {
  readonly [EVENT]: true;
  readonly value: unknown;
  /** What a client that has seen this event brings to go on after it; it finds it as `extensions.cursor`. */
  readonly cursor?: string;
  /** Where a live event stands in its stream; rises. A subscriber is not told what its beginning has covered. */
  readonly position?: number;
}

/** A part of what a subscriber is told first. */
export interface BackfillBatch {
  /** The same objects for subscribers that are told the same: each is executed once. */
  readonly events: readonly SourceEvent[];
  /** The position of the last live event that these have covered. */
  readonly upTo: number;
}

/** An event with more than its value. */
export const createSourceEvent = (event: Omit<SourceEvent, typeof EVENT>): SourceEvent => ({
  ...event,
  [EVENT]: true,
});

/** What came from a source, as an event. */
export const toSourceEvent = (event: unknown): SourceEvent =>
  typeof event === 'object' && event !== null && EVENT in event
    ? (event as SourceEvent)
    : createSourceEvent({ value: event });
