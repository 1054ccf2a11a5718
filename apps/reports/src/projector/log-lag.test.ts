import { DEFAULT_REDIS_NAMES } from '@seguridad-abc/contracts';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { createProjectionLag } from './log-lag.js';

let now = 0;

/** A lag whose log and stream end at positions; the log cannot be read while its end is undefined. */
function createLag(ends: { log: number | undefined; stream: number }, position: number) {
  const publisher = {
    xinfo: () => Promise.resolve(['last-generated-id', `${ends.stream}-0`, 'last-entry', null]),
  } as unknown as Redis;
  return createProjectionLag(
    () =>
      ends.log === undefined
        ? Promise.reject(new Error('no answer'))
        : Promise.resolve({ logId: 'log-1', head: ends.log, entries: [] }),
    { publisher, names: DEFAULT_REDIS_NAMES },
    () => position,
    // A head that was just observed is not read again.
    () => (now += 5_000),
  );
}

describe('the lag of the projection', () => {
  it('is measured against the stream while the log was never read', async () => {
    const lag = createLag({ log: undefined, stream: 90 }, 80);
    await lag.refresh();
    expect(lag.lag?.entries).toBe(10);
  });

  it('does not become smaller because monitoring is away and the stream lacks entries', async () => {
    const ends: Parameters<typeof createLag>[0] = { log: 100, stream: 90 };
    const lag = createLag(ends, 80);
    await lag.readLogPage({ logId: null, position: 80 }, 1, new AbortController().signal);
    expect(lag.lag?.entries).toBe(20);
    ends.log = undefined;
    await lag.refresh();
    expect(lag.lag?.entries).toBe(20);
    ends.stream = 110;
    await lag.refresh();
    expect(lag.lag?.entries).toBe(30);
  });
});
