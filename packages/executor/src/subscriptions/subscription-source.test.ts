import { getEventListeners } from 'node:events';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { createEventQueue } from './subscription-source.js';

const tooMany = new GraphQLError('too many');
const setUp = (capacity = 10) => {
  const controller = new AbortController();
  const queue = createEventQueue<number | undefined>({
    signal: controller.signal,
    capacity,
    overflow: () => tooMany,
  });
  return { queue, controller, reader: queue[Symbol.asyncIterator]() };
};
const done = { done: true, value: undefined };

test('events wait for the reader, and the reader waits for events', async () => {
  const { queue, reader } = setUp();
  queue.push(1);
  queue.push(undefined);
  expect(await reader.next()).toEqual({ done: false, value: 1 });
  expect(await reader.next()).toEqual({ done: false, value: undefined });
  const waiting = reader.next();
  queue.push(3);
  expect(await waiting).toEqual({ done: false, value: 3 });
});

test('unread events are read after the end; later ones are ignored', async () => {
  const { queue, reader } = setUp();
  queue.push(1);
  queue.end();
  queue.push(2);
  expect(await reader.next()).toEqual({ done: false, value: 1 });
  expect(await reader.next()).toEqual(done);
});

test('an abort discards unread events and leaves no listener', async () => {
  const { queue, reader, controller } = setUp();
  queue.push(1);
  controller.abort();
  expect(await reader.next()).toEqual(done);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('an abort ends a waiting reader', async () => {
  const { reader, controller } = setUp();
  const waiting = reader.next();
  controller.abort();
  expect(await waiting).toEqual(done);
});

test('a reader that returns leaves no listener', async () => {
  const { reader, controller } = setUp();
  await reader.return?.();
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  expect(await reader.next()).toEqual(done);
});

test('a queue with an aborted signal has ended', async () => {
  const controller = new AbortController();
  controller.abort();
  const queue = createEventQueue({ signal: controller.signal, capacity: 1, overflow: () => tooMany });
  queue.push(1);
  expect(await queue[Symbol.asyncIterator]().next()).toEqual(done);
});

test('more unread events than the capacity fail the queue', async () => {
  const { queue, reader } = setUp(2);
  for (const event of [1, 2, 3]) queue.push(event);
  await expect(reader.next()).rejects.toBe(tooMany);
  expect(await reader.next()).toEqual(done);
});

test('an event replaces the unread event with its key and goes to the end', async () => {
  const queue = createEventQueue<string>({
    signal: new AbortController().signal,
    capacity: 2,
    overflow: () => tooMany,
    key: ([first]) => first,
  });
  for (const event of ['a1', 'b1', 'a2', 'a3']) queue.push(event);
  queue.end();
  const read: string[] = [];
  for await (const event of queue) read.push(event);
  expect(read).toStrictEqual(['b1', 'a3']);
});
