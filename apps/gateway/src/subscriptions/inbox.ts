import { codedError, createEventQueue, type EventQueue } from '@seguridad-abc/executor';

/** A subscriber that has left so many events unread is not read at all. */
const CAPACITY = 1_000;

/** What a subscriber has not read yet. One that reads too slowly is ended, so that it costs the others nothing. */
export const createInbox = <Event>(signal: AbortSignal): EventQueue<Event> =>
  createEventQueue<Event>({
    signal,
    capacity: CAPACITY,
    overflow: () =>
      codedError('SUBSCRIBER_TOO_SLOW', `More than ${CAPACITY} events were left unread; subscribe again.`),
  });
