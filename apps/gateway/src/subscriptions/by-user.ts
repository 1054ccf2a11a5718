/** Who wants to hear what is of whom: a message costs as many calls as there are listeners that it concerns. */
export interface ByUser<Message> {
  /** @param userId null: of all users. Until the signal. */
  add(userId: string | null, listener: (message: Message) => void, signal: AbortSignal): void;
  tell(userId: string, message: Message): void;
  tellAll(message: Message): void;
}

/**
 * @param onFirst somebody listens, who was nobody
 * @param onLast nobody listens any more
 */
export function createByUser<Message>(onFirst: () => void, onLast: () => void): ByUser<Message> {
  type Listener = (message: Message) => void;
  const listeners = new Map<string | null, Set<Listener>>();
  let size = 0;

  return {
    add(userId, listener, signal) {
      if (signal.aborted) return;
      const own = listeners.get(userId) ?? new Set();
      listeners.set(userId, own);
      own.add(listener);
      size += 1;
      if (size === 1) onFirst();
      const leave = () => {
        own.delete(listener);
        if (own.size === 0) listeners.delete(userId);
        size -= 1;
        if (size === 0) onLast();
      };
      signal.addEventListener('abort', leave, { once: true });
    },
    tell(userId, message) {
      for (const listener of listeners.get(userId) ?? []) listener(message);
      for (const listener of listeners.get(null) ?? []) listener(message);
    },
    tellAll(message) {
      for (const own of listeners.values()) for (const listener of own) listener(message);
    },
  };
}
