import type { GraphQLFormattedError } from 'graphql';

/** The result of one event. It is executed and serialized once for all subscribers of a shared subscription. */
export interface SubscriptionPayload {
  /** The GraphQL execution result as JSON text. Transports put it into their messages unchanged. */
  readonly json: string;
  /** A client resumes after the event with this text. It is in `extensions.cursor` of `json` too. */
  readonly cursor?: string | undefined;
}

/** Why a subscription ended. Without `errors` the source has completed. */
export interface SubscriptionEnd {
  /** The errors for the client, formatted. */
  readonly errors?: readonly GraphQLFormattedError[];
}

/** The client's side of one subscription. A transport implements it; its methods neither throw nor wait. */
export interface Subscriber {
  /** Sends a payload to the client. */
  next(payload: SubscriptionPayload): void;
  /** The last call, made at most once. A rejected subscription ends before `subscribe` returns. */
  end(end: SubscriptionEnd): void;
  /** Bytes that the client's connection has not accepted yet. The executor slows down for a client by this number. */
  readonly unsentBytes: number;
}

/** The server's side of one subscription. A transport holds it until the client leaves. */
export interface RunningSubscription {
  /** Stops the subscription without calling `next` or `end` again. Repeated calls do nothing. */
  unsubscribe(): void;
}
