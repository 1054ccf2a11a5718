import { createEventQueue, type EventQueue } from '../subscriptions/event-queue.js';
import { createCodedError } from '../shared/errors.js';
import type { ExecutorContext } from '../executor.js';
import type { SubscriptionSource } from '../subscriptions/subscription-source.js';

/** A source that tells what a test gives it. */
export interface TestSource extends SubscriptionSource<ExecutorContext> {
  /** Tells every stream that is open now. */
  push(event: unknown): void;
  /** Lets every stream that is open now end by itself. */
  end(): void;
  /** The arguments of every stream that was ever opened. */
  readonly receivedArguments: readonly object[];
  /** Streams that are open now. */
  readonly openStreamCount: number;
}

export function createTestSource(
  options: Partial<Omit<SubscriptionSource<ExecutorContext>, 'subscribe'>> = {},
): TestSource {
  const queues = new Set<EventQueue<unknown>>();
  const opened: object[] = [];
  return {
    ...options,
    receivedArguments: opened,
    get openStreamCount() {
      return queues.size;
    },
    subscribe(args, { signal }) {
      opened.push(args);
      const queue = createEventQueue<unknown>({
        signal,
        capacity: 10_000,
        overflow: () => createCodedError('SUBSCRIBER_TOO_SLOW', 'Too slow.'),
      });
      queues.add(queue);
      signal.addEventListener('abort', () => queues.delete(queue), { once: true });
      return queue;
    },
    push(event) {
      for (const queue of queues) queue.push(event);
    },
    end() {
      for (const queue of queues) queue.end();
    },
  };
}
