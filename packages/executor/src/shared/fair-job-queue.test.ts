import { expect, test } from 'vitest';
import { createFairJobQueue, type FairJobQueue, type QueuedJob } from './fair-job-queue.js';

interface NamedJob extends QueuedJob {
  readonly name: string;
}

const createJob = (fairnessKey: string | undefined, name: string, bytes = 1): NamedJob => ({
  fairnessKey,
  name,
  bytes,
});
const LIMITS = { maxJobs: 10, maxJobsPerCaller: 10, maxBytes: 100 };
const takeNames = (queue: FairJobQueue<NamedJob>, count: number) =>
  Array.from({ length: count }, () => queue.take(() => true)?.name);

test('callers take turns, and each has its jobs done in order', () => {
  const queue = createFairJobQueue<NamedJob>(LIMITS, () => 0);
  for (const name of ['a1', 'a2', 'a3']) queue.add(createJob('a', name));
  for (const name of ['b1', 'b2']) queue.add(createJob('b', name));
  expect(queue.size).toBe(5);
  expect(takeNames(queue, 6)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', undefined]);
  expect(queue.size).toBe(0);
});

test('a caller that has used more time waits, until what it used is forgotten', () => {
  let nowMs = 0;
  const queue = createFairJobQueue<NamedJob>(LIMITS, () => nowMs);
  queue.charge('slow', 2_000);
  queue.charge('quick', 5);
  const addBoth = () => {
    queue.add(createJob('slow', 'slow'));
    queue.add(createJob('quick', 'quick'));
  };
  addBoth();
  expect(takeNames(queue, 2)).toEqual(['quick', 'slow']);
  nowMs = 600_000;
  queue.charge('quick', 5);
  addBoth();
  expect(takeNames(queue, 2)).toEqual(['slow', 'quick']);
});

test('only jobs of eligible callers are taken', () => {
  const queue = createFairJobQueue<NamedJob>(LIMITS);
  queue.add(createJob('a', 'a'));
  queue.add(createJob(undefined, 'unknown'));
  expect(queue.take((key) => key === 'b')).toBeUndefined();
  expect(queue.take((key) => key === undefined)?.name).toBe('unknown');
  expect(queue.size).toBe(1);
});

test('the jobs of a caller, of all callers and their bytes are limited', () => {
  const queue = createFairJobQueue<NamedJob>({ maxJobs: 4, maxJobsPerCaller: 2, maxBytes: 100 });
  const add = (key: string | undefined, bytes?: number) => queue.add(createJob(key, '', bytes));
  expect([add('a'), add('a'), add('a')]).toEqual([true, true, false]);
  expect([add('b', 99), add('b', 98)]).toEqual([false, true]);
  expect([add('c', 0), add('d', 0)]).toEqual([true, false]);
  expect(queue.takeAll()).toHaveLength(4);
  expect(queue.size).toBe(0);
  // Callers without a key are not one caller.
  expect([add(undefined), add(undefined), add(undefined)]).toEqual([true, true, true]);
});

test('a removed job frees its place and its bytes', () => {
  const queue = createFairJobQueue<NamedJob>({ maxJobs: 2, maxJobsPerCaller: 2, maxBytes: 10 });
  const [first, second] = [createJob('a', 'first', 6), createJob('a', 'second', 4)];
  expect([first, second].map((job) => queue.add(job))).toEqual([true, true]);
  expect([queue.remove(first), queue.remove(first)]).toEqual([true, false]);
  expect(queue.size).toBe(1);
  expect(queue.add(createJob('a', 'third', 6))).toBe(true);
  expect(takeNames(queue, 3)).toEqual(['second', 'third', undefined]);
});
