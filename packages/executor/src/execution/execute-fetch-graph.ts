import type { CompiledFetch } from './compile-fetch.js';
import type { ExecutionState } from './execution-state.js';
import type { FetchGraph, FetchStep, StepJoin } from './fetch-graph.js';
import type { JoinedFetches } from './fetch-join.js';
import { JoinedRequest, type EntityRequestSender } from './joined-request.js';

/** How long a step waits for the others of its join: a multiple of the time that the stage has taken so far, within bounds. */
interface WaitLimit {
  readonly factor: number;
  readonly minMs: number;
  readonly maxMs: number;
}

const WAIT_LIMIT: WaitLimit = { factor: 1, minMs: 10, maxMs: 100 };

/** For a step on which no other depends. The response is not complete before the others of its join anyway. */
const LAST_STEP_WAIT_LIMIT: WaitLimit = { factor: 3, minMs: 250, maxMs: 500 };

/** What the executor provides to the graph. */
export interface FetchGraphOptions {
  readonly state: ExecutionState;
  readonly sender: EntityRequestSender;
  /** Sends the request of the fetch, or adds it to `ExecutionState.joinedRequest`, before it returns. Never rejects. */
  readonly executeFetch: (state: ExecutionState, fetch: CompiledFetch) => Promise<void>;
}

/** Executes each fetch when those that it depends on are complete, and joined fetches together. */
export function executeFetchGraph(graph: FetchGraph, options: FetchGraphOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    new FetchGraphExecution(graph, options, resolve, reject).begin();
  });
}

/** A join whose steps are not all sent. */
interface WaitingJoin {
  readonly readySteps: FetchStep[];
  unsentCount: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires, by `performance.now()`. */
  deadlineMs: number;
}

class FetchGraphExecution {
  private readonly missingDependencyCounts: number[];
  private readonly waitingJoins: (WaitingJoin | undefined)[] = [];
  private unfinishedCount: number;
  private readonly startMs = performance.now();

  constructor(
    private readonly graph: FetchGraph,
    private readonly options: FetchGraphOptions,
    private readonly finish: () => void,
    private readonly fail: (error: unknown) => void,
  ) {
    this.missingDependencyCounts = graph.steps.map(({ dependencyCount }) => dependencyCount);
    this.unfinishedCount = graph.steps.length;
  }

  begin(): void {
    for (const step of this.graph.steps) if (step.dependencyCount === 0) this.handleReadyStep(step);
  }

  private handleReadyStep(step: FetchStep): void {
    const { join } = step;
    const { isRepeatedStage, joinEntityFetches, mergedFetches } = this.options.state;
    // A repeated stage finds few entities, by the fetches that remember which they have requested.
    if (!join || !joinEntityFetches || isRepeatedStage) {
      this.execute(mergedFetches?.get(step.fetch) ?? step.fetch, [step]);
      return;
    }
    const waiting = (this.waitingJoins[join.index] ??= {
      readySteps: [],
      unsentCount: join.stepCount,
      timer: undefined,
      deadlineMs: Infinity,
    });
    waiting.readySteps.push(step);
    if (waiting.readySteps.length === waiting.unsentCount) this.sendReadySteps(join, waiting);
    else this.limitWait(step, join, waiting);
  }

  private limitWait(step: FetchStep, join: StepJoin, waiting: WaitingJoin): void {
    const nowMs = performance.now();
    const { factor, minMs, maxMs } = step.dependents.length > 0 ? WAIT_LIMIT : LAST_STEP_WAIT_LIMIT;
    const waitMs = Math.min(maxMs, Math.max(minMs, factor * (nowMs - this.startMs)));
    if (nowMs + waitMs >= waiting.deadlineMs) return;
    clearTimeout(waiting.timer);
    waiting.deadlineMs = nowMs + waitMs;
    waiting.timer = setTimeout(() => this.sendReadySteps(join, waiting), waitMs);
  }

  private sendReadySteps(join: StepJoin, waiting: WaitingJoin): void {
    clearTimeout(waiting.timer);
    waiting.deadlineMs = Infinity;
    const steps = waiting.readySteps.splice(0);
    waiting.unsentCount -= steps.length;
    let bits = 0;
    for (const { joinBit } of steps) bits |= joinBit;
    const joinedFetches = steps.length > 1 ? join.fetchJoin.select(bits) : undefined;
    if (joinedFetches) this.executeJoined(join, joinedFetches, steps);
    else for (const step of steps) this.execute(step.fetch, [step]);
  }

  private executeJoined(
    { fetchJoin }: StepJoin,
    joinedFetches: JoinedFetches,
    steps: readonly FetchStep[],
  ): void {
    const { state, sender, executeFetch } = this.options;
    const { fetches, mergedFetches } = joinedFetches;
    if (mergedFetches.size > 0) {
      state.mergedFetches ??= new Map<CompiledFetch, CompiledFetch>();
      for (const [fetch, merged] of mergedFetches) state.mergedFetches.set(fetch, merged);
    }
    const joinedRequest = new JoinedRequest(fetchJoin, joinedFetches, sender);
    state.joinedRequest = joinedRequest;
    const executions = fetches.map((fetch) => executeFetch(state, fetch));
    state.joinedRequest = undefined;
    Promise.all([joinedRequest.send(), ...executions]).then(() => this.complete(steps), this.fail);
  }

  private execute(fetch: CompiledFetch, steps: readonly FetchStep[]): void {
    const { state, executeFetch } = this.options;
    executeFetch(state, fetch).then(() => this.complete(steps), this.fail);
  }

  private complete(steps: readonly FetchStep[]): void {
    this.unfinishedCount -= steps.length;
    if (this.unfinishedCount === 0) {
      this.finish();
      return;
    }
    for (const { dependents } of steps) {
      for (const dependent of dependents) {
        const missingCount = (this.missingDependencyCounts[dependent.index] ?? 0) - 1;
        this.missingDependencyCounts[dependent.index] = missingCount;
        if (missingCount === 0) this.handleReadyStep(dependent);
      }
    }
  }
}
