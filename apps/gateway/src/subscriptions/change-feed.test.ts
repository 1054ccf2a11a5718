import { expect, test, vi } from 'vitest';
import { createUserListeners } from './change-feed.js';

test('a message reaches the listeners of its user and those of all users', () => {
  const onFirst = vi.fn();
  const onLast = vi.fn();
  const listeners = createUserListeners<(message: number) => void>(onFirst, onLast);
  const send = (userId: string, message: number) =>
    listeners.forEachOf(userId, (listener) => listener(message));
  const end = new AbortController();
  const [ana, ben, everyone] = [vi.fn(), vi.fn(), vi.fn()];
  listeners.add('ana', ana, end.signal);
  listeners.add('ben', ben, end.signal);
  listeners.add(null, everyone, end.signal);
  send('ana', 1);
  send('cleo', 2);
  expect(
    [ana, ben, everyone].map(({ mock }) => mock.calls.map(([message]) => message as number)),
  ).toStrictEqual([[1], [], [1, 2]]);
  expect(onFirst).toHaveBeenCalledOnce();
  expect(onLast).not.toHaveBeenCalled();
  end.abort();
  expect(onLast).toHaveBeenCalledOnce();
  send('ana', 3);
  expect(ana).toHaveBeenCalledOnce();
});

test('a listener whose signal is aborted is not added', () => {
  const onFirst = vi.fn();
  createUserListeners(onFirst, vi.fn()).add('ana', vi.fn(), AbortSignal.abort());
  expect(onFirst).not.toHaveBeenCalled();
});
