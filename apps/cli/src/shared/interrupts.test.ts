import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InterruptedError } from './errors.js';
import { listenForInterrupts } from './interrupts.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => {
  vi.useRealTimers();
  process.removeAllListeners('SIGHUP');
});

test('the first signal aborts `stop` with its name as the reason', () => {
  const { stop, kill } = listenForInterrupts();
  expect(stop.aborted).toBe(false);
  process.emit('SIGHUP');
  expect(stop.reason).toBeInstanceOf(InterruptedError);
  expect(stop.reason).toMatchObject({ message: 'SIGHUP' });
  expect(kill.aborted).toBe(false);
});

test('a signal that npm forwards within 1 s is a duplicate; a later signal aborts `kill`', () => {
  const { kill } = listenForInterrupts();
  process.emit('SIGHUP');
  vi.advanceTimersByTime(1_000);
  process.emit('SIGHUP');
  expect(kill.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  process.emit('SIGHUP');
  expect(kill.aborted).toBe(true);
});
