import { expect, test } from 'vitest';
import { inTime } from './in-time.mjs';

const never = new Promise(() => undefined);
const { signal } = new AbortController();

test('gives what comes in time', async () => {
  expect(await inTime('It', 10_000, Promise.resolve(5), signal)).toBe(5);
});

test('what does not come in time is told by its name', async () => {
  await expect(inTime('reports DOWN', 10, never, signal)).rejects.toThrow(
    'reports DOWN: that did not happen within 0.01 s.',
  );
});

test('an abort ends the waiting with its reason', async () => {
  const abort = new AbortController();
  const waiting = inTime('It', 10_000, never, abort.signal);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
