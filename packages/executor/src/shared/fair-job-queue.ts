import { LRUCache } from 'lru-cache';

/** A job of a caller that waits for its turn. */
export interface QueuedJob {
  /** Jobs with equal keys are of the same caller. `undefined`: the caller is unknown. */
  readonly fairnessKey: string | undefined;
  /** What the job takes in memory. */
  readonly bytes: number;
}

export interface JobQueueLimits {
  /** Maximum number of waiting jobs. */
  readonly maxJobs: number;
  /** Maximum number of waiting jobs of one known caller. */
  readonly maxJobsPerCaller: number;
  /** Maximum size of all waiting jobs. */
  readonly maxBytes: number;
}

/** Jobs of many callers. The caller that used the least time recently is next. */
export interface FairJobQueue<Job extends QueuedJob> {
  readonly size: number;
  /** @returns false if a limit is reached */
  add(job: Job): boolean;
  /** Removes and returns the next job of a caller for which the predicate holds. */
  take(isEligible: (fairnessKey: string | undefined) => boolean): Job | undefined;
  /** Removes a job. @returns false if it does not wait */
  remove(job: Job): boolean;
  /** Records that a caller's job took time. */
  charge(fairnessKey: string | undefined, durationMs: number): void;
  /** Removes and returns all jobs. */
  takeAll(): readonly Job[];
}

/** After this time, half of what a caller used is forgotten. */
const USAGE_HALF_LIFE_MS = 10_000;
/** Callers whose usage is known. Of others it is zero. */
const MAX_KNOWN_CALLERS = 10_000;

interface Usage {
  readonly usedMs: number;
  readonly at: number;
}

/** @param now monotonic time in milliseconds */
export function createFairJobQueue<Job extends QueuedJob>(
  { maxJobs, maxJobsPerCaller, maxBytes }: JobQueueLimits,
  now: () => number = () => performance.now(),
): FairJobQueue<Job> {
  /** A caller moves to the end when it has its turn, so that equal callers take turns. */
  const jobsByCaller = new Map<string | undefined, Job[]>();
  const usages = new LRUCache<string, Usage>({ max: MAX_KNOWN_CALLERS });
  let size = 0;
  let bytes = 0;

  const getUsedMs = (fairnessKey = ''): number => {
    const usage = usages.get(fairnessKey);
    return usage ? usage.usedMs * 0.5 ** ((now() - usage.at) / USAGE_HALF_LIFE_MS) : 0;
  };
  const findNextCaller = (isEligible: (fairnessKey: string | undefined) => boolean) => {
    let next: { readonly fairnessKey: string | undefined; readonly usedMs: number } | undefined;
    for (const fairnessKey of jobsByCaller.keys()) {
      const usedMs = getUsedMs(fairnessKey);
      if ((!next || usedMs < next.usedMs) && isEligible(fairnessKey)) next = { fairnessKey, usedMs };
    }
    return next;
  };

  return {
    get size() {
      return size;
    },
    add(job) {
      const { fairnessKey } = job;
      const jobs = jobsByCaller.get(fairnessKey) ?? [];
      const maxJobsOfCaller = fairnessKey === undefined ? maxJobs : maxJobsPerCaller;
      if (size >= maxJobs || jobs.length >= maxJobsOfCaller || bytes + job.bytes > maxBytes) return false;
      jobs.push(job);
      jobsByCaller.set(fairnessKey, jobs);
      size += 1;
      bytes += job.bytes;
      return true;
    },
    take(isEligible) {
      const next = findNextCaller(isEligible);
      const jobs = next && jobsByCaller.get(next.fairnessKey);
      const job = jobs?.shift();
      if (!job) return undefined;
      jobsByCaller.delete(job.fairnessKey);
      if (jobs && jobs.length > 0) jobsByCaller.set(job.fairnessKey, jobs);
      size -= 1;
      bytes -= job.bytes;
      return job;
    },
    remove(job) {
      const jobs = jobsByCaller.get(job.fairnessKey);
      const index = jobs?.indexOf(job) ?? -1;
      if (!jobs || index < 0) return false;
      jobs.splice(index, 1);
      if (jobs.length === 0) jobsByCaller.delete(job.fairnessKey);
      size -= 1;
      bytes -= job.bytes;
      return true;
    },
    charge(fairnessKey = '', durationMs) {
      usages.set(fairnessKey, { usedMs: getUsedMs(fairnessKey) + durationMs, at: now() });
    },
    takeAll() {
      const jobs = [...jobsByCaller.values()].flat();
      jobsByCaller.clear();
      size = 0;
      bytes = 0;
      return jobs;
    },
  };
}
