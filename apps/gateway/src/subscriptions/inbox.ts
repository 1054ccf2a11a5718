import { createCodedError, createEventQueue, type EventQueue } from '@seguridad-abc/executor';

/** So many events may wait to be executed: with more, nobody could follow. */
const CAPACITY = 1_000;

/**
 * What a stream has not told yet. Where it is too much, its subscribers are ended, so that it costs the others nothing.
 * @param key for a stream of a state: of what is not told yet, the latest of each key counts
 */
export const createInbox = <Event>(signal: AbortSignal, key?: (event: Event) => unknown): EventQueue<Event> =>
  createEventQueue<Event>({
    signal,
    capacity: CAPACITY,
    overflow: () =>
      createCodedError(
        'SUBSCRIBER_TOO_SLOW',
        `More than ${CAPACITY} events were left unread; subscribe again.`,
      ),
    ...(key && { key }),
  });
