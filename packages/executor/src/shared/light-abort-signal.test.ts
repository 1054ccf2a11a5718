import { expect, test, vi } from 'vitest';
import { createLightAbortController, type AbortSignalLike } from './light-abort-signal.js';

test('abort calls each listener once, and no removed listener', () => {
  const controller = createLightAbortController();
  const { signal } = controller;
  const [listener, removedListener] = [vi.fn(), vi.fn()];
  signal.addEventListener('abort', listener);
  signal.addEventListener('abort', removedListener);
  signal.removeEventListener('abort', removedListener);
  expect(signal.aborted).toBe(false);
  controller.abort();
  controller.abort();
  expect(signal.aborted).toBe(true);
  expect(listener).toHaveBeenCalledOnce();
  expect(removedListener).not.toHaveBeenCalled();
});

test('the Node.js signal aborts too, whether it is read before or after', () => {
  const [early, late] = [createLightAbortController(), createLightAbortController()];
  const { abortSignal } = early;
  expect(abortSignal.aborted).toBe(false);
  early.abort();
  late.abort();
  expect([abortSignal.aborted, late.abortSignal.aborted]).toEqual([true, true]);
});

test('a Node.js AbortSignal is an AbortSignalLike', () => {
  const signal: AbortSignalLike = AbortSignal.abort();
  expect(signal.aborted).toBe(true);
});
