import { expect, test } from 'vitest';
import { startCatchUpWatch } from './catch-up-watch.js';

const NO_LAG = { entries: 0, seconds: 0, stalledSeconds: 0 };

function start() {
  const world = {
    hasCaughtUp: false,
    problem: undefined as { kind: 'blocked'; reason: string } | undefined,
    lag: undefined as typeof NO_LAG | undefined,
    logId: undefined as string | undefined,
    refresh: () => Promise.resolve(),
  };
  const watch = startCatchUpWatch({
    projector: world,
    projectionLag: world,
    getCheckpoint: () => ({ logId: 'log-1', position: 7 }),
  });
  return { world, watch };
}

test('an instance has caught up once it has reached the end of the log, and stays so', () => {
  const { world, watch } = start();
  expect(watch.hasCaughtUp).toBe(false);
  world.hasCaughtUp = true;
  expect(watch.hasCaughtUp).toBe(true);
  world.hasCaughtUp = false;
  expect(watch.hasCaughtUp).toBe(true);
});

test('on a busy log, an instance has caught up when it is near the end of the same log', () => {
  const { world, watch } = start();
  world.lag = { ...NO_LAG, entries: 501 };
  world.logId = 'log-1';
  expect(watch.hasCaughtUp).toBe(false);
  world.lag = { ...NO_LAG, entries: 500 };
  world.logId = 'log-2';
  expect(watch.hasCaughtUp).toBe(false);
  world.logId = 'log-1';
  world.problem = { kind: 'blocked', reason: 'the log was replaced' };
  expect(watch.hasCaughtUp).toBe(false);
  world.problem = undefined;
  expect(watch.hasCaughtUp).toBe(true);
});
