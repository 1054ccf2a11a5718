// The events of the shop's supergraph: changes over Redis pub/sub, and three sources that need nothing.
import { setTimeout as delay } from 'node:timers/promises';
import { createEventQueue } from '@seguridad-abc/executor';
import { GraphQLError } from 'graphql';
import { z } from 'zod';

/** How often `ticked` and `countdown` tell something, in milliseconds. */
const EVERY_MS = 20;

const orderEvent = z.looseObject({ id: z.string() });

/**
 * @param {Pick<import('@seguridad-abc/platform').PubSub, 'subscribe'>} pubsub
 * @param {string} channel that changes of orders come by
 */
export function createShopSources(pubsub, channel) {
  let running = 0;
  let listeners = 0;
  /**
   * @param {number} from
   * @param {number} step
   * @param {number} to
   * @param {AbortSignal} signal
   */
  async function* count(from, step, to, signal) {
    running += 1;
    try {
      for (let n = from; n !== to; n += step) {
        yield n;
        await delay(EVERY_MS, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      running -= 1;
    }
  }

  /** @param {AbortSignal} signal */
  function silence(signal) {
    running += 1;
    signal.addEventListener('abort', () => (running -= 1), { once: true });
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
            const leave = () => {
              listeners -= 1;
              end();
            };
            if (signal.aborted) leave();
            else signal.addEventListener('abort', leave, { once: true });
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
      subscribe: (_, { signal }) => silence(signal),
    },
  };
  return {
    sources,
    /** Subscribers of `orderChanged` that hear whatever is published from now on. */
    get listeners() {
      return listeners;
    },
    /** Sources of `ticked`, `countdown` and `idle` that are open now. */
    get running() {
      return running;
    },
  };
}
