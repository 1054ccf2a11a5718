/**
 * As much of an AbortSignal as it takes to stop waiting. Each of Node's costs as much as parsing, executing and answering
 * a small operation: with one a request, or a fetch, that is felt.
 */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface LightAbortController {
  readonly signal: AbortSignalLike;
  /** The same as one of Node's, made when it is asked for first. */
  readonly abortSignal: AbortSignal;
  abort(): void;
}

export const createLightAbortController = (): LightAbortController => new LightAborter();

/** Of a class, since one is made for each request and fetch: what has its functions on its own is made three times as slow. */
class LightAborter implements LightAbortController, AbortSignalLike {
  aborted = false;
  private controller: AbortController | undefined;
  private only: (() => void) | undefined;
  /** Made for the second one: hardly any has more than one. */
  private more: Set<() => void> | undefined;

  get signal(): AbortSignalLike {
    return this;
  }

  get abortSignal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.aborted) this.controller.abort();
    return this.controller.signal;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (this.only === undefined || this.only === listener) this.only = listener;
    else (this.more ??= new Set()).add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    if (this.only === listener) this.only = undefined;
    else this.more?.delete(listener);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.controller?.abort();
    const listeners = [...(this.only ? [this.only] : []), ...(this.more ?? [])];
    for (const listener of listeners) listener();
  }
}
