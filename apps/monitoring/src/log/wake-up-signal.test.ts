import { describe, expect, it } from 'vitest';
import { createWakeUpSignal } from './wake-up-signal.js';

const never = new AbortController().signal;

describe('createWakeUpSignal', () => {
  it('wakes a waiting loop once', async () => {
    const notifier = createWakeUpSignal();
    let woken = 0;
    const waiting = notifier.wait(never).then(() => woken++);
    await Promise.resolve();
    expect(woken).toBe(0);
    notifier.notify();
    await waiting;
    expect(woken).toBe(1);
  });

  it('remembers one notification while nothing waits, not two', async () => {
    const notifier = createWakeUpSignal();
    notifier.notify();
    notifier.notify();
    await notifier.wait(never);
    const abort = new AbortController();
    let ended = false;
    const second = notifier.wait(abort.signal).then(() => (ended = true));
    await Promise.resolve();
    expect(ended).toBe(false);
    abort.abort();
    await second;
  });

  it('does not wait if the signal is already aborted', async () => {
    await createWakeUpSignal().wait(AbortSignal.abort());
  });
});
