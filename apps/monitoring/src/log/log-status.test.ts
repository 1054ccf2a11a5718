import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLogStatus } from './log-status.js';

test('returns the end of the log as of the last read, and what is published now', async () => {
  let position = 7;
  let isBroken = false;
  const relay: { position: number | undefined } = { position: undefined };
  const end = () =>
    isBroken ? Promise.reject(new Error('disk I/O error')) : Promise.resolve({ logId: 'log-1', position });
  const status = createLogStatus({ end }, relay);
  expect(status.refresh()).toBeUndefined();
  await setImmediate();
  expect(status.refresh()).toStrictEqual({ id: 'log-1', end: 7 });
  position = 9;
  relay.position = 7;
  status.refresh();
  await setImmediate();
  expect(status.refresh()).toStrictEqual({ id: 'log-1', end: 9, published: 7 });
  // An earlier run has published it.
  expect(status.lastPublishAt).toBeUndefined();
  isBroken = true;
  relay.position = 9;
  status.refresh();
  await setImmediate();
  expect(status.refresh()).toStrictEqual({ id: 'log-1', end: 9, published: 9 });
  expect(Date.parse(status.lastPublishAt ?? '')).toBeLessThanOrEqual(Date.now());
});
