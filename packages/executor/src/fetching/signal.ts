/**
 * As much of an AbortSignal as it takes to stop waiting. Each of Node's costs as much as parsing, executing and answering
 * a small operation: with one a request, or a fetch, that is felt.
 */
export interface Signal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface Aborter {
  readonly signal: Signal;
  /** The same as one of Node's, made when it is asked for first. */
  readonly abortSignal: AbortSignal;
  abort(): void;
}

export function createAborter(): Aborter {
  const listeners = new Set<() => void>();
  let controller: AbortController | undefined;
  let aborted = false;
  return {
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener: (_, listener) => void listeners.add(listener),
      removeEventListener: (_, listener) => void listeners.delete(listener),
    },
    get abortSignal() {
      controller ??= new AbortController();
      if (aborted) controller.abort();
      return controller.signal;
    },
    abort() {
      if (aborted) return;
      aborted = true;
      controller?.abort();
      for (const listener of [...listeners]) listener();
    },
  };
}
