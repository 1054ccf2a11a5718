import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { errorMessage } from './errors.js';
import type { Logger } from './logger.js';
import type { PubSub } from './pubsub.js';

/** A subscription that Redis did not confirm is asked for again after this. */
const AGAIN_AFTER_MS = 100;

export interface ChannelSubscriptionOptions<Message> {
  readonly pubsub: Pick<PubSub, 'subscribe'>;
  readonly channel: string;
  readonly schema: z.ZodType<Message>;
  readonly listener: (message: Message) => void;
  readonly logger: Logger;
  /** Ends it; the channel is freed with the last that listens. */
  readonly signal: AbortSignal;
}

/** Listens to a channel, from when Redis has confirmed it; however long Redis is away at first. */
export async function subscribeToChannel<Message>(
  options: ChannelSubscriptionOptions<Message>,
): Promise<void> {
  const { pubsub, channel, schema, listener, logger, signal } = options;
  const isOver = () => signal.aborted;
  while (!isOver()) {
    try {
      const end = await pubsub.subscribe(channel, schema, (message) => {
        if (!isOver()) listener(message);
      });
      if (isOver()) end();
      else signal.addEventListener('abort', end, { once: true });
      return;
    } catch (error) {
      logger.debug({ channel, error: errorMessage(error) }, 'a channel cannot be subscribed to yet');
      await delay(AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
