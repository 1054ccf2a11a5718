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
  /** Made for the second one: hardly any has more than one. */
  let more: Set<() => void> | undefined;
  let only: (() => void) | undefined;
  let controller: AbortController | undefined;
  let aborted = false;
  return {
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener(_, listener) {
        if (only === undefined || only === listener) only = listener;
        else (more ??= new Set()).add(listener);
      },
      removeEventListener(_, listener) {
        if (only === listener) only = undefined;
        else more?.delete(listener);
      },
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
      const listeners = [...(only ? [only] : []), ...(more ?? [])];
      for (const listener of listeners) listener();
    },
  };
}
