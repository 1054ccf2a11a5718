import type { SubscriptionSource } from '@seguridad-abc/executor';
import { subscribeToChannel, type Logger, type PubSub } from '@seguridad-abc/platform';
import { z } from 'zod';
import { channelName } from './channel-name.js';
import type { Channel } from './channels.js';
import { createSubscriberQueue } from './subscriber-queue.js';

/** Names of GraphQL have no `$`: no value of a field looks like this. */
const END = '$end';

/**
 * The messages of a Redis channel, each the field's value as JSON. The message `{"$end": true}` completes the
 * subscriptions that hear it.
 */
export const channelSource = (
  { channel, snapshot, stateKey }: Channel,
  pubsub: Pick<PubSub, 'subscribe'>,
  logger: Logger,
): SubscriptionSource => {
  const keyOf = (value: unknown) =>
    JSON.stringify((value as Record<string, unknown> | null)?.[stateKey ?? '']);
  return {
    dependsOnCaller: false,
    ...(snapshot !== undefined && { snapshot }),
    ...(stateKey !== undefined && { stateKey: keyOf }),
    subscribe(args, { signal }) {
      const inbox = createSubscriberQueue<unknown>(signal, stateKey === undefined ? undefined : keyOf);
      const listener = (message: unknown) => {
        if (isEnd(message)) inbox.end();
        else inbox.push(message);
      };
      void subscribeToChannel({
        pubsub,
        channel: channelName(channel, args),
        schema: z.unknown(),
        listener,
        logger,
        signal,
      });
      return inbox;
    },
  };
};

const isEnd = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && (message as Record<string, unknown>)[END] === true;
