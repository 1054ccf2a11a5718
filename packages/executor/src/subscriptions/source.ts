/** Where the events of one subscription field come from. */
export interface SubscriptionSource<Context = unknown> {
  /**
   * What the value of every event carries, as a selection set over the field's type: `{ kind rule { id user { id } } }`.
   * Fields without arguments only, the same ones wherever a type occurs. Everything else that an operation selects is
   * fetched, by the keys among them. Objects of interfaces and unions carry `__typename`.
   * @default every field without arguments that the owning subgraph defines, cut where a type comes inside itself
   */
  readonly snapshot?: string;
  /**
   * Begins to listen; called once a subscriber.
   * @param args the field's arguments, coerced, defaults filled in
   * @returns the values of the field, one an event. An `Error` as a value is told as the error of that event.
   */
  subscribe(args: Readonly<Record<string, unknown>>, call: SourceCall<Context>): AsyncIterable<unknown>;
}

export interface SourceCall<Context> {
  /** Aborted when the subscriber is gone: nothing may be left open then. */
  readonly signal: AbortSignal;
  /** What the transport knows of the caller. */
  readonly context: Context;
}

/** By the name of the subscription field. */
export type SubscriptionSources<Context = unknown> = Readonly<Record<string, SubscriptionSource<Context>>>;
