import { once } from 'node:events';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** npm passes on a Ctrl-C that this process has heard itself: what comes so soon after the first is the same one. */
const SAME_MS = 1_000;

/** Why an abort signal of `interrupts` was aborted. */
export class Interrupted extends Error {
  /** @override */
  name = 'Interrupted';
}

/**
 * Hears what asks this process to stop.
 *
 * @returns {{ first: AbortSignal, second: AbortSignal }} aborted when it is asked, and when it is asked again
 */
export function interrupts() {
  const first = new AbortController();
  const second = new AbortController();
  let at = 0;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (first.signal.aborted) {
        if (performance.now() - at > SAME_MS) second.abort();
        return;
      }
      at = performance.now();
      first.abort(new Interrupted(name));
    });
  }
  // A terminal that is gone takes no output any more.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return { first: first.signal, second: second.signal };
}

/** @param {AbortSignal} signal */
export async function untilAborted(signal) {
  if (!signal.aborted) await once(signal, 'abort');
}
