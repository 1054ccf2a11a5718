import { expect, test, vi } from 'vitest';
import { createByUser } from './by-user.js';

test('a message reaches those whom it concerns and who hear of all, however many others there are', () => {
  const onFirst = vi.fn();
  const onLast = vi.fn();
  const hearers = createByUser<number>(onFirst, onLast);
  const ends = new AbortController();
  const [ana, ben, everyone] = [vi.fn(), vi.fn(), vi.fn()];
  hearers.add('ana', ana, ends.signal);
  hearers.add('ben', ben, ends.signal);
  hearers.add(null, everyone, ends.signal);
  hearers.tell('ana', 1);
  hearers.tell('cleo', 2);
  expect(
    [ana, ben, everyone].map(({ mock }) => mock.calls.map(([message]) => message as number)),
  ).toStrictEqual([[1], [], [1, 2]]);
  expect(onFirst).toHaveBeenCalledOnce();
  expect(onLast).not.toHaveBeenCalled();
  ends.abort();
  expect(onLast).toHaveBeenCalledOnce();
  hearers.tell('ana', 3);
  expect(ana).toHaveBeenCalledOnce();
});

test('one who has gone before it begins is nobody', () => {
  const onFirst = vi.fn();
  createByUser(onFirst, vi.fn()).add('ana', vi.fn(), AbortSignal.abort());
  expect(onFirst).not.toHaveBeenCalled();
});
