import { setTimeout as delay } from 'node:timers/promises';
import { beat, BEATS_CHANNEL, type Beat } from '@seguridad-abc/contracts';
import { messageOf, type Logger, type PubSub } from '@seguridad-abc/platform';

/** A subscription that Redis did not confirm is asked for again after this. */
const AGAIN_AFTER_MS = 100;

/** Listens to beats until `abort`. Resolves once Redis has confirmed, however long it is away at first. */
export async function listen(
  pubsub: PubSub,
  listener: (beat: Beat) => void,
  logger: Logger,
  abort: AbortSignal,
): Promise<void> {
  while (!abort.aborted) {
    try {
      const end = await pubsub.subscribe(BEATS_CHANNEL, beat, listener);
      abort.addEventListener('abort', end, { once: true });
      return;
    } catch (error) {
      logger.debug({ error: messageOf(error) }, 'beats cannot be subscribed to yet');
      await delay(AGAIN_AFTER_MS, undefined, { signal: abort }).catch(() => undefined);
    }
  }
}
