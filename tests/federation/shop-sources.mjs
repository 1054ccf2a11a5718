// Subscription sources of the shop's supergraph: order changes from Redis, and three sources without a dependency.
import { setTimeout as delay } from 'node:timers/promises';
import { createEventQueue } from '@seguridad-abc/executor';
import { GraphQLError } from 'graphql';
import { z } from 'zod';

/** Interval of the events of `ticked` and `countdown`. */
const EVENT_INTERVAL_MS = 20;

const orderEvent = z.looseObject({ id: z.string() });

/**
 * @param {Pick<import('@seguridad-abc/platform').RedisPubSubClient, 'subscribe'>} pubsub
 * @param {string} channel Redis channel of order changes
 */
export function createShopSources(pubsub, channel) {
  let runningSources = 0;
  let listeners = 0;
  /**
   * @param {number} from
   * @param {number} step
   * @param {number} to
   * @param {AbortSignal} signal
   */
  async function* count(from, step, to, signal) {
    runningSources += 1;
    try {
      for (let n = from; n !== to; n += step) {
        yield n;
        await delay(EVENT_INTERVAL_MS, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      runningSources -= 1;
    }
  }

  /** @param {AbortSignal} signal */
  function stayIdle(signal) {
    runningSources += 1;
    signal.addEventListener('abort', () => (runningSources -= 1), { once: true });
    return createEventQueue({ signal, capacity: 1, overflow: () => new GraphQLError('Too slow.') });
  }

  /** @type {import('@seguridad-abc/executor').SubscriptionSources<any>} */
  const sources = {
    orderChanged: {
      snapshot: `{
        id number status buyer { id }
        parcel { id weight ... on Box { fragile } ... on Tube { length } }
        cause { ... on Delay { minutes } ... on Damage { what } }
      }`,
      subscribe({ id }, { signal }) {
        const queue = createEventQueue({
          signal,
          capacity: 100,
          overflow: () => new GraphQLError('Too slow.'),
        });
        void pubsub
          .subscribe(channel, orderEvent, (event) => {
            if (id === undefined || id === null || event.id === id) queue.push(event);
          })
          .then((end) => {
            listeners += 1;
            const stop = () => {
              listeners -= 1;
              end();
            };
            if (signal.aborted) stop();
            else signal.addEventListener('abort', stop, { once: true });
          });
        return queue;
      },
    },
    countdown: {
      subscribe: ({ from }, { signal }) => count(Number(from), -1, -1, signal),
    },
    ticked: {
      subscribe: (_, { signal }) => count(0, 1, Infinity, signal),
    },
    idle: {
      subscribe: (_, { signal }) => stayIdle(signal),
    },
  };
  return {
    sources,
    /** Number of `orderChanged` sources that listen to the channel. */
    get listeners() {
      return listeners;
    },
    /** Number of running sources of `ticked`, `countdown` and `idle`. */
    get runningSources() {
      return runningSources;
    },
  };
}
