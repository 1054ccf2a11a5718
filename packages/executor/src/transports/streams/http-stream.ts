import type { ServerResponse } from 'node:http';
import type { SubscriptionPayload, Subscriber } from '../../subscriptions/subscriber.js';
import type { Framing } from './framing.js';

export interface HttpStreamOptions {
  readonly framing: Framing;
  /** Between two signs of life. */
  readonly everyMs: number;
}

/**
 * Answers a request with a stream of results. It never throws or emits an error: what is written after the client has
 * gone is lost.
 */
export function openHttpStream(
  response: ServerResponse,
  { framing, everyMs }: HttpStreamOptions,
): Subscriber {
  let isOver = false;
  response.writeHead(200, {
    'content-type': framing.contentType,
    'cache-control': 'no-store, no-transform',
    // Proxies of nginx's kind would hold events back.
    'x-accel-buffering': 'no',
  });
  const write = (text: string) => {
    if (!isOver) response.write(text);
  };
  const timer = setInterval(() => write(framing.signOfLife), everyMs);
  const finish = () => {
    isOver = true;
    clearInterval(timer);
  };
  response.once('close', finish);
  write(framing.opening);

  return {
    next: ({ json }: SubscriptionPayload) => write(framing.next(json)),
    end(end) {
      if (isOver) return;
      finish();
      response.end(framing.end(end));
    },
    get unsentBytes() {
      return response.writableLength;
    },
  };
}
