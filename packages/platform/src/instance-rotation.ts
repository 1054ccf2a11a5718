import { runWithTimeout } from './run-with-timeout.js';

/** Sends one request to an instance. Throws if the instance cannot answer now. */
export type InstanceRequest<Result> = (baseUrl: string, signal: AbortSignal) => Promise<Result>;

export interface InstanceRequestOptions<Result> {
  /** Time limit of the request to all instances together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Whether the result is from an instance that is current. Otherwise the next instance is asked. @default each result is accepted */
  readonly accept?: ((result: Result) => boolean) | undefined;
  /**
   * Whether another instance may be asked after an error. If not, the next request begins with it. For requests that must not be
   * executed twice. @default after each error
   */
  readonly mayRepeat?: ((error: unknown) => boolean) | undefined;
}

/** Asks the instances of a service one after the other, for requests that any of them can answer and that can be sent twice. */
export interface InstanceRotation {
  /**
   * Begins with the instance whose result was accepted last. An instance that fails, uses up its share of the time, or sends a result
   * that is not accepted, is followed by the next one.
   * @returns the accepted result; if none is accepted, the last one that was sent
   * @throws the error of the last instance, if all have failed; Error if there is no instance
   */
  request<Result>(send: InstanceRequest<Result>, options: InstanceRequestOptions<Result>): Promise<Result>;
}

const NEVER_ABORTED = new AbortController().signal;

/** @param getUrls returns the present URLs of the instances */
export function createInstanceRotation(getUrls: () => readonly string[]): InstanceRotation {
  let preferred = 0;
  return {
    async request<Result>(
      send: InstanceRequest<Result>,
      { timeoutMs, signal = NEVER_ABORTED, accept = () => true, mayRepeat }: InstanceRequestOptions<Result>,
    ): Promise<Result> {
      const urls = getUrls();
      const start = preferred;
      const deadline = performance.now() + timeoutMs;
      let failure: unknown = new Error('the service has no address');
      let unaccepted: { readonly result: Result } | undefined;
      for (let count = 0; count < urls.length; count++) {
        const index = (start + count) % urls.length;
        // A process that hangs leaves time for the others.
        const shareCount = mayRepeat ? 1 : urls.length - count;
        const shareMs = Math.max(1, Math.ceil((deadline - performance.now()) / shareCount));
        try {
          const result = await runWithTimeout(shareMs, signal, (limited) => send(urls[index] ?? '', limited));
          if (accept(result)) {
            preferred = index;
            return result;
          }
          unaccepted = { result };
        } catch (error) {
          if (signal.aborted) throw error;
          if (mayRepeat?.(error) === false) {
            preferred = (index + 1) % urls.length;
            throw error;
          }
          failure = error;
        }
      }
      if (unaccepted) return unaccepted.result;
      throw failure;
    },
  };
}
