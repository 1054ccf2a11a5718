import { expect, it } from 'vitest';
import { advanceReception, confirmReception, createHeartbeatReception } from './heartbeat-reception.js';

const INTERVAL_MS = 2_000;
const at = (monotonicMs: number) => ({ monotonicMs, wallMs: 0 });

it('a jump of one interval is a pause, after which silence counts anew', () => {
  const reception = confirmReception(createHeartbeatReception(at(0)), 0, INTERVAL_MS, at(0));
  expect(advanceReception(reception, INTERVAL_MS, at(INTERVAL_MS))).toMatchObject({
    restartedBy: 'MONITOR_RESUMED',
    countingSince: INTERVAL_MS,
    isLost: false,
  });
  expect(advanceReception(reception, INTERVAL_MS, at(INTERVAL_MS - 1))).toMatchObject({
    restartedBy: 'MONITOR_STARTED',
    countingSince: 0,
    isLost: false,
  });
});

it('a new reception is neither lost nor interrupted', () => {
  expect(createHeartbeatReception(at(5))).toMatchObject({ isLost: false, wasInterrupted: false });
});
