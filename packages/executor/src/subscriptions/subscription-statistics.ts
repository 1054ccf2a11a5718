/** What the subscriptions of an executor have done. */
export interface SubscriptionStatistics {
  /** Subscriptions that run now. */
  readonly running: number;
  /** Groups of equal subscriptions: each has one source, and one execution for each event. */
  readonly groups: number;
  /** Subscribers whose connection has too many unsent bytes now. Their payloads wait. */
  readonly slowSubscribers: number;
  /** Payloads that wait for slow subscribers now. */
  readonly unreadPayloads: number;
  /** By the name of the subscription field. */
  readonly fields: ReadonlyMap<string, SubscriptionFieldStatistics>;
  /** Payloads that subscribers have received. */
  readonly sentPayloads: number;
  /** Payloads that a newer one of the same object has replaced before they were sent, and those of subscribers that were too slow. */
  readonly droppedPayloads: number;
  /** Subscriptions that ended because their client read too slowly. */
  readonly tooSlowEnds: number;
}

/** The subscriptions of one field. */
export interface SubscriptionFieldStatistics {
  /** Subscriptions that were started. */
  readonly started: number;
  /** Events of sources. */
  readonly events: number;
  /** Executions of live and backfilled events. Without equal subscriptions, there is one for each event and subscriber. */
  readonly executions: number;
}

/** Counts the subscriptions of one field. */
export class SubscriptionFieldRecorder implements SubscriptionFieldStatistics {
  started = 0;
  events = 0;
  executions = 0;
}

/** Counts the payloads of all subscriptions. */
export class PayloadRecorder {
  sentPayloads = 0;
  droppedPayloads = 0;
  tooSlowEnds = 0;
}
