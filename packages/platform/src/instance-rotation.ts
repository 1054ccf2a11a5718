import { runWithTimeout } from './run-with-timeout.js';

/** Sends one request to an instance. Throws if the instance cannot answer now. */
export type InstanceRequest<Result> = (baseUrl: string, signal: AbortSignal) => Promise<Result>;

export interface InstanceRequestOptions {
  /** Time limit of the request to all instances together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Asks the instances of a service one after the other, for requests that any of them can answer and that can be sent twice. */
export interface InstanceRotation {
  /**
   * Begins with the instance that has answered last. An instance that fails, or uses up its share of the time, is followed by the
   * next one.
   * @throws the error of the last instance; Error if there is no instance
   */
  request<Result>(send: InstanceRequest<Result>, options: InstanceRequestOptions): Promise<Result>;
}

const NEVER_ABORTED = new AbortController().signal;

/** @param getUrls returns the present URLs of the instances */
export function createInstanceRotation(getUrls: () => readonly string[]): InstanceRotation {
  let preferred = 0;
  return {
    async request(send, { timeoutMs, signal = NEVER_ABORTED }) {
      const urls = getUrls();
      const start = preferred;
      const deadline = performance.now() + timeoutMs;
      let failure: unknown = new Error('the service has no address');
      for (let count = 0; count < urls.length; count++) {
        const index = (start + count) % urls.length;
        // A process that hangs leaves time for the others.
        const shareMs = Math.max(1, Math.ceil((deadline - performance.now()) / (urls.length - count)));
        try {
          const result = await runWithTimeout(shareMs, signal, (limited) => send(urls[index] ?? '', limited));
          preferred = index;
          return result;
        } catch (error) {
          if (signal.aborted) throw error;
          failure = error;
        }
      }
      throw failure;
    },
  };
}
