import { expect, test } from 'vitest';
import { createNewOperationQueue } from './new-operation-queue.js';

/** Starts operations that run until they are ended. */
function createOperations() {
  const queue = createNewOperationQueue();
  const started: string[] = [];
  const settlers = new Map<string, { end: (result: string) => void; fail: (error: Error) => void }>();
  return {
    queue,
    started,
    run: (client: string | undefined, name: string) =>
      queue.run(client, () => {
        started.push(name);
        return new Promise<string>((end, fail) => settlers.set(name, { end, fail }));
      }),
    end: (name: string) => settlers.get(name)?.end(`result of ${name}`),
    fail: (name: string) => settlers.get(name)?.fail(new Error(`failure of ${name}`)),
  };
}

test('a client executes four new operations at the same time; its others wait in their order', async () => {
  const { queue, started, run, end } = createOperations();
  const results = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => run('client', name));
  expect(started).toEqual(['a', 'b', 'c', 'd']);
  expect(queue.waitingCount).toBe(2);
  end('c');
  await expect(results[2]).resolves.toBe('result of c');
  expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(queue.waitingCount).toBe(1);
});

test('a client does not wait for the operations of another, and an unknown client never waits', () => {
  const { queue, started, run } = createOperations();
  for (const name of ['a', 'b', 'c', 'd', 'e']) void run('first', name);
  void run('second', 'f');
  for (const name of ['g', 'h', 'i', 'j', 'k']) void run(undefined, name);
  expect(started).toEqual(['a', 'b', 'c', 'd', 'f', 'g', 'h', 'i', 'j', 'k']);
  expect(queue.waitingCount).toBe(1);
});

test('an operation that fails makes room for the next one', async () => {
  const { started, run, fail, end } = createOperations();
  const results = ['a', 'b', 'c', 'd', 'e'].map((name) => run('client', name));
  fail('a');
  await expect(results[0]).rejects.toThrow('failure of a');
  expect(started.at(-1)).toBe('e');
  end('e');
  await expect(results[4]).resolves.toBe('result of e');
});

test('a client whose operations have ended may execute four again', async () => {
  const { queue, started, run, end } = createOperations();
  const names = ['a', 'b', 'c', 'd', 'e'];
  const results = names.map((name) => run('client', name));
  end('a');
  await results[0];
  for (const name of names) end(name);
  await Promise.all(results);
  for (const name of ['f', 'g', 'h', 'i']) void run('client', name);
  expect(started).toHaveLength(9);
  expect(queue.waitingCount).toBe(0);
});
