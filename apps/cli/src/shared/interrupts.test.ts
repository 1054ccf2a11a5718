import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InterruptedError } from './errors.js';
import { listenForInterrupts } from './interrupts.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let listenersBefore: ReadonlySet<unknown>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  listenersBefore = new Set(SIGNALS.flatMap((name) => process.listeners(name)));
});
afterEach(() => {
  vi.useRealTimers();
  for (const name of SIGNALS) {
    for (const listener of process.listeners(name)) {
      if (!listenersBefore.has(listener)) process.off(name, listener);
    }
  }
});

test('the first signal aborts `stop` with its name as the reason', () => {
  const { stop, kill } = listenForInterrupts();
  expect(stop.aborted).toBe(false);
  process.emit('SIGHUP', 'SIGHUP');
  expect(stop.reason).toBeInstanceOf(InterruptedError);
  expect(stop.reason).toMatchObject({ message: 'SIGHUP' });
  expect(kill.aborted).toBe(false);
});

test('a signal that npm forwards within 1 s is a duplicate; a later signal aborts `kill`', () => {
  const { kill } = listenForInterrupts();
  process.emit('SIGHUP', 'SIGHUP');
  vi.advanceTimersByTime(1_000);
  process.emit('SIGHUP', 'SIGHUP');
  expect(kill.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  process.emit('SIGHUP', 'SIGHUP');
  expect(kill.aborted).toBe(true);
});

test('after `stopListening` a signal is left to others', () => {
  const { stop, stopListening } = listenForInterrupts();
  stopListening();
  process.once('SIGHUP', () => undefined);
  process.emit('SIGHUP', 'SIGHUP');
  expect(stop.aborted).toBe(false);
});
