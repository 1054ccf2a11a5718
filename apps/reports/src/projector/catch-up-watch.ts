import type { ReadModelCheckpoint } from '../domain/read-model.js';
import type { ProjectionLag } from './log-lag.js';
import type { Projector } from './projector.js';

/** An instance that is behind by so many entries at most is as current as one that projects a busy log. */
const MAX_CAUGHT_UP_ENTRIES = 500;
const CHECK_INTERVAL_MS = 1_000;

export interface CatchUpWatchOptions {
  readonly projector: Pick<Projector, 'hasCaughtUp' | 'problem'>;
  readonly projectionLag: Pick<ProjectionLag, 'lag' | 'logId' | 'refresh'>;
  readonly getCheckpoint: () => ReadModelCheckpoint;
  /** @default 1_000 */
  readonly checkIntervalMs?: number;
}

/** Notices when an instance has caught up with the event log after its start. */
export interface CatchUpWatch {
  /** Stays true. Heartbeats report how far the instance falls behind later. */
  readonly hasCaughtUp: boolean;
  stop(): void;
}

/**
 * An instance has caught up when the projector has reached the end of the log once. On a busy log new entries always follow, so
 * it has also caught up when monitoring's log has at most 500 entries more.
 */
export function startCatchUpWatch(options: CatchUpWatchOptions): CatchUpWatch {
  const { projector, projectionLag, getCheckpoint, checkIntervalMs = CHECK_INTERVAL_MS } = options;
  let hasCaughtUp = false;

  const isNearEnd = () => {
    const { lag, logId } = projectionLag;
    // Positions of another log cannot be compared.
    const isSameLog = logId !== undefined && logId === getCheckpoint().logId;
    return isSameLog && !projector.problem && lag !== undefined && lag.entries <= MAX_CAUGHT_UP_ENTRIES;
  };
  const check = () => {
    hasCaughtUp ||= projector.hasCaughtUp || isNearEnd();
    if (hasCaughtUp) clearInterval(timer);
    return hasCaughtUp;
  };
  const timer = setInterval(() => {
    if (!check()) void projectionLag.refresh().then(check);
  }, checkIntervalMs);
  timer.unref();

  return {
    get hasCaughtUp() {
      return check();
    },
    stop: () => clearInterval(timer),
  };
}
