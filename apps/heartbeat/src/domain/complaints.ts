import type { Heartbeat } from '@seguridad-abc/contracts';
import { count } from './figures.js';
import type { Rules } from './rules.js';

/** What a process says is wrong with it, and what its figures say, a clause each. */
export function complaintsOf(
  { status, detail, lag, loopDelayMs }: Heartbeat,
  { maxLagEntries, maxLoopDelayMs }: Rules,
): readonly string[] {
  const complaints: string[] = [];
  if (status === 'error') {
    complaints.push(detail === undefined ? 'reports an error' : `reports an error: ${detail}`);
  }
  if (lag && lag.entries > maxLagEntries) {
    complaints.push(`${count(lag.entries)} ${lag.what}, over ${count(maxLagEntries)}`);
  }
  if (loopDelayMs > maxLoopDelayMs) {
    complaints.push(
      `event-loop delay ${count(Math.round(loopDelayMs))} ms, over ${count(maxLoopDelayMs)} ms`,
    );
  }
  return complaints;
}
