import type { PubSub } from '@seguridad-abc/platform';

/** Live messages over a Redis that is not connected to before it is needed. */
export interface LazyPubSub extends PubSub {
  /** Of the connection that messages arrive on. */
  readonly status: string;
}

export function createLazyPubSub(connect: () => PubSub): LazyPubSub {
  let connected: PubSub | undefined;
  const pubsub = () => (connected ??= connect());
  return {
    publish: (channel, message) => pubsub().publish(channel, message),
    subscribe: (channel, schema, listener) => pubsub().subscribe(channel, schema, listener),
    get publisher() {
      return pubsub().publisher;
    },
    get subscriber() {
      return pubsub().subscriber;
    },
    get channels() {
      return connected?.channels ?? [];
    },
    get status() {
      return connected?.subscriber.status ?? 'not needed';
    },
    close: () => connected?.close(),
  };
}
