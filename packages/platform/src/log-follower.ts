import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from './errors.js';
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

/** How far a reader has processed which log. */
export interface LogCheckpoint {
  /** Null: not known yet. */
  readonly logId: string | null;
  /** The position of the last processed entry; 0 before the first. */
  readonly position: number;
}

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

/** An entry as a live source delivers it: possibly late, repeated, unreadable, or after a gap. */
export interface LiveEntry<Entry> {
  /** Undefined: the live source delivered something without a position. */
  readonly position: number | undefined;
  /** The position of the entry before this one. Undefined: not known, so that entries between may be missing. */
  readonly previous: number | undefined;
  /** Undefined: the live source does not carry it. */
  readonly logId?: string | undefined;
  /** Undefined: it cannot be decoded. */
  readonly entry: Entry | undefined;
}

export interface LiveBatch<Entry> {
  readonly entries: readonly LiveEntry<Entry>[];
  /** The live source may have lost entries, or carries none: the follower reads the log next. */
  readonly mayLackEntries?: boolean;
}

/**
 * Delivers new entries. It may lose, repeat and reorder them.
 * These are plain promises on purpose: an async generator queues `return()` behind a pending `next()`, so that an abort
 * would leave its subscription open.
 */
export interface LiveSource<Entry> {
  /**
   * Resolves with entries after a position, or with none after `waitMs` at the latest (0: at once; it may be Infinity).
   * It also resolves, or rejects, when the signal is aborted.
   */
  read(after: number | undefined, waitMs: number, signal: AbortSignal): Promise<LiveBatch<Entry>>;
  /** Resolves when the connection can be used, or when the signal is aborted. */
  waitUntilConnected?(signal: AbortSignal): Promise<void>;
  /** An error while this is false is a lost connection: the follower waits for the next one. */
  isConnected?(): boolean;
  /** The position of the newest entry that the source has carried. It is never beyond the end of the log. */
  lastPosition?(): Promise<number>;
  /** For sources that cannot be read again: the entries that arrived while a page was read. */
  takeReceived?(): readonly LiveEntry<Entry>[];
}

/** Why a follower does not move. */
export interface FollowerProblem {
  /** `blocked`: going on would be wrong until a person acts. `waiting`: the follower recovers without help. */
  readonly kind: 'blocked' | 'waiting';
  /** One sentence for a person, with the remedy if there is one. */
  readonly reason: string;
}

/** Thrown by `loadCheckpoint` or `apply` to report a problem that only a person can remove. */
export class FollowerBlockedError extends Error {
  override name = 'FollowerBlockedError';
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
   * does not move, so a later page brings them again. Absent: the follower waits for the log.
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
  readonly names: FollowerNames;
  readonly timing: FollowerTiming;
  readonly logger: Logger;
}

/** Words for log lines and problem reasons. */
export interface FollowerNames {
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

const blocked = (reason: string, remedy: string | undefined) =>
  new FollowerBlockedError(remedy === undefined ? reason : `${reason}; ${remedy}`);

class LogUnavailableError extends Error {}
class FollowerWaitingError extends Error {}

export function createLogFollower<Entry extends { readonly position: number }>(
  options: LogFollowerOptions<Entry>,
): LogFollower {
  const { loadCheckpoint, readPage, live, apply, applyUnverified, timing, logger } = options;
  const { lateEntries = 'skip', names } = options;
  const { live: liveName = 'the live source' } = names;
  let checkpoint: LogCheckpoint | undefined;
  let isLoaded = false;
  let lag = 0;
  let hasCaughtUp = false;
  let problem: FollowerProblem | undefined;
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

  /** @throws LogUnavailableError, or FollowerBlockedError if checkpoint, live source and log cannot belong together */
  const readVerifiedPage = async (signal: AbortSignal): Promise<BackfillPage<Entry>> => {
    // The live end is read first: an entry is in the log before it is in the live source.
    const liveEnd = (await live.lastPosition?.()) ?? 0;
    let page: BackfillPage<Entry>;
    try {
      if (!readPage) throw new Error('it is not stored');
      page = await readPage(checkpoint?.position, signal);
      if (page.upTo < page.head && page.upTo <= (checkpoint?.position ?? -1))
        throw new Error(`it returned no entry after position ${page.upTo} but ends at ${page.head}`);
    } catch (error) {
      nextBackfillAt = performance.now() + timing.unavailableRetryMs;
      throw new LogUnavailableError(errorMessage(error));
    }
    const { logId, head } = page;
    if (checkpoint) {
      const { logId: ownLogId, position } = checkpoint;
      const held = `${names.checkpoint} holds log ${ownLogId ?? '?'} up to position ${position}, but ${names.log}`;
      if (ownLogId !== null && logId !== null && ownLogId !== logId)
        throw blocked(`${held} is ${logId}`, names.checkpointRemedy);
      if (head < position)
        throw blocked(`${held} ends at ${head}: it was restored from an older state`, names.checkpointRemedy);
    }
    if (liveEnd > head)
      throw blocked(
        `${liveName} goes on to position ${liveEnd}, but ${names.log} ends at ${head}`,
        names.liveRemedy,
      );
    // The log decides which history a new reader follows, not an old live source.
    if (checkpoint?.logId === null && logId !== null) await advance([], { ...checkpoint, logId });
    lag = head - (checkpoint?.position ?? head);
    return page;
  };

  /**
   * Reads the log up to its end.
   * @param received live entries; those that the pages cover are merged and removed, later ones are added
   */
  const backfill = async (received: LiveEntry<Entry>[], signal: AbortSignal) => {
    for (;;) {
      const page = await readVerifiedPage(signal);
      received.push(...(live.takeReceived?.() ?? []));
      const covered = extract(received, ({ position = 0 }) => position <= page.upTo);
      const from = lateEntries === 'skip' ? (checkpoint?.position ?? 0) : -1;
      const entries = mergeByPosition(page.entries, covered, from);
      await advance(entries, { logId: page.logId ?? checkpoint?.logId ?? null, position: page.upTo });
      if (isInterrupted || signal.aborted) return;
      if (page.upTo >= page.head) break;
    }
    nextBackfillAt = performance.now() + timing.checkIntervalMs;
    isAtEnd = hasCaughtUp = true;
  };

  /** Applies live entries that follow the checkpoint, and reads the log where they do not. */
  const follow = async (received: LiveEntry<Entry>[], signal: AbortSignal) => {
    while (received.length > 0) {
      const selected = selectNextEntries(checkpoint, received, lateEntries);
      received.splice(0, selected.consumed);
      if (selected.next.length > 0 && selected.checkpoint) await advance(selected.next, selected.checkpoint);
      if (selected.obstacle) await overcome(selected.obstacle, received, signal);
    }
  };

  /** @param received the entry that cannot be applied, and those after it; empty when it is dealt with */
  const overcome = async (obstacle: Obstacle, received: LiveEntry<Entry>[], signal: AbortSignal) => {
    if (!readPage && applyUnverified) {
      applyReceivedUnverified(received);
      return;
    }
    const what = describeObstacle(obstacle, liveName);
    const from = checkpoint?.position;
    isAtEnd = false;
    try {
      if (obstacle.kind === 'foreign') await readVerifiedPage(signal);
      else await backfill(received, signal);
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
      const reason = `${what}, and ${names.log} cannot be read: ${error.message}`;
      if (obstacle.kind === 'foreign') throw new FollowerBlockedError(reason);
      if (!applyUnverified) throw new FollowerWaitingError(reason);
      logger.debug({ follower: names.follower, reason }, 'live entries are applied unverified');
      applyReceivedUnverified(received);
      return;
    }
    if (obstacle.kind === 'foreign') throw blocked(what, names.liveRemedy);
    const isResolved = checkpoint?.position !== from || (obstacle.kind === 'gap' && received.length === 0);
    if (isResolved) return;
    if (!applyUnverified) throw blocked(`${what}, and ${names.log} ends at ${from ?? 0}`, names.liveRemedy);
    applyReceivedUnverified(received);
  };

  const applyReceivedUnverified = (received: LiveEntry<Entry>[]) => {
    received.push(...(live.takeReceived?.() ?? []));
    const entries = received.splice(0).flatMap(({ entry }) => entry ?? []);
    if (entries.length > 0) applyUnverified?.(entries);
  };

  const backfillIfAvailable = async (received: LiveEntry<Entry>[], signal: AbortSignal) => {
    try {
      await backfill(received, signal);
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
      logger.debug({ follower: names.follower, reason: error.message }, 'the log cannot be read now');
      if (applyUnverified) applyReceivedUnverified(received);
    }
  };

  const step = async (signal: AbortSignal) => {
    const wasBlocked = problem?.kind === 'blocked';
    isInterrupted = false;
    if (loadCheckpoint && (!isLoaded || wasBlocked)) {
      isLoaded = true;
      checkpoint = await loadCheckpoint(signal);
    }
    const received: LiveEntry<Entry>[] = [];
    // While blocked, nothing is applied from the log before the live source has proved to be the right one.
    if (wasBlocked) await readVerifiedPage(signal);
    else if (performance.now() >= nextBackfillAt) await backfillIfAvailable(received, signal);
    if (signal.aborted) return;

    if (received.length === 0) {
      const waitMs = isAtEnd && !wasBlocked ? Math.max(0, nextBackfillAt - performance.now()) : 0;
      const batch = await live.read(checkpoint?.position, waitMs, signal);
      received.push(...batch.entries);
      if (batch.mayLackEntries) requireBackfill();
      else if (waitMs === 0 && received.length === 0) isAtEnd = hasCaughtUp = true;
    }
    await follow(received, signal);
    if (wasBlocked) requireBackfill();
  };

  /** @returns the problem that the step ended with */
  const attempt = async (signal: AbortSignal): Promise<FollowerProblem | undefined> => {
    try {
      await step(signal);
      return undefined;
    } catch (error) {
      isLoaded = false;
      if (signal.aborted || live.isConnected?.() === false) return problem;
      if (error instanceof LogUnavailableError) return problem;
      if (error instanceof FollowerBlockedError) return { kind: 'blocked', reason: error.message };
      if (error instanceof FollowerWaitingError) return { kind: 'waiting', reason: error.message };
      logger.error({ follower: names.follower, err: error }, 'a log follower failed; it tries again');
      return { kind: 'waiting', reason: `${names.follower} failed: ${errorMessage(error)}` };
    }
  };

  const setProblem = (next: FollowerProblem | undefined) => {
    const isNew = next?.reason !== problem?.reason;
    problem = next;
    if (!isNew) return;
    const { follower } = names;
    if (!next) logger.info({ follower }, 'a log follower goes on');
    else
      logger[next.kind === 'blocked' ? 'error' : 'warn'](
        { follower, reason: next.reason },
        `a log follower is ${next.kind}`,
      );
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
      let failures = 0;
      while (!signal.aborted) {
        await live.waitUntilConnected?.(signal);
        if (signal.aborted) return;
        const next = await attempt(signal);
        // An abort makes steps fail in ways that are no problem.
        if (signal.aborted) return;
        setProblem(next);
        failures = next ? failures + 1 : 0;
        if (next) await pause(Math.min(timing.retryMs * 2 ** (failures - 1), timing.maxRetryMs), signal);
      }
    },
  };
}

/** Why a live entry cannot be applied to a checkpoint. */
export type Obstacle =
  /** Entries between the checkpoint and the live entry are missing, or may be. */
  | { readonly kind: 'gap'; readonly first: number; readonly last: number | undefined }
  | { readonly kind: 'unreadable'; readonly after: number }
  | { readonly kind: 'foreign'; readonly position: number; readonly logId: string };

export interface SelectedEntries<Entry> {
  /** In log order, without a gap behind the checkpoint. */
  readonly next: readonly Entry[];
  /** The checkpoint after `next`. */
  readonly checkpoint: LogCheckpoint | undefined;
  /** How many live entries are in `next` or were skipped. */
  readonly consumed: number;
  /** Why the first live entry that is not consumed cannot follow. */
  readonly obstacle?: Obstacle;
}

/** Selects from live entries those that directly follow a checkpoint, up to the first that does not. */
export function selectNextEntries<Entry>(
  from: LogCheckpoint | undefined,
  received: readonly LiveEntry<Entry>[],
  lateEntries: 'skip' | 'verify' = 'skip',
): SelectedEntries<Entry> {
  const next: Entry[] = [];
  let checkpoint = from;
  let consumed = 0;
  const stop = (obstacle: Obstacle) => ({ next, checkpoint, consumed, obstacle });
  for (const { position, previous, logId, entry } of received) {
    const reached = checkpoint?.position ?? 0;
    const isLate = position !== undefined && checkpoint !== undefined && position <= reached;
    if (!isLate || lateEntries === 'verify') {
      if (position === undefined) return stop({ kind: 'unreadable', after: reached });
      if (!checkpoint || isLate || previous === undefined || previous > reached)
        return stop({ kind: 'gap', first: reached + 1, last: previous });
      if (entry === undefined) return stop({ kind: 'unreadable', after: reached });
      if (checkpoint.logId !== null && logId !== undefined && logId !== checkpoint.logId)
        return stop({ kind: 'foreign', position, logId });
      next.push(entry);
      checkpoint = { logId: logId ?? checkpoint.logId, position };
    }
    consumed += 1;
  }
  return { next, checkpoint, consumed };
}

function describeObstacle(obstacle: Obstacle, live: string): string {
  switch (obstacle.kind) {
    case 'gap':
      return `entries ${obstacle.first} to ${obstacle.last ?? '?'} are not on ${live}`;
    case 'unreadable':
      return `the entry after position ${obstacle.after} on ${live} cannot be read`;
    case 'foreign':
      return `${live} holds at position ${obstacle.position} an entry of another log, ${obstacle.logId}`;
  }
}

/** Removes from a list the items that match, and returns them. */
function extract<Item>(items: Item[], matches: (item: Item) => boolean): Item[] {
  const extracted = items.filter(matches);
  if (extracted.length > 0) items.splice(0, items.length, ...items.filter((item) => !matches(item)));
  return extracted;
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

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => undefined);

/** The longest delay that a Node.js timer accepts. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A live source for entries that are pushed, such as pub/sub messages. */
export interface LiveInbox<Entry> extends LiveSource<Entry> {
  push(entry: LiveEntry<Entry>): void;
  /** Makes the follower read the log, because entries may have been lost. */
  requestBackfill(): void;
  takeReceived(): readonly LiveEntry<Entry>[];
}

export function createLiveInbox<Entry>(): LiveInbox<Entry> {
  let received: LiveEntry<Entry>[] = [];
  let mayLackEntries = false;
  let wake: (() => void) | undefined;

  const takeReceived = () => {
    const taken = received;
    received = [];
    return taken;
  };
  const wait = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, MAX_TIMER_MS));
      signal.addEventListener('abort', done);
      wake = done;
    });

  return {
    push(entry) {
      received.push(entry);
      wake?.();
    },
    requestBackfill() {
      mayLackEntries = true;
      wake?.();
    },
    takeReceived,
    async read(_after, waitMs, signal) {
      if (received.length === 0 && !mayLackEntries && waitMs > 0 && !signal.aborted)
        await wait(waitMs, signal);
      const batch = { entries: takeReceived(), mayLackEntries };
      mayLackEntries = false;
      return batch;
    },
  };
}
