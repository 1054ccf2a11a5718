import { describe, expect, it } from 'vitest';
import { createSignal } from './signal.js';

const never = new AbortController().signal;

describe('a signal', () => {
  it('wakes who waits, once', async () => {
    const signal = createSignal();
    let woken = 0;
    const waiting = signal.wait(never).then(() => woken++);
    await Promise.resolve();
    expect(woken).toBe(0);
    signal.raise();
    await waiting;
    expect(woken).toBe(1);
  });

  it('keeps a call that nobody waited for, but not two', async () => {
    const signal = createSignal();
    signal.raise();
    signal.raise();
    await signal.wait(never);
    const abort = new AbortController();
    let ended = false;
    const second = signal.wait(abort.signal).then(() => (ended = true));
    await Promise.resolve();
    expect(ended).toBe(false);
    abort.abort();
    await second;
  });

  it('lets go at once where it is aborted already', async () => {
    await createSignal().wait(AbortSignal.abort());
  });
});
