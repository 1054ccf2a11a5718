import type { Redis } from 'ioredis';

export interface SightOptions {
  /** The connection that beats arrive on, and nothing else. */
  readonly subscriber: Redis;
  /** Monotonic, in milliseconds. */
  readonly clock: () => number;
  readonly onAnswer: (askedAt: number) => void;
  readonly onLost: () => void;
  /**
   * A connection that has not answered for this long is dead, whatever TCP says: it is made anew.
   * @default 10_000 // 10 seconds
   */
  readonly giveUpAfterMs?: number;
}

export interface Sight {
  /**
   * Asks Redis for a sign of life, one at a time. The answer on a connection that is subscribed comes after all beats
   * that reached Redis before it, so that silence up to the question is proved.
   */
  look(): void;
  close(): void;
}

/** Tells the silence of services from that of Redis. */
export function createSight(options: SightOptions): Sight {
  const { subscriber, clock, onAnswer, onLost, giveUpAfterMs = 10_000 } = options;
  let open: { readonly askedAt: number } | undefined;

  const ask = async () => {
    const question = { askedAt: clock() };
    open = question;
    // Where the connection is lost meanwhile, `lost` is told.
    const answer: unknown = await subscriber.ping().catch(() => undefined);
    if (open !== question) return;
    open = undefined;
    if (isOfSubscriber(answer)) onAnswer(question.askedAt);
  };
  const lost = () => {
    open = undefined;
    onLost();
  };
  subscriber.on('close', lost);

  return {
    look() {
      if (!open) {
        if (subscriber.status === 'ready') void ask();
      } else if (clock() - open.askedAt >= giveUpAfterMs) {
        open = undefined;
        subscriber.disconnect(true);
      }
    },
    close: () => void subscriber.off('close', lost),
  };
}

/** Redis answers a connection that has a subscription with a list, any other with a word: that one proves nothing. */
const isOfSubscriber = (answer: unknown): boolean => Array.isArray(answer);
