import { SentinelConnector, type Redis, type SentinelConnectionOptions } from 'ioredis';

/** A method of {@link SentinelConnector} that its types do not show. */
const CONNECT_METHOD = 'connectToSentinel';
type ConnectToSentinel = (...args: unknown[]) => Redis;

/**
 * The connector of ioredis for Sentinels. It connects to each of them again and again, but the connections that hear of failovers have no
 * listener for errors: ioredis writes `Unhandled error event` to standard error for each attempt while a Sentinel is away. Nothing handles
 * the SUBSCRIBE after a reconnect either: while a Sentinel does not answer, its rejection would end the process. The connection to the master
 * logs why Redis is unreachable, so these errors can be ignored.
 */
export class QuietSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
    const connect: unknown = Reflect.get(this, CONNECT_METHOD);
    // Another version of ioredis may have another method: then only the messages remain.
    if (typeof connect !== 'function') return;
    const connectQuietly: ConnectToSentinel = (...args) => {
      const sentinel = (connect as ConnectToSentinel).apply(this, args);
      sentinel.on('error', () => undefined);
      const subscribe = sentinel.subscribe.bind(sentinel) as (...channels: unknown[]) => Promise<unknown>;
      const subscribeQuietly = (...channels: unknown[]) => {
        const subscribed = subscribe(...channels);
        subscribed.catch(() => undefined);
        return subscribed;
      };
      return Object.assign(sentinel, { subscribe: subscribeQuietly });
    };
    Reflect.set(this, CONNECT_METHOD, connectQuietly);
  }
}
