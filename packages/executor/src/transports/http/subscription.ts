import type { ServerResponse } from 'node:http';
import type { SubscriptionEnd, RunningSubscription, Subscriber } from '../../subscriptions/subscriber.js';
import { atTime } from '../at-time.js';
import { noRoom, type Connections } from '../connections.js';
import { expired, shuttingDown, type Faults } from '../faults.js';
import type { SessionRequest, ClientSession } from '../hooks.js';

export interface HttpSubscriptionOptions {
  readonly request: SessionRequest;
  readonly response: ServerResponse;
  readonly session: ClientSession;
  readonly connections: Connections;
  readonly faults: Faults;
  /** Opens the stream that answers the request. */
  readonly open: () => Subscriber;
  readonly subscribe: (subscriber: Subscriber) => RunningSubscription;
}

/**
 * Answers a request with a subscription, until its source, its client, its session or the server ends it.
 * @throws GraphQLError where there is no room for another
 */
export function serveHttpSubscription(options: HttpSubscriptionOptions): void {
  const { request, response, session, connections, faults, open, subscribe } = options;
  if (response.destroyed) return;
  if (connections.isClosing) throw shuttingDown();
  if (connections.isFull) throw noRoom();
  const stream = open();
  // It may end before `subscribe` has returned.
  const subscription: { running?: RunningSubscription } = {};
  const end = (how: SubscriptionEnd) => {
    subscription.running?.unsubscribe();
    stream.end(how);
  };
  const connection = { shutDown: () => end(faults.refuse(shuttingDown(), request)) };
  connections.add(connection);
  const forgetExpiry = atTime(session.expiresAt, () => end(faults.refuse(expired(), request)));
  response.once('close', () => {
    forgetExpiry();
    connections.delete(connection);
    subscription.running?.unsubscribe();
  });
  subscription.running = subscribe({
    next: (payload) => stream.next(payload),
    end,
    get unsentBytes() {
      return stream.unsentBytes;
    },
  });
}
