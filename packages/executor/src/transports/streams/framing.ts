import type { SubscriptionEnd } from '../../subscriptions/subscriber.js';

/** How a protocol writes a stream of results into one HTTP response. Everything is text, ready to be sent. */
export interface Framing {
  readonly contentType: string;
  /** Sent at once, so that the client knows that it is listening. */
  readonly opening: string;
  readonly signOfLife: string;
  /** @param json of one result */
  next(json: string): string;
  end(end: SubscriptionEnd): string;
}
