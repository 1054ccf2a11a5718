import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Interrupted, interrupts } from './interrupts.mjs';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => {
  vi.useRealTimers();
  process.removeAllListeners('SIGHUP');
});

test('the first request says which signal asked', () => {
  const { first, second } = interrupts();
  expect(first.aborted).toBe(false);
  process.emit('SIGHUP');
  expect(first.reason).toBeInstanceOf(Interrupted);
  expect(first.reason).toMatchObject({ message: 'SIGHUP' });
  expect(second.aborted).toBe(false);
});

test('a signal that comes twice, since npm passes it on, is one request; a later one is the second', () => {
  const { second } = interrupts();
  process.emit('SIGHUP');
  vi.advanceTimersByTime(1_000);
  process.emit('SIGHUP');
  expect(second.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  process.emit('SIGHUP');
  expect(second.aborted).toBe(true);
});
