import type { GraphQLFormattedError } from 'graphql';
import { createLightAbortController } from '../../data-sources/light-abort-signal.js';
import type {
  SubscriptionEnd,
  SubscriptionPayload,
  RunningSubscription,
  Subscriber,
} from '../../subscriptions/subscriber.js';
import { remove, send, type Client } from './client.js';

/**
 * One operation of a WebSocket, to which a subscription tells its events. Of a class, since each subscriber has one: with
 * functions of its own it would take eight times the memory.
 */
export class Operation implements Subscriber {
  readonly aborter = createLightAbortController();
  running: RunningSubscription | undefined;
  private readonly head: string;

  constructor(
    private readonly client: Client,
    private readonly id: string,
  ) {
    this.head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  }

  next({ json }: SubscriptionPayload): void {
    send(this.client, `${this.head}${json}}`);
  }

  end({ errors }: SubscriptionEnd): void {
    remove(this.client, this.id);
    if (errors) sendError(this.client, this.id, errors);
    else send(this.client, JSON.stringify({ id: this.id, type: 'complete' }));
  }

  get unsentBytes(): number {
    return this.client.socket.bufferedAmount;
  }
}

export const sendError = (client: Client, id: string, errors: readonly GraphQLFormattedError[]): void =>
  send(client, JSON.stringify({ id, type: 'error', payload: errors }));
