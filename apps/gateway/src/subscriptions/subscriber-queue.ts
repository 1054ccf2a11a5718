import { createCodedError, createEventQueue, type EventQueue } from '@seguridad-abc/executor';

/** A subscriber with more unread events is disconnected: it does not catch up. */
const MAX_UNREAD_EVENTS = 1_000;

/**
 * Creates the queue of events that a subscriber has not read yet. If it overflows, its subscriptions end with
 * `SUBSCRIBER_TOO_SLOW`, and other subscribers are not affected.
 * @param key for events that describe a state: only the latest unread event of each key is kept
 */
export const createSubscriberQueue = <Event>(
  signal: AbortSignal,
  key?: (event: Event) => unknown,
): EventQueue<Event> =>
  createEventQueue<Event>({
    signal,
    capacity: MAX_UNREAD_EVENTS,
    overflow: () =>
      createCodedError(
        'SUBSCRIBER_TOO_SLOW',
        `More than ${MAX_UNREAD_EVENTS} events were not read in time. Subscribe again.`,
      ),
    ...(key && { key }),
  });
