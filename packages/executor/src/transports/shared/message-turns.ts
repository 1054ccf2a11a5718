/**
 * Bounds the requests and WebSocket messages that are handled in one turn of the event loop. Hundreds can arrive at once, each
 * cheap. Without a bound they are all handled before the response of a subgraph for another client, which arrives in the next turn.
 */
export interface MessageTurns {
  /** Number of messages that wait. */
  readonly waitingCount: number;
  /** Whether a message may be handled now. If not, pass it to {@link MessageTurns.wait}. */
  mayHandle(): boolean;
  /**
   * Handles a message in a later turn. Senders take turns, and the messages of one sender stay in order.
   * @param sender who has sent it: its address or its user. `undefined`: unknown senders count as one
   */
  wait(sender: string | undefined, handle: () => void): void;
}

/** Messages in one turn. A small message takes 0.05 to 0.3 ms. */
const MAX_MESSAGES_PER_TURN = 16;
/** The end of a turn is noticed only after this number of messages: a callback for each message would cost more than some of them. */
const UNNOTICED_MESSAGES = 8;

export function createMessageTurns(): MessageTurns {
  /** In the order in which senders have their turns. */
  const waiting = new Map<string | undefined, (() => void)[]>();
  /** Messages that were handled since the last noticed end of a turn. */
  let handledCount = 0;
  let isEndPlanned = false;

  const planEnd = () => {
    if (isEndPlanned) return;
    isEndPlanned = true;
    setImmediate(startTurn);
  };
  const startTurn = () => {
    isEndPlanned = false;
    handledCount = 0;
    while (handledCount < MAX_MESSAGES_PER_TURN) {
      const handle = takeNext();
      if (!handle) return;
      handledCount += 1;
      handle();
    }
    planEnd();
  };
  const takeNext = () => {
    for (const [sender, handlers] of waiting) {
      waiting.delete(sender);
      const handle = handlers.shift();
      if (handlers.length > 0) waiting.set(sender, handlers);
      return handle;
    }
    return undefined;
  };

  return {
    get waitingCount() {
      let count = 0;
      for (const handlers of waiting.values()) count += handlers.length;
      return count;
    },
    mayHandle() {
      if (handledCount >= MAX_MESSAGES_PER_TURN || waiting.size > 0) return false;
      handledCount += 1;
      if (handledCount >= UNNOTICED_MESSAGES) planEnd();
      return true;
    },
    wait(sender, handle) {
      const handlers = waiting.get(sender);
      if (handlers) handlers.push(handle);
      else waiting.set(sender, [handle]);
      planEnd();
    },
  };
}
