import { setTimeout as delay } from 'node:timers/promises';
import { getErrorMessage } from './errors.js';
import {
  describeDiscontinuity,
  selectNextEntries,
  type LiveEntry,
  type LiveSource,
  type LogCheckpoint,
  type Discontinuity,
} from './live-source.js';
import type { Logger } from './logger.js';

/*
 * A catch-up subscription to a log, in four phases:
 *
 *   1. Checkpoint: where the last run ended. Without one, the follower starts at the end of the log.
 *   2. Backfill: read the log page by page. Each page also proves that checkpoint and log share one history.
 *   3. Cut over: live entries that arrived meanwhile are merged with the page that covers them.
 *   4. Live: apply each entry that directly follows the checkpoint. Any other entry returns to phase 2.
 *
 * Live sources lose entries silently, so phase 2 also repeats at an interval and after each reconnect.
 */

/** A part of the log, as its stored form returns it. */
export interface BackfillPage<Entry> {
  /** Null: not known yet. */
  readonly logId: string | null;
  /** The position at which the log ends. */
  readonly head: number;
  /** In log order. */
  readonly entries: readonly Entry[];
  /** The page lacks no entry from the requested position up to this one. Less than `head`: there are more pages. */
  readonly upTo: number;
}

/** Why a follower does not move. */
export interface FollowerProblem {
  /** `blocked`: going on would be wrong until a person acts. `waiting`: the follower recovers without help. */
  readonly kind: 'blocked' | 'waiting';
  /** One sentence for a person, with the remedy if there is one. */
  readonly reason: string;
}

/** A problem that stops a follower. `loadCheckpoint` and `apply` may throw it, too. */
export class FollowerProblemError extends Error {
  override name = 'FollowerProblemError';

  constructor(
    readonly kind: FollowerProblem['kind'],
    reason: string,
    remedy?: string,
  ) {
    super(remedy === undefined ? reason : `${reason}; ${remedy}`);
  }
}

export interface LogFollowerOptions<Entry extends { readonly position: number }> {
  /** Called at the start, after `restart` and after an error. Absent: start at the end of the log. */
  readonly loadCheckpoint?: ((signal: AbortSignal) => Promise<LogCheckpoint>) | undefined;
  /**
   * Reads the log after a position; undefined: an empty page at the end of the log. Absent: the log is not stored.
   * @throws Error if the log cannot be read now
   */
  readonly readPage?:
    ((after: number | undefined, signal: AbortSignal) => Promise<BackfillPage<Entry>>) | undefined;
  readonly live: LiveSource<Entry>;
  /**
   * Processes entries in log order and moves the checkpoint. One call at a time; `entries` may be empty.
   * If it throws, the follower loads the checkpoint again.
   */
  readonly apply: (entries: readonly Entry[], checkpoint: LogCheckpoint) => Promise<void> | void;
  /**
   * Processes live entries although others before them may be missing, because the log cannot be read. The checkpoint
   * does not move, so a later page brings them again. Absent: the follower waits for the log, and reads the live source
   * again.
   */
  readonly applyUnverified?: ((entries: readonly Entry[]) => void) | undefined;
  /**
   * Live entries at or before the checkpoint. `skip`: they are duplicates. `verify`: the follower reads the log and then
   * passes them to `apply`, which recognizes duplicates itself.
   * @default 'skip'
   */
  readonly lateEntries?: 'skip' | 'verify';
  /** Called when the problem changes; undefined: the follower moves again. */
  readonly onProblem?: (problem: FollowerProblem | undefined) => void;
  readonly names: FollowerMessageNames;
  readonly timing: FollowerTiming;
  readonly logger: Logger;
}

/** Words for log lines and problem reasons. */
export interface FollowerMessageNames {
  readonly follower: string;
  /** What holds the checkpoint, such as "this read model". */
  readonly checkpoint: string;
  readonly log: string;
  /** @default 'the live source' */
  readonly live?: string;
  /** What to do if the checkpoint belongs to another history than the log. */
  readonly checkpointRemedy?: string;
  /** What to do if the live source belongs to another history than the log. */
  readonly liveRemedy?: string;
}

export interface FollowerTiming {
  /** The log is read at this interval, even if no live entry arrives. Infinity: only when the live source asks for it. */
  readonly checkIntervalMs: number;
  /** The log is read again this long after it could not be read. */
  readonly unavailableRetryMs: number;
  /** After a problem the follower tries again: first after this, */
  readonly retryMs: number;
  /** then after twice the time each time, up to this. */
  readonly maxRetryMs: number;
}

export interface LogFollower {
  /** Follows the log until aborted. It never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Loads the checkpoint and reads the log again, because the live source was interrupted. */
  restart(): void;
  /** Undefined while it is not known. */
  readonly checkpoint: LogCheckpoint | undefined;
  /** Entries between checkpoint and end of the log, as of the last page. */
  readonly lag: number;
  /** Whether the follower has reached the end of the log, or else of the live source, once. */
  readonly hasCaughtUp: boolean;
  readonly problem: FollowerProblem | undefined;
}

export function createLogFollower<Entry extends { readonly position: number }>(
  options: LogFollowerOptions<Entry>,
): LogFollower {
  const { loadCheckpoint, readPage, live, apply, applyUnverified, timing, logger } = options;
  const { lateEntries = 'skip', names } = options;
  const { follower, live: liveName = 'the live source' } = names;
  let checkpoint: LogCheckpoint | undefined;
  let isLoaded = false;
  let lag = 0;
  let hasCaughtUp = false;
  let problem: FollowerProblem | undefined;
  /** Live entries that are not applied yet. */
  let received: LiveEntry<Entry>[] = [];
  /** The last read reached the end of the log, or of the live source: the next live read may wait. */
  let isAtEnd = false;
  /** By the monotonic clock. */
  let nextBackfillAt = readPage ? 0 : Infinity;
  /** `restart` was called during this step: a page may build on an old checkpoint. */
  let isInterrupted = false;

  const requireBackfill = () => {
    isAtEnd = false;
    nextBackfillAt = readPage ? 0 : Infinity;
  };

  const advance = async (entries: readonly Entry[], to: LogCheckpoint) => {
    const isSame = checkpoint?.position === to.position && checkpoint.logId === to.logId;
    if (entries.length === 0 && isSame) return;
    await apply(entries, to);
    lag = Math.max(0, lag - (to.position - (checkpoint?.position ?? to.position)));
    checkpoint = to;
  };

  const applyReceivedUnverified = () => {
    const entries = [...received, ...(live.takeReceived?.() ?? [])].flatMap(({ entry }) => entry ?? []);
    received = [];
    if (entries.length > 0) applyUnverified?.(entries);
  };

  /** @throws FollowerProblemError if checkpoint, log and live source cannot belong to one history */
  const assertOneHistory = ({ logId, head }: BackfillPage<Entry>, liveEnd: number) => {
    if (checkpoint) {
      const { logId: ownLogId, position } = checkpoint;
      const held = `${names.checkpoint} holds log ${ownLogId ?? '?'} up to position ${position}, but ${names.log}`;
      if (ownLogId !== null && logId !== null && ownLogId !== logId)
        throw new FollowerProblemError('blocked', `${held} is ${logId}`, names.checkpointRemedy);
      if (head < position) {
        const reason = `${held} ends at ${head}: it was restored from an older state`;
        throw new FollowerProblemError('blocked', reason, names.checkpointRemedy);
      }
    }
    if (liveEnd > head) {
      const reason = `${liveName} goes on to position ${liveEnd}, but ${names.log} ends at ${head}`;
      throw new FollowerProblemError('blocked', reason, names.liveRemedy);
    }
  };

  /** @returns the page after the checkpoint, or why the log cannot be read now */
  const readVerifiedPage = async (signal: AbortSignal): Promise<BackfillPage<Entry> | string> => {
    if (!readPage) return 'it is not stored';
    // The live end is read first: an entry is in the log before it is in the live source.
    const liveEnd = (await live.lastPosition?.()) ?? 0;
    let page: BackfillPage<Entry>;
    try {
      page = await readPage(checkpoint?.position, signal);
      if (page.upTo < page.head && page.upTo <= (checkpoint?.position ?? -1))
        throw new Error(`it returned no entry after position ${page.upTo} but ends at ${page.head}`);
    } catch (error) {
      nextBackfillAt = performance.now() + timing.unavailableRetryMs;
      return getErrorMessage(error);
    }
    assertOneHistory(page, liveEnd);
    // The log decides which history a new reader follows, not an old live source.
    if (checkpoint?.logId === null && page.logId !== null)
      await advance([], { ...checkpoint, logId: page.logId });
    lag = page.head - (checkpoint?.position ?? page.head);
    return page;
  };

  /**
   * Reads the log up to its end, and merges the received live entries that its pages cover.
   * @returns why the log cannot be read now, if it cannot
   */
  const backfill = async (signal: AbortSignal): Promise<string | undefined> => {
    for (;;) {
      const page = await readVerifiedPage(signal);
      if (typeof page === 'string') return page;
      const { upTo } = page;
      const all = [...received, ...(live.takeReceived?.() ?? [])];
      received = all.filter(({ position = 0 }) => position > upTo);
      const covered = all.filter(({ position = 0 }) => position <= upTo);
      const from = lateEntries === 'skip' ? (checkpoint?.position ?? 0) : 0;
      const logId = page.logId ?? checkpoint?.logId ?? null;
      await advance(mergeByPosition(page.entries, covered, from), { logId, position: upTo });
      if (isInterrupted || signal.aborted) return undefined;
      if (upTo >= page.head) break;
    }
    nextBackfillAt = performance.now() + timing.checkIntervalMs;
    isAtEnd = hasCaughtUp = true;
    return undefined;
  };

  /** Applies received entries that follow the checkpoint, and reads the log where they do not. */
  const follow = async (signal: AbortSignal) => {
    while (received.length > 0) {
      const selected = selectNextEntries(checkpoint, received, lateEntries);
      received = received.slice(selected.consumed);
      if (selected.next.length > 0 && selected.checkpoint) await advance(selected.next, selected.checkpoint);
      if (!selected.discontinuity) continue;
      if (!readPage && applyUnverified) applyReceivedUnverified();
      else await resolveDiscontinuity(selected.discontinuity, signal);
    }
  };

  /** Reads the log because the first received entry does not follow the checkpoint. */
  const resolveDiscontinuity = async (discontinuity: Discontinuity, signal: AbortSignal) => {
    const what = describeDiscontinuity(discontinuity, liveName);
    isAtEnd = false;
    if (discontinuity.kind === 'foreign') {
      const page = await readVerifiedPage(signal);
      const detail = typeof page === 'string' ? `, and ${names.log} cannot be read: ${page}` : '';
      throw new FollowerProblemError('blocked', what + detail, names.liveRemedy);
    }
    const from = checkpoint?.position;
    const unavailable = await backfill(signal);
    const isResolved =
      checkpoint?.position !== from || (discontinuity.kind === 'gap' && received.length === 0);
    if (unavailable === undefined && isResolved) return;
    if (applyUnverified) {
      logger.debug({ follower, reason: what }, 'live entries are applied unverified');
      applyReceivedUnverified();
      return;
    }
    if (unavailable !== undefined)
      throw new FollowerProblemError('waiting', `${what}, and ${names.log} cannot be read: ${unavailable}`);
    const reason = `${what}, and ${names.log} ends at ${from ?? 0}`;
    throw new FollowerProblemError('blocked', reason, names.liveRemedy);
  };

  const step = async (signal: AbortSignal) => {
    const wasBlocked = problem?.kind === 'blocked';
    isInterrupted = false;
    received = [];
    if (loadCheckpoint && (!isLoaded || wasBlocked)) {
      isLoaded = true;
      checkpoint = await loadCheckpoint(signal);
    }
    if (wasBlocked) {
      // Nothing is applied from the log before the live source has proved to be the right one.
      if (typeof (await readVerifiedPage(signal)) === 'string') return problem;
    } else if (performance.now() >= nextBackfillAt) {
      const unavailable = await backfill(signal);
      if (unavailable !== undefined) {
        logger.debug({ follower, reason: unavailable }, 'the log cannot be read now');
        if (applyUnverified) applyReceivedUnverified();
      }
    }
    if (signal.aborted) return undefined;

    if (received.length === 0) {
      const waitMs = isAtEnd && !wasBlocked ? Math.max(0, nextBackfillAt - performance.now()) : 0;
      const batch = await live.read(checkpoint?.position, waitMs, signal);
      received = [...batch.entries];
      if (batch.mayLackEntries) requireBackfill();
      else if (waitMs === 0 && received.length === 0) isAtEnd = hasCaughtUp = true;
    }
    await follow(signal);
    if (wasBlocked) requireBackfill();
    return undefined;
  };

  /** @returns the problem that the step ended with */
  const attempt = async (signal: AbortSignal): Promise<FollowerProblem | undefined> => {
    try {
      await live.waitUntilConnected?.(signal);
      return signal.aborted ? problem : await step(signal);
    } catch (error) {
      isLoaded = false;
      if (signal.aborted || live.isConnected?.() === false) return problem;
      if (error instanceof FollowerProblemError) return { kind: error.kind, reason: error.message };
      logger.error({ follower, err: error }, 'a log follower failed; it tries again');
      return { kind: 'waiting', reason: `${follower} failed: ${getErrorMessage(error)}` };
    }
  };

  const setProblem = (next: FollowerProblem | undefined) => {
    const isNew = next?.reason !== problem?.reason;
    problem = next;
    if (!isNew) return;
    if (next?.kind === 'blocked')
      logger.error({ follower, reason: next.reason }, 'a log follower is blocked');
    else if (next) logger.warn({ follower, reason: next.reason }, 'a log follower is waiting');
    else logger.info({ follower }, 'a log follower goes on');
    options.onProblem?.(next);
  };

  return {
    get checkpoint() {
      return isLoaded || !loadCheckpoint ? checkpoint : undefined;
    },
    get lag() {
      return lag;
    },
    get hasCaughtUp() {
      return hasCaughtUp;
    },
    get problem() {
      return problem;
    },
    restart() {
      isInterrupted = true;
      isLoaded = false;
      requireBackfill();
    },
    async run(signal) {
      const isOver = () => signal.aborted;
      for (let failures = 0; !isOver();) {
        const next = await attempt(signal);
        // An abort makes steps fail in ways that are no problem.
        if (isOver()) return;
        setProblem(next);
        failures = next ? failures + 1 : 0;
        const pauseMs = Math.min(timing.retryMs * 2 ** (failures - 1), timing.maxRetryMs);
        if (next) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/** A log that keeps only the latest entry of each thing lacks entries that were received live, so both count. */
function mergeByPosition<Entry extends { readonly position: number }>(
  page: readonly Entry[],
  live: readonly LiveEntry<Entry>[],
  after: number,
): readonly Entry[] {
  const missing = live.flatMap(({ entry }) => (entry && entry.position > after ? entry : []));
  if (missing.length === 0) return page;
  const merged = new Map([...missing, ...page].map((entry) => [entry.position, entry]));
  return [...merged.values()].sort((a, b) => a.position - b.position);
}
