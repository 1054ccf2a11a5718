import { createRedisNames } from '@seguridad-abc/contracts';
import type { RedisPubSubClient } from '@seguridad-abc/platform';

/** Pub/sub that connects to Redis at its first use. A supergraph without subscriptions needs no Redis. */
export interface LazyRedisPubSubClient extends RedisPubSubClient {
  /** Status of the receiving connection, for operators: `not needed` before the first use. */
  readonly status: string;
}

/**
 * @param prefix of the names in Redis
 * @param connect opens the connections; called at most once
 */
export function createLazyRedisPubSubClient(
  prefix: string,
  connect: () => RedisPubSubClient,
): LazyRedisPubSubClient {
  let connected: RedisPubSubClient | undefined;
  const getPubSub = () => (connected ??= connect());
  return {
    publish: (channel, message) => getPubSub().publish(channel, message),
    subscribe: (channel, schema, listener) => getPubSub().subscribe(channel, schema, listener),
    get publisher() {
      return getPubSub().publisher;
    },
    get subscriber() {
      return getPubSub().subscriber;
    },
    names: createRedisNames(prefix),
    get channels() {
      return connected?.channels ?? [];
    },
    get droppedMessageCount() {
      return connected?.droppedMessageCount ?? 0;
    },
    get status() {
      return connected?.subscriber.status ?? 'not needed';
    },
    close: () => connected?.close(),
  };
}
