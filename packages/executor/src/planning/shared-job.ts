import { createCodedError } from '../shared/errors.js';
import type { FairJobQueue, QueuedJob } from '../shared/fair-job-queue.js';
import type { PlanningCaller, PlanningJob } from './query-planner.js';
import type { StagePlanningResult } from './stage-planner.js';

/** A planning job that waits for a worker or runs in it. */
export interface PendingStages {
  /**
   * @throws GraphQLError (as a rejection) REQUEST_CANCELLED if all callers have disconnected before the job started;
   *   SERVER_SHUTTING_DOWN when the workers end
   */
  readonly result: Promise<StagePlanningResult>;
  /** Adds a caller that waits for the same job. @returns false if the job was cancelled */
  addCaller(caller: PlanningCaller): boolean;
}

/** The place of a job in the queue, among the jobs of one caller. */
export interface QueuedPlace extends QueuedJob {
  readonly job: SharedJob;
}

/**
 * A planning job with all its callers. It has a place in the queue for each fairness key, and starts in the first one whose turn
 * comes: a caller does not wait behind the other jobs of another caller. It leaves the queue when all callers have disconnected.
 */
export class SharedJob implements PendingStages {
  readonly result: Promise<StagePlanningResult>;
  private resolveResult!: (result: StagePlanningResult) => void;
  private rejectResult!: (error: Error) => void;
  private state: 'waiting' | 'running' | 'settled' | 'cancelled' = 'waiting';
  /** With what their signals call. */
  private readonly callers = new Map<PlanningCaller, () => void>();
  /** Number of callers by fairness key. */
  private readonly callerCounts = new Map<string | undefined, number>();
  private readonly places = new Map<string | undefined, QueuedPlace>();

  constructor(
    readonly planningJob: PlanningJob,
    private readonly queue: FairJobQueue<QueuedPlace>,
    /** Called when the job has left the queue without being started. */
    private readonly onCancelled: () => void,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolveResult = resolve;
      this.rejectResult = reject;
    });
  }

  /** Queues the job for its first caller. @returns false if too many jobs wait */
  enqueue(caller: PlanningCaller): boolean {
    if (!this.addPlace(caller.fairnessKey)) return false;
    this.addCaller(caller);
    return true;
  }

  addCaller(caller: PlanningCaller): boolean {
    if (this.state === 'cancelled') return false;
    if (this.callers.has(caller) || this.state === 'settled') return true;
    // If too many jobs wait, the caller gets no place: it waits in the places of the others.
    if (this.state === 'waiting') this.addPlace(caller.fairnessKey);
    const leave = () => this.removeCaller(caller);
    this.callers.set(caller, leave);
    this.countCaller(caller, 1);
    caller.signal?.addEventListener('abort', leave);
    if (caller.signal?.aborted) leave();
    return true;
  }

  /** Removes the places of the job. It can no longer be cancelled. */
  start(): void {
    this.state = 'running';
    this.removePlaces();
  }

  resolve(result: StagePlanningResult): void {
    this.end('settled');
    this.resolveResult(result);
  }

  reject(error: Error): void {
    this.end('settled');
    this.rejectResult(error);
  }

  private addPlace(fairnessKey: string | undefined): boolean {
    if (this.places.has(fairnessKey)) return true;
    const place = { fairnessKey, bytes: 2 * this.planningJob.query.length, job: this };
    if (!this.queue.add(place)) return false;
    this.places.set(fairnessKey, place);
    return true;
  }

  private removeCaller(caller: PlanningCaller): void {
    this.callers.delete(caller);
    const { fairnessKey } = caller;
    const remainingCount = this.countCaller(caller, -1);
    if (this.state !== 'waiting') return;
    if (this.callers.size === 0) {
      this.removePlaces();
      this.end('cancelled');
      this.rejectResult(createCancelledError());
      this.onCancelled();
    } else if (remainingCount === 0 && this.places.size > 1) {
      const place = this.places.get(fairnessKey);
      if (place) this.queue.remove(place);
      this.places.delete(fairnessKey);
    }
  }

  private countCaller({ fairnessKey }: PlanningCaller, change: 1 | -1): number {
    const count = (this.callerCounts.get(fairnessKey) ?? 0) + change;
    this.callerCounts.set(fairnessKey, count);
    return count;
  }

  private removePlaces(): void {
    for (const place of this.places.values()) this.queue.remove(place);
    this.places.clear();
  }

  private end(state: 'settled' | 'cancelled'): void {
    this.state = state;
    for (const [caller, leave] of this.callers) caller.signal?.removeEventListener('abort', leave);
    this.callers.clear();
  }
}

const createCancelledError = () =>
  createCodedError('REQUEST_CANCELLED', 'The client disconnected before the operation was planned.');
