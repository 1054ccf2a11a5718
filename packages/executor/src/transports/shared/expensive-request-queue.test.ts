import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createExpensiveRequestQueue } from './expensive-request-queue.js';

let nowMs = 0;
beforeEach(() => {
  nowMs = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate'] });
});
afterEach(() => vi.useRealTimers());

/** A queue, and requests whose reading takes time. */
function createRequests() {
  const queue = createExpensiveRequestQueue(() => nowMs);
  const read: string[] = [];
  const send = (client: string | undefined, name: string, durationMs: number, bytes = 1) =>
    queue.run(client, bytes, () => {
      nowMs += durationMs;
      read.push(name);
      return name;
    });
  return { queue, read, send };
}

test('a request is read at once while no other one waits', () => {
  const { send } = createRequests();
  expect(send('a', 'a1', 1)).toBe('a1');
  vi.runAllTimers();
  expect(send('a', 'a2', 1)).toBe('a2');
});

test('an expensive part of a request that is read now does not wait', () => {
  const { queue, send } = createRequests();
  expect(queue.run('a', 1, () => send('a', 'part', 20))).toBe('part');
  expect(send('a', 'a2', 20)).toBeInstanceOf(Promise);
  vi.runAllTimers();
});

test('long requests are read one by one, with a pause as long as the request before', async () => {
  const { read, send } = createRequests();
  const sent = ['a1', 'a2', 'a3'].map((name) => send('a', name, 20));
  expect(read).toEqual(['a1']);
  vi.advanceTimersByTime(19);
  expect(read).toEqual(['a1']);
  vi.advanceTimersByTime(1);
  expect(read).toEqual(['a1', 'a2']);
  vi.advanceTimersByTime(20);
  expect(await Promise.all(sent.map((name) => Promise.resolve(name)))).toEqual(['a1', 'a2', 'a3']);
  vi.runAllTimers();
  expect(vi.getTimerCount()).toBe(0);
});

test('short requests are read together, until they have taken the time of a turn', () => {
  const { read, send } = createRequests();
  for (let index = 0; index < 8; index += 1) void send('a', `a${index}`, 1);
  expect(read).toHaveLength(1);
  vi.advanceTimersToNextTimer();
  expect(read).toHaveLength(6);
  vi.advanceTimersToNextTimer();
  expect(read).toHaveLength(8);
});

test('the client that has used less time is next', () => {
  const { read, send } = createRequests();
  for (const name of ['a1', 'a2', 'a3']) void send('a', name, 30);
  void send('b', 'b1', 30);
  vi.runAllTimers();
  expect(read).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('a request that is refused rejects its promise alone', async () => {
  const { queue, send } = createRequests();
  const fail = () => {
    throw new Error('refused');
  };
  expect(() => queue.run('a', 1, fail)).toThrow('refused');
  const [refused, accepted] = [queue.run('a', 1, fail), send('a', 'a2', 1)];
  vi.runAllTimers();
  await expect(refused).rejects.toThrow('refused');
  expect(await accepted).toBe('a2');
});

test('one client cannot fill the queue', async () => {
  const { send } = createRequests();
  void send('a', 'a0', 1);
  const sent = Array.from({ length: 201 }, (_, index) => send('a', `a${index}`, 1));
  await expect(sent.at(-1)).rejects.toMatchObject({ extensions: { code: 'OVERLOADED' } });
  void send('b', 'b1', 1);
  vi.runAllTimers();
  expect(await sent[199]).toBe('a199');
});

test('the bytes of waiting requests are bounded', async () => {
  const { send } = createRequests();
  void send('a', 'a0', 1);
  void send('a', 'a1', 1, 134_217_728);
  await expect(send('b', 'b1', 1, 1)).rejects.toMatchObject({ extensions: { code: 'OVERLOADED' } });
  vi.runAllTimers();
});
