/** Wakes whoever waits. A call of `raise` while nobody waits is kept, so no wake-up is ever lost. */
export interface Notifier {
  notify(): void;
  /** Resolves at the next `raise`, at once if one was kept, or when `abort` is. */
  wait(abort: AbortSignal): Promise<void>;
}

export function createNotifier(): Notifier {
  let raised = false;
  let wake: (() => void) | undefined;
  return {
    notify() {
      raised = true;
      wake?.();
    },
    async wait(abort) {
      if (!raised && !abort.aborted) {
        await new Promise<void>((resolve) => {
          const done = () => {
            abort.removeEventListener('abort', done);
            wake = undefined;
            resolve();
          };
          wake = done;
          abort.addEventListener('abort', done);
        });
      }
      raised = false;
    },
  };
}
