import { GraphQLError } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { createEventQueue } from './event-queue.js';
import { createStream, type StreamOptions } from './stream.js';

function setUp(options: Partial<StreamOptions<number, string>> = {}) {
  const queue = createEventQueue<number>({
    signal: new AbortController().signal,
    capacity: 100,
    overflow: () => new GraphQLError('too many'),
  });
  let signal: AbortSignal | undefined;
  const onEnd = vi.fn();
  const stream = createStream<number, string>({
    open: (given) => {
      signal = given;
      return queue;
    },
    answer: (event) => Promise.resolve(`answer ${event}`),
    failure: (error) => new GraphQLError((error as Error).message),
    onEnd,
    ...options,
  });
  return { stream, onEnd, queue, aborted: () => signal?.aborted };
}

const done = { done: true, value: undefined };

test('answers come in the order of the events, however many are asked for at once', async () => {
  let release: (() => void) | undefined;
  const { stream, queue } = setUp({
    answer: async (event) => {
      if (event === 1) await new Promise<void>((resolve) => (release = resolve));
      return `answer ${event}`;
    },
  });
  const both = Promise.all([stream.next(), stream.next()]);
  queue.push(1);
  queue.push(2);
  await vi.waitFor(() => expect(release).toBeDefined());
  release?.();
  expect((await both).map(({ value }) => value)).toEqual(['answer 1', 'answer 2']);
});

test('nothing is opened before anyone reads', async () => {
  const open = vi.fn();
  const { stream, onEnd } = setUp({ open });
  await stream.return();
  expect(open).not.toHaveBeenCalled();
  expect(await stream.next()).toEqual(done);
  expect(onEnd).toHaveBeenCalledOnce();
});

describe('return', () => {
  test('ends a next that waits for an event, and the source', async () => {
    const { stream, onEnd, aborted } = setUp();
    const waiting = stream.next();
    await vi.waitFor(() => expect(aborted()).toBe(false));
    expect(await stream.return()).toEqual(done);
    expect(await waiting).toEqual(done);
    expect(aborted()).toBe(true);
    expect(onEnd).toHaveBeenCalledOnce();
  });

  test('ends a next whose event is being answered, whose answer nobody hears', async () => {
    const seen = vi.fn();
    const { stream, queue } = setUp({
      answer: (_, signal) =>
        new Promise((_resolve, reject) => {
          seen();
          signal.addEventListener('abort', () => reject(new Error('cut off')));
        }),
    });
    const waiting = stream.next();
    queue.push(1);
    await vi.waitFor(() => expect(seen).toHaveBeenCalled());
    await stream.return();
    expect(await waiting).toEqual(done);
  });

  test('does not wait for a source that is an async generator', async () => {
    const never = new Promise<never>(() => undefined);
    const { stream } = setUp({
      open: async function* () {
        yield 1;
        await never;
      },
    });
    await stream.next();
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual(done);
  });
});

describe('a source', () => {
  test('that ends, ends the stream', async () => {
    const { stream, queue, onEnd } = setUp();
    const first = stream.next();
    queue.push(1);
    queue.end();
    expect((await first).value).toBe('answer 1');
    expect(await stream.next()).toEqual(done);
    expect(onEnd).toHaveBeenCalledOnce();
  });

  test.each([
    [
      'when it is opened',
      {
        open: () => {
          throw new Error('no source');
        },
      },
    ],
    [
      'when it is read',
      {
        open: async function* (): AsyncGenerator<number> {
          await Promise.reject(new Error('no source'));
          yield 1;
        },
      },
    ],
  ])('that fails %s, fails the stream once', async (_, options) => {
    const { stream, onEnd } = setUp(options);
    await expect(stream.next()).rejects.toThrow('no source');
    expect(await stream.next()).toEqual(done);
    expect(onEnd).toHaveBeenCalledOnce();
  });
});

describe('fail', () => {
  const gone = new GraphQLError('gone');

  test('is heard by a next that waits', async () => {
    const { stream, aborted } = setUp();
    const waiting = stream.next();
    await vi.waitFor(() => expect(aborted()).toBe(false));
    stream.fail(gone);
    await expect(waiting).rejects.toBe(gone);
    await stream.over;
    expect(await stream.next()).toEqual(done);
  });

  test('is heard by the next that comes', async () => {
    const { stream } = setUp();
    stream.fail(gone);
    const over = vi.fn();
    void stream.over.then(over);
    await Promise.resolve();
    expect(over).not.toHaveBeenCalled();
    await expect(stream.next()).rejects.toBe(gone);
    await stream.over;
  });

  test('is not heard after the end', async () => {
    const { stream } = setUp();
    await stream.return();
    stream.fail(gone);
    expect(await stream.next()).toEqual(done);
    await stream.over;
  });
});
