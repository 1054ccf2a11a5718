/** Wakes one waiting loop. A call of `notify` while the loop is busy is remembered, so no wake-up is lost. */
export interface WakeUpSignal {
  notify(): void;
  /** Resolves at the next `notify`, at once if one is remembered, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Creates a notifier for one waiting loop. */
export function createWakeUpSignal(): WakeUpSignal {
  let isNotified = false;
  let wake: (() => void) | undefined;
  return {
    notify() {
      isNotified = true;
      wake?.();
    },
    async wait(signal) {
      if (!isNotified && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const stopWaiting = () => {
            signal.removeEventListener('abort', stopWaiting);
            wake = undefined;
            resolve();
          };
          wake = stopWaiting;
          signal.addEventListener('abort', stopWaiting);
        });
      }
      isNotified = false;
    },
  };
}
