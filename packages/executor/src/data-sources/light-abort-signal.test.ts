import { expect, test, vi } from 'vitest';
import { createLightAbortController, type AbortSignalLike } from './light-abort-signal.js';

test('whoever listens is called once, and who has stopped listening is not', () => {
  const aborter = createLightAbortController();
  const { signal } = aborter;
  const [stayed, left] = [vi.fn(), vi.fn()];
  signal.addEventListener('abort', stayed);
  signal.addEventListener('abort', left);
  signal.removeEventListener('abort', left);
  expect(signal.aborted).toBe(false);
  aborter.abort();
  aborter.abort();
  expect(signal.aborted).toBe(true);
  expect(stayed).toHaveBeenCalledOnce();
  expect(left).not.toHaveBeenCalled();
});

test("one of Node's goes with it, whenever it was asked for", () => {
  const [early, late] = [createLightAbortController(), createLightAbortController()];
  const { abortSignal } = early;
  expect(abortSignal.aborted).toBe(false);
  early.abort();
  late.abort();
  expect([abortSignal.aborted, late.abortSignal.aborted]).toEqual([true, true]);
});

test("one of Node's will do", () => {
  const signal: AbortSignalLike = AbortSignal.abort();
  expect(signal.aborted).toBe(true);
});
