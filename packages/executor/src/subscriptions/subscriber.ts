import type { GraphQLFormattedError } from 'graphql';

/** What one event comes to for a group of subscribers: executed and written out once, however many they are. */
export interface SubscriptionPayload {
  /** The execution result as JSON text, as it stands in every transport's message. */
  readonly json: string;
}

/** How a subscription ended: `errors` that may tell the client to come back, or, with none, because it was complete. */
export interface SubscriptionEnd {
  readonly errors?: readonly GraphQLFormattedError[];
}

/** The client's side of one subscription, as a transport gives it. Nothing here throws or waits. */
export interface Subscriber {
  /** Hands a payload to the client's connection. */
  next(payload: SubscriptionPayload): void;
  /** Called once at most, and nothing after it; before `subscribe` has returned where that refuses. */
  end(end: SubscriptionEnd): void;
  /** Bytes that the client's connection has not taken yet: a slow client is known by them. */
  readonly unsentBytes: number;
}

/** The server's side of one subscription, as a transport holds it. */
export interface RunningSubscription {
  /** The client has left: nothing more is handed to it, its `end` neither. Harmless when repeated. */
  unsubscribe(): void;
}
