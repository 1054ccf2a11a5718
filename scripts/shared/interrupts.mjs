import { once } from 'node:events';
import { InterruptedError } from './errors.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** The terminal sends Ctrl-C to npm and to this process, and npm forwards it: signals this close are one request. */
const DUPLICATE_SIGNAL_MS = 1_000;

/**
 * Listens for signals that ask this process to stop.
 *
 * @returns {{ stop: AbortSignal, kill: AbortSignal }} `stop` aborts at the first request, with an
 *   {@link InterruptedError} as its reason; `kill` aborts at the second
 */
export function listenForInterrupts() {
  const stop = new AbortController();
  const kill = new AbortController();
  let stoppedAt = 0;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (stop.signal.aborted) {
        if (performance.now() - stoppedAt > DUPLICATE_SIGNAL_MS) kill.abort();
        return;
      }
      stoppedAt = performance.now();
      stop.abort(new InterruptedError(name));
    });
  }
  // Writing to a closed terminal must not throw during the orderly stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return { stop: stop.signal, kill: kill.signal };
}

/** Resolves when a signal is aborted. @param {AbortSignal} signal */
export async function waitForAbort(signal) {
  if (!signal.aborted) await once(signal, 'abort');
}
