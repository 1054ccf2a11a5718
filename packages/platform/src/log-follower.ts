import { setTimeout as delay } from 'node:timers/promises';
import { getErrorMessage } from './errors.js';
import {
  selectNextEntries,
  createCheckpoint,
  type LiveEntry,
  type LiveSource,
  type LogCheckpoint,
  type Discontinuity,
} from './live-source.js';
import type { Logger } from './logger.js';
import { RedisReplyError } from './redis-connections.js';

/*
 * A catch-up subscription to a log, in four phases:
 *
 *   1. Checkpoint: where the last run ended. Without one, the follower starts at the end of the log.
 *   2. Backfill: read the log page by page. Each page also proves that checkpoint and log share one history.
 *      A stream stores entries too. So one page is enough, unless the stream lacks the entries after it.
 *   3. Cut over: live entries that arrived meanwhile are merged with the page that covers them.
 *   4. Live: apply each entry that directly follows the checkpoint. Any other entry returns to phase 2.
 *
 * Live sources lose entries silently, so phase 2 also repeats at an interval and after each reconnect.
 */

/** A part of the log, as its stored form returns it. */
export interface BackfillPage<Entry> {
  /** `null` until the log id is known. */
  readonly logId: string | null;
  /** The ids of earlier epochs of the log: each restore replaces the id. */
  readonly formerLogIds?: readonly string[] | undefined;
  /** The mark of the entry after which the page starts. Absent if it is not known. */
  readonly markAfter?: string | undefined;
  /** The position at which the log ends. */
  readonly head: number;
  /** In log order. */
  readonly entries: readonly Entry[];
  /** The page lacks no entry from the requested position up to this one. If it is less than `head`, there are more pages. */
  readonly upTo: number;
  /** The mark of the entry at `upTo`. Absent if it is not known. */
  readonly markUpTo?: string | undefined;
  /** The page is a part of the snapshot with which a compacted log begins, up to this position. */
  readonly snapshotUpTo?: number | undefined;
  /** A compaction has removed entries after the requested position: the reader has to start at the beginning. */
  readonly isCompacted?: boolean | undefined;
}

/**
 * Reads a page of the log.
 * @param after the page starts after this position; `undefined` asks for an empty page at the end of the log
 * @param maxEntries is 1 if only the history of the log is checked; by default the reader chooses the size
 * @throws Error if the log cannot be read now
 */
export type ReadBackfillPage<Entry> = (
  after: number | undefined,
  signal: AbortSignal,
  maxEntries?: number,
) => Promise<BackfillPage<Entry>>;

/** Why a follower does not advance. */
export interface FollowerProblem {
  /**
   * `blocked`: to advance would mix histories of the log. A person, or the reader, must act.
   * `waiting`: the follower recovers without help.
   */
  readonly kind: 'blocked' | 'waiting';
  /** One sentence for operators, with the remedy if there is one. */
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

/** How a reader takes part in a log follower. */
export interface LogFollowerOptions<Entry extends { readonly position: number }> {
  /** Called at the start, after `restart` and after an error. Without it the follower starts at the end of the log. */
  readonly loadCheckpoint?: ((signal: AbortSignal) => Promise<LogCheckpoint>) | undefined;
  /** Reads the log. Without it the log is not stored. */
  readonly readPage?: ReadBackfillPage<Entry> | undefined;
  readonly live: LiveSource<Entry>;
  /**
   * Processes entries in log order and stores the checkpoint after them. Calls do not overlap; `entries` may be empty.
   * If it throws, the follower loads the checkpoint again.
   */
  readonly apply: (entries: readonly Entry[], checkpoint: LogCheckpoint) => Promise<void> | void;
  /**
   * Processes live entries, in log order, although entries before them may be missing because the log cannot be read.
   * The checkpoint stays, so a later page contains them again. Without this function the follower waits for the log,
   * and reads the live source again.
   */
  readonly applyUnverified?: ((entries: readonly Entry[]) => void) | undefined;
  /**
   * What happens to live entries at or before the checkpoint. `skip`: they are duplicates. `verify`: the follower reads
   * the log and then passes them to `apply`, which recognizes duplicates itself.
   * @default 'skip'
   */
  readonly lateEntries?: 'skip' | 'verify';
  /**
   * The level of the log line when the follower is blocked. `info` is for a reader that resolves the block itself.
   * @default 'error'
   */
  readonly blockedLogLevel?: 'error' | 'info';
  /** Called when the problem changes, with `undefined` when the follower advances again. */
  readonly onProblem?: (problem: FollowerProblem | undefined) => void;
  /**
   * Called when the log was restored from a backup, and so has a new epoch, or when it was compacted beyond the checkpoint. The
   * reader removes what it has processed, unless
   * the entry at the checkpoint is in the new epoch too. The follower then loads the checkpoint again. Without this function
   * the follower is blocked.
   */
  readonly startEpoch?: ((epoch: LogEpoch) => Promise<void>) | undefined;
  readonly names: FollowerMessageNames;
  readonly timing: FollowerTiming;
  readonly logger: Logger;
}

/** An epoch of a log, as a reader meets it that has processed an earlier one. */
export interface LogEpoch {
  /** `null` until the log id is known. */
  readonly logId: string | null;
  /** The position at which the log ends. */
  readonly head: number;
  /** Whether what the reader has processed belongs to this epoch too. */
  readonly hasCheckpoint: boolean;
}

/** Words for log lines and problem reasons. */
export interface FollowerMessageNames {
  readonly follower: string;
  /** The owner of the checkpoint, such as "this read model". */
  readonly checkpoint: string;
  readonly log: string;
  /** @default 'the live source' */
  readonly live?: string;
  /** The remedy if the checkpoint belongs to another history than the log. */
  readonly checkpointRemedy?: string;
  /** The remedy if the live source belongs to another history than the log. */
  readonly liveRemedy?: string;
}

/** The intervals of a log follower, in milliseconds. */
export interface FollowerTiming {
  /**
   * Interval at which the log is read in case the live source has lost entries. A follower of a stream reads it only
   * while no entries arrive. With `Infinity` the log is read only when the live source asks for it.
   */
  readonly checkIntervalMs: number;
  /** Delay before the log is read again after it could not be read. */
  readonly unavailableRetryMs: number;
  /** Delay before the first retry after a problem. It doubles with each further retry. */
  readonly retryMs: number;
  /** Maximum delay between retries. */
  readonly maxRetryMs: number;
}

/** Reads a log from a checkpoint without a gap. */
export interface LogFollower {
  /** Follows the log until aborted. It never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Loads the checkpoint and reads the log again, because the live source was interrupted. */
  restart(): void;
  /** `undefined` while it is not known. */
  readonly checkpoint: LogCheckpoint | undefined;
  /** Entries between checkpoint and end of the log, as of the last page. */
  readonly lag: number;
  /** Whether the follower has reached the end of the log, or else of the live source, once. */
  readonly hasCaughtUp: boolean;
  readonly problem: FollowerProblem | undefined;
}

/** The outcome of one step of a follower. */
interface StepResult {
  readonly problem: FollowerProblem | undefined;
  /** The unexpected error that caused the problem. */
  readonly error?: unknown;
}

/** Creates a follower; `run` starts it. */
export function createLogFollower<Entry extends { readonly position: number }>(
  options: LogFollowerOptions<Entry>,
): LogFollower {
  const { loadCheckpoint, readPage, live, apply, applyUnverified, timing, logger } = options;
  const { lateEntries = 'skip', blockedLogLevel = 'error', names } = options;
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
  /** The next backfill is more than a check at an interval. */
  let isBackfillRequired = true;
  /** The last live read returned no entries. */
  let isIdle = false;
  /** `restart` was called during this step: a page may build on an old checkpoint. */
  let isInterrupted = false;
  const mustEndStep = (signal: AbortSignal) => isInterrupted || signal.aborted;

  const requireBackfill = () => {
    isAtEnd = false;
    isBackfillRequired = true;
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
    entries.sort((a, b) => a.position - b.position);
    received = [];
    if (entries.length > 0) applyUnverified?.(entries);
  };

  /** @throws FollowerProblemError if checkpoint and log cannot belong to one history */
  const blockOtherHistory = (relation: HistoryRelation, { logId, head }: BackfillPage<Entry>): never => {
    const { logId: ownLogId = null, position = 0 } = checkpoint ?? {};
    const description = `${names.checkpoint} holds log ${ownLogId ?? '?'} up to position ${position}, but ${names.log}`;
    if (ownLogId !== logId && logId !== null)
      throw new FollowerProblemError('blocked', `${description} is ${logId}`, names.checkpointRemedy);
    const reason =
      head < position
        ? `${description} ends at ${head}: it was restored from an older state`
        : `${description} has another entry there (${relation}): it was restored from an older state`;
    throw new FollowerProblemError('blocked', reason, names.checkpointRemedy);
  };

  /** @throws FollowerProblemError if log and live source cannot belong to one history */
  const assertLiveIsBehind = ({ head, formerLogIds = [] }: BackfillPage<Entry>, liveEnd: number) => {
    if (liveEnd <= head) return;
    const reason = `${liveName} continues to position ${liveEnd}, but ${names.log} ends at ${head}`;
    // After a restore, the live source is replaced.
    const kind = formerLogIds.length > 0 ? 'waiting' : 'blocked';
    throw new FollowerProblemError(kind, reason, names.liveRemedy);
  };

  /** Lets the reader follow a log that was restored. The step ends: the next one loads the checkpoint. */
  const followEpoch = async (
    startEpoch: NonNullable<typeof options.startEpoch>,
    { logId, head, isCompacted }: BackfillPage<Entry>,
    hasCheckpoint: boolean,
  ) => {
    const from = checkpoint;
    await startEpoch({ logId, head, hasCheckpoint });
    logger.warn(
      { follower, from, logId, head, hasCheckpoint },
      isCompacted === true
        ? 'the log was compacted beyond the checkpoint: the follower starts at its snapshot'
        : 'the log was restored: a new epoch starts',
    );
    isInterrupted = true;
    isLoaded = false;
    requireBackfill();
  };

  /** @returns the page after the checkpoint, or why the log cannot be read now */
  const readVerifiedPage = async (
    signal: AbortSignal,
    maxEntries?: number,
  ): Promise<BackfillPage<Entry> | string> => {
    if (!readPage) return 'it is not stored';
    // The live end is read first: an entry is in the log before it is in the live source.
    const liveEnd = (await live.lastPosition?.()) ?? 0;
    let page: BackfillPage<Entry>;
    try {
      page = await readPage(checkpoint?.position, signal, maxEntries);
      if (!page.isCompacted && page.upTo < page.head && page.upTo <= (checkpoint?.position ?? -1))
        throw new Error(`it returned no entry after position ${page.upTo} but ends at ${page.head}`);
    } catch (error) {
      // Without entries in the live source the follower has nothing else to do: it pauses as after any problem.
      if (!isInterrupted && live.kind !== 'notifications')
        nextBackfillAt = performance.now() + timing.unavailableRetryMs;
      return getErrorMessage(error);
    }
    const relation = checkpoint ? compareHistories(checkpoint, page) : 'same';
    if (relation !== 'same') {
      if (!options.startEpoch || relation === 'foreign') return blockOtherHistory(relation, page);
      await followEpoch(options.startEpoch, page, relation === 'continued');
      return `${names.log} was ${page.isCompacted ? 'compacted' : 'restored'}`;
    }
    assertLiveIsBehind(page, liveEnd);
    // The log decides which history a new reader follows, not an old live source.
    if (checkpoint?.logId === null && page.logId !== null)
      await advance([], { ...checkpoint, logId: page.logId });
    lag = page.head - (checkpoint?.position ?? page.head);
    return page;
  };

  /**
   * Reads the log up to its end, or one page if the live source is a stream. Merges the received live entries that the
   * pages cover.
   * @returns why the log cannot be read now, if it cannot
   */
  const backfill = async (signal: AbortSignal): Promise<string | undefined> => {
    for (;;) {
      const page = await readVerifiedPage(signal);
      if (typeof page === 'string') return page;
      const { upTo, markUpTo } = page;
      const all = [...received, ...(live.takeReceived?.() ?? [])];
      received = all.filter(({ position = 0 }) => position > upTo);
      // A snapshot is complete without live entries, and lacks some that would change what they say.
      const isSnapshot = page.snapshotUpTo !== undefined;
      const covered = isSnapshot ? [] : all.filter(({ position = 0 }) => position <= upTo);
      const from = lateEntries === 'skip' ? (checkpoint?.position ?? 0) : 0;
      const logId = page.logId ?? checkpoint?.logId ?? null;
      const mark = markUpTo ?? (checkpoint?.position === upTo ? checkpoint.mark : undefined);
      await advance(mergeByPosition(page.entries, covered, from), createCheckpoint(logId, upTo, mark));
      if (mustEndStep(signal)) return undefined;
      isAtEnd = upTo >= page.head;
      if (isAtEnd || (live.kind === 'stream' && !isSnapshot)) break;
    }
    nextBackfillAt = performance.now() + timing.checkIntervalMs;
    isBackfillRequired = false;
    hasCaughtUp ||= isAtEnd;
    return undefined;
  };

  /** Applies received entries that follow the checkpoint, and reads the log where they do not. */
  const follow = async (signal: AbortSignal) => {
    while (received.length > 0 && !mustEndStep(signal)) {
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
    const reason = describeDiscontinuity(discontinuity, liveName);
    isAtEnd = false;
    if (discontinuity.kind === 'foreign') {
      const page = await readVerifiedPage(signal, 1);
      if (mustEndStep(signal)) return;
      if (typeof page !== 'string' && page.formerLogIds?.includes(discontinuity.logId))
        throw new FollowerProblemError('waiting', `${reason}, from before the log was restored`);
      const detail = typeof page === 'string' ? `, and ${names.log} cannot be read: ${page}` : '';
      throw new FollowerProblemError('blocked', reason + detail, names.liveRemedy);
    }
    const from = checkpoint?.position;
    const unavailable = await backfill(signal);
    if (mustEndStep(signal)) return;
    const isAdvanced = checkpoint?.position !== from;
    if (isAdvanced && checkpoint && from !== undefined)
      logger.info(
        { follower, reason, entries: checkpoint.position - from },
        'the follower read entries from the log',
      );
    const isResolved = isAdvanced || (discontinuity.kind === 'gap' && received.length === 0);
    if (unavailable === undefined && isResolved) return;
    if (applyUnverified) {
      logger.debug({ follower, reason }, 'live entries are applied unverified');
      applyReceivedUnverified();
      return;
    }
    if (unavailable !== undefined)
      throw new FollowerProblemError('waiting', `${reason}, and ${names.log} cannot be read: ${unavailable}`);
    throw new FollowerProblemError(
      'blocked',
      `${reason}, and ${names.log} ends at ${from ?? 0}`,
      names.liveRemedy,
    );
  };

  /** @throws FollowerProblemError if the log cannot be read, and the live source carries no entries */
  const backfillIfDue = async (signal: AbortSignal) => {
    const isCheckAllowed = isBackfillRequired || isIdle || live.kind !== 'stream';
    if (performance.now() < nextBackfillAt || !isCheckAllowed) return;
    const unavailable = await backfill(signal);
    if (unavailable === undefined || mustEndStep(signal)) return;
    if (live.kind === 'notifications')
      throw new FollowerProblemError('waiting', `${names.log} cannot be read: ${unavailable}`);
    logger.debug({ follower, reason: unavailable }, 'the log cannot be read now');
    if (applyUnverified) applyReceivedUnverified();
  };

  const getWaitMs = () => {
    // A step without a wait ends a problem at once.
    if (!isAtEnd || problem) return 0;
    const remainingMs = nextBackfillAt - performance.now();
    // A check that is overdue waits until no entries arrive on the stream.
    return remainingMs <= 0 && live.kind === 'stream' ? timing.checkIntervalMs : Math.max(0, remainingMs);
  };

  /** Receives live entries into `received`. */
  const receive = async (waitMs: number, signal: AbortSignal) => {
    const batch = await live.read(checkpoint?.position, waitMs, signal);
    received = [...batch.entries];
    isIdle = received.length === 0;
    if (batch.mayLackEntries) requireBackfill();
    return batch;
  };

  const step = async (signal: AbortSignal): Promise<FollowerProblem | undefined> => {
    isInterrupted = false;
    received = [];
    const blocked = problem?.kind === 'blocked' ? problem : undefined;
    if (loadCheckpoint && (!isLoaded || blocked)) {
      isLoaded = true;
      checkpoint = await loadCheckpoint(signal);
    }
    if (blocked) return stepBlocked(blocked, signal);
    await backfillIfDue(signal);
    if (mustEndStep(signal)) return problem;

    if (received.length === 0) {
      const { mayLackEntries = false } = await receive(getWaitMs(), signal);
      if (isIdle && !mayLackEntries && !mustEndStep(signal)) {
        // The stream lacks entries that the log has. A failed backfill is repeated after its delay.
        if (lag > 0 && !isBackfillRequired) requireBackfill();
        else isAtEnd = true;
        hasCaughtUp ||= isAtEnd && !problem;
      }
    }
    await follow(signal);
    return mustEndStep(signal) ? problem : undefined;
  };

  /** Applies nothing from the log before the live source has proved to carry the same history. */
  const stepBlocked = async (blocked: FollowerProblem, signal: AbortSignal) => {
    if (typeof (await readVerifiedPage(signal, 1)) === 'string') return blocked;
    if (mustEndStep(signal)) return blocked;
    await receive(0, signal);
    await follow(signal);
    if (mustEndStep(signal)) return blocked;
    requireBackfill();
    return undefined;
  };

  const attempt = async (signal: AbortSignal): Promise<StepResult> => {
    try {
      await live.waitUntilConnected?.(signal);
      return { problem: signal.aborted ? problem : await step(signal) };
    } catch (error) {
      isLoaded = false;
      if (signal.aborted || live.isConnected?.() === false) return { problem };
      if (error instanceof FollowerProblemError)
        return { problem: { kind: error.kind, reason: error.message } };
      const reason = `${follower} failed: ${getErrorMessage(error)}`;
      // After a pause of this process, for example. A stack trace would say nothing.
      if (error instanceof RedisReplyError) return { problem: { kind: 'waiting', reason } };
      return { problem: { kind: 'waiting', reason }, error };
    }
  };

  const setProblem = ({ problem: next, error }: StepResult) => {
    const isNew = next?.reason !== problem?.reason;
    problem = next;
    if (!isNew) return;
    if (!next) logger.info({ follower }, 'a log follower advances again');
    else if (error !== undefined)
      logger.error({ follower, err: error }, 'a log follower failed; it tries again');
    else if (next.kind === 'waiting')
      logger.warn({ follower, reason: next.reason }, 'a log follower is waiting');
    else logger[blockedLogLevel]({ follower, reason: next.reason }, 'a log follower is blocked');
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
        failures = next.problem ? failures + 1 : 0;
        const pauseMs = Math.min(timing.retryMs * 2 ** (failures - 1), timing.maxRetryMs);
        if (next.problem) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/**
 * How the history of a log relates to a checkpoint. `same`: the log continues it. `continued`: the log has a new epoch, which
 * contains the checkpoint. `replaced`: a restore has replaced the history. `foreign`: nothing shows that it was the same log.
 */
type HistoryRelation = 'same' | 'continued' | 'replaced' | 'foreign';

function compareHistories(
  { logId, position, mark }: LogCheckpoint,
  page: Omit<BackfillPage<unknown>, 'entries'>,
): HistoryRelation {
  if (page.isCompacted) {
    const isKnown = logId === null || logId === page.logId || page.formerLogIds?.includes(logId);
    return isKnown || page.logId === null ? 'replaced' : 'foreign';
  }
  const areMarksKnown = mark !== undefined && page.markAfter !== undefined;
  const hasSameEntry = page.head >= position && areMarksKnown && mark === page.markAfter;
  if (logId === null || page.logId === null || logId === page.logId)
    return page.head < position || (areMarksKnown && !hasSameEntry) ? 'replaced' : 'same';
  if (position === 0 || hasSameEntry) return 'continued';
  return page.formerLogIds?.includes(logId) ? 'replaced' : 'foreign';
}

/** @param liveName such as "the Redis stream" */
function describeDiscontinuity(discontinuity: Discontinuity, liveName: string): string {
  switch (discontinuity.kind) {
    case 'gap':
      return `entries ${discontinuity.first} to ${discontinuity.last ?? '?'} are not on ${liveName}`;
    case 'unreadable':
      return `the entry after position ${discontinuity.after} on ${liveName} cannot be read`;
    case 'foreign':
      return `${liveName} holds at position ${discontinuity.position} an entry of another log, ${discontinuity.logId}`;
  }
}

/**
 * Merges a page with live entries. Some logs keep only the latest entry of each entity, so a page may lack entries that
 * arrived live.
 */
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
