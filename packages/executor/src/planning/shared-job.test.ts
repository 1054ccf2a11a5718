import { expect, test, vi } from 'vitest';
import { createFairJobQueue } from '../shared/fair-job-queue.js';
import { createLightAbortController } from '../shared/light-abort-signal.js';
import { SharedJob, type QueuedPlace } from './shared-job.js';

const createQueue = () =>
  createFairJobQueue<QueuedPlace>({ maxJobs: 10, maxJobsPerCaller: 3, maxBytes: 1_000 }, () => 0);
const createCaller = (fairnessKey?: string) => {
  const controller = createLightAbortController();
  return { fairnessKey, signal: controller.signal, disconnect: () => controller.abort() };
};
type TestQueue = ReturnType<typeof createQueue>;

function enqueueJob(queue: TestQueue, query: string, caller = createCaller()) {
  const onCancelled = vi.fn();
  const job = new SharedJob({ query, operationName: undefined, conditionValues: {} }, queue, onCancelled);
  const result = job.result.catch((error: unknown) => error);
  return { job, onCancelled, result, isQueued: job.enqueue(caller) };
}
/** Starts the next job, as a worker does. */
function startNext(queue: TestQueue): string | undefined {
  const place = queue.take(() => true);
  place?.job.start();
  return place && `${place.job.planningJob.query} for ${place.fairnessKey ?? 'unknown'}`;
}

test('a job of several callers starts at the first turn of any of them', () => {
  const queue = createQueue();
  queue.charge('attacker', 1_000);
  const jobs = ['first', 'second', 'shared'].map((query) =>
    enqueueJob(queue, query, createCaller('attacker')),
  );
  enqueueJob(queue, 'other', createCaller('other'));
  jobs[2]!.job.addCaller(createCaller('victim'));
  const started = Array.from({ length: 5 }, () => startNext(queue));
  expect(started).toEqual([
    'other for other',
    'shared for victim',
    'first for attacker',
    'second for attacker',
    undefined,
  ]);
});

test('a job is cancelled when its last caller disconnects', async () => {
  const queue = createQueue();
  const [first, second] = [createCaller('a'), createCaller('b')];
  const { job, result, onCancelled } = enqueueJob(queue, 'query', first);
  expect(job.addCaller(second)).toBe(true);
  first.disconnect();
  // The place of the caller that has disconnected is free.
  expect(queue.size).toBe(1);
  second.disconnect();
  expect(queue.size).toBe(0);
  expect(onCancelled).toHaveBeenCalledTimes(1);
  expect(await result).toMatchObject({ extensions: { code: 'REQUEST_CANCELLED' } });
  expect(job.addCaller(createCaller('c'))).toBe(false);
});

test('a caller that has disconnected before it is added does not keep the job', async () => {
  const queue = createQueue();
  const caller = createCaller();
  caller.disconnect();
  const { result } = enqueueJob(queue, 'query', caller);
  expect(queue.size).toBe(0);
  expect(await result).toMatchObject({ extensions: { code: 'REQUEST_CANCELLED' } });
});

test('a running job goes on without its callers', async () => {
  const queue = createQueue();
  const caller = createCaller();
  const { job, result, onCancelled } = enqueueJob(queue, 'query', caller);
  startNext(queue);
  caller.disconnect();
  expect(job.addCaller(createCaller())).toBe(true);
  job.resolve({ kind: 'planned', stagesJson: '[]' });
  expect(await result).toEqual({ kind: 'planned', stagesJson: '[]' });
  expect(onCancelled).not.toHaveBeenCalled();
});

test('callers with one key have one place, until the last of them has disconnected', () => {
  const queue = createQueue();
  const [first, second] = [createCaller('a'), createCaller('a')];
  const { job } = enqueueJob(queue, 'query', first);
  job.addCaller(second);
  job.addCaller(createCaller('b'));
  expect(queue.size).toBe(2);
  first.disconnect();
  expect(queue.size).toBe(2);
  second.disconnect();
  expect(startNext(queue)).toBe('query for b');
});

test('a caller whose queue is full waits in the place of another caller, also after that one has disconnected', () => {
  const queue = createQueue();
  for (const query of ['first', 'second', 'third']) enqueueJob(queue, query, createCaller('full'));
  expect(enqueueJob(queue, 'fourth', createCaller('full')).isQueued).toBe(false);
  const other = createCaller('other');
  const { job } = enqueueJob(queue, 'shared', other);
  job.addCaller(createCaller('full'));
  expect(queue.size).toBe(4);
  other.disconnect();
  expect(queue.size).toBe(4);
});

test('a job with several places can be rejected at each of them', async () => {
  const queue = createQueue();
  const { job, result } = enqueueJob(queue, 'query', createCaller('a'));
  job.addCaller(createCaller('b'));
  const places = queue.takeAll();
  expect(places).toHaveLength(2);
  for (const place of places) place.job.reject(new Error('closed'));
  expect(await result).toMatchObject({ message: 'closed' });
});
