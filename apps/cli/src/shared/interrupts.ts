import { once } from 'node:events';
import { InterruptedError } from './errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The terminal sends Ctrl-C to npm and to this process, and npm forwards it: signals this close are one request. */
const DUPLICATE_SIGNAL_MS = 1_000;

export interface Interrupts {
  /** Aborts at the first request to stop, with an {@link InterruptedError} as its reason. */
  readonly stop: AbortSignal;
  /** Aborts at the second request. */
  readonly kill: AbortSignal;
  /** Ends the listening: from now on, a signal ends this process unless others listen. */
  readonly stopListening: () => void;
}

/** Listens for signals that ask this process to stop. */
export function listenForInterrupts(): Interrupts {
  const stop = new AbortController();
  const kill = new AbortController();
  let stoppedAt = 0;
  const handleSignal = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      if (performance.now() - stoppedAt > DUPLICATE_SIGNAL_MS) kill.abort();
      return;
    }
    stoppedAt = performance.now();
    stop.abort(new InterruptedError(name));
  };
  for (const name of SIGNALS) process.on(name, handleSignal);
  // Writing to a closed terminal must not throw during the orderly stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    stop: stop.signal,
    kill: kill.signal,
    stopListening: () => {
      for (const name of SIGNALS) process.off(name, handleSignal);
    },
  };
}

/** Resolves when a signal is aborted. */
export async function waitForAbort(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
