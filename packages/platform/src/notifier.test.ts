import { describe, expect, it } from 'vitest';
import { createNotifier } from './notifier.js';

const never = new AbortController().signal;

describe('a signal', () => {
  it('wakes who waits, once', async () => {
    const signal = createNotifier();
    let woken = 0;
    const waiting = signal.wait(never).then(() => woken++);
    await Promise.resolve();
    expect(woken).toBe(0);
    signal.notify();
    await waiting;
    expect(woken).toBe(1);
  });

  it('keeps a call that nobody waited for, but not two', async () => {
    const signal = createNotifier();
    signal.notify();
    signal.notify();
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
    await createNotifier().wait(AbortSignal.abort());
  });
});
