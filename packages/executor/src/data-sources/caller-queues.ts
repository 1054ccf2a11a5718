/** Bounds the requests that run at the same time for each caller; further ones wait for their turn. */
export interface CallerQueues {
  /** Number of requests that wait. */
  readonly waitingCount: number;
  /** Takes a turn of a caller now. @returns false if the caller has no free turn */
  enter(callerKey: string): boolean;
  /** Called after `enter` has returned false. `onTurn` is called once, when the turn comes. */
  wait(callerKey: string, onTurn: () => void): void;
  /** Ends a turn, so that the caller's next request has its turn. */
  leave(callerKey: string): void;
  /** Gives up a turn that has not come. @returns whether it was waiting */
  giveUp(callerKey: string, onTurn: () => void): boolean;
}

interface CallerState {
  runningCount: number;
  /** In order of arrival. Created when a request has to wait. */
  waiting: Set<() => void> | undefined;
}

export function createCallerQueues(maxRunningPerCaller: number): CallerQueues {
  const states = new Map<string, CallerState>();
  let waitingCount = 0;
  return {
    get waitingCount() {
      return waitingCount;
    },
    enter(callerKey) {
      const state = states.get(callerKey);
      if (!state) {
        states.set(callerKey, { runningCount: 1, waiting: undefined });
        return true;
      }
      if (state.runningCount < maxRunningPerCaller) {
        state.runningCount += 1;
        return true;
      }
      return false;
    },
    wait(callerKey, onTurn) {
      const state = states.get(callerKey);
      if (!state) throw new Error('The caller has a free turn.');
      (state.waiting ??= new Set()).add(onTurn);
      waitingCount += 1;
    },
    leave(callerKey) {
      const state = states.get(callerKey);
      if (!state) return;
      for (const onTurn of state.waiting ?? []) {
        // The next request takes over the turn.
        state.waiting?.delete(onTurn);
        waitingCount -= 1;
        onTurn();
        return;
      }
      state.runningCount -= 1;
      if (state.runningCount === 0) states.delete(callerKey);
    },
    giveUp(callerKey, onTurn) {
      const hasWaited = states.get(callerKey)?.waiting?.delete(onTurn) === true;
      if (hasWaited) waitingCount -= 1;
      return hasWaited;
    },
  };
}
