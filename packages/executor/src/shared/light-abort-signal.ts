/**
 * The part of `AbortSignal` that the executor uses. A Node.js `AbortSignal` costs as much as parsing, executing and
 * answering a small operation, so that one per request or fetch is measurable.
 */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Aborts an {@link AbortSignalLike}, as an `AbortController` aborts its `AbortSignal`. */
export interface LightAbortController {
  readonly signal: AbortSignalLike;
  /** A Node.js `AbortSignal` that aborts together with `signal`. Created on first use. */
  readonly abortSignal: AbortSignal;
  /** Calls the listeners of `signal`, once each. Repeated calls do nothing. */
  abort(): void;
}

/** Creates a controller whose signal becomes a Node.js `AbortSignal` only on demand. */
export const createLightAbortController = (): LightAbortController => new LightAbortControllerImpl();

/** A class, because one is created per request and per fetch: closures for each method take three times as long. */
class LightAbortControllerImpl implements LightAbortController, AbortSignalLike {
  aborted = false;
  private nodeController: AbortController | undefined;
  private firstListener: (() => void) | undefined;
  /** Created for the second listener. Most signals have one listener. */
  private otherListeners: Set<() => void> | undefined;

  get signal(): AbortSignalLike {
    return this;
  }

  get abortSignal(): AbortSignal {
    this.nodeController ??= new AbortController();
    if (this.aborted) this.nodeController.abort();
    return this.nodeController.signal;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (this.firstListener === undefined || this.firstListener === listener) this.firstListener = listener;
    else (this.otherListeners ??= new Set()).add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    if (this.firstListener === listener) this.firstListener = undefined;
    else this.otherListeners?.delete(listener);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.nodeController?.abort();
    const listeners = [...(this.firstListener ? [this.firstListener] : []), ...(this.otherListeners ?? [])];
    for (const listener of listeners) listener();
  }
}
