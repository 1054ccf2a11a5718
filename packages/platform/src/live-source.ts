/** How far a reader has processed which log. */
export interface LogCheckpoint {
  /** Null: not known yet. */
  readonly logId: string | null;
  /** The position of the last processed entry; 0 before the first. */
  readonly position: number;
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

/** Why a live entry cannot be applied at a checkpoint. */
export type Discontinuity =
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
  readonly discontinuity?: Discontinuity;
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
  const stop = (discontinuity: Discontinuity) => ({ next, checkpoint, consumed, discontinuity });
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

/** @param liveName such as "the Redis stream" */
export function describeDiscontinuity(discontinuity: Discontinuity, liveName: string): string {
  switch (discontinuity.kind) {
    case 'gap':
      return `entries ${discontinuity.first} to ${discontinuity.last ?? '?'} are not on ${liveName}`;
    case 'unreadable':
      return `the entry after position ${discontinuity.after} on ${liveName} cannot be read`;
    case 'foreign':
      return `${liveName} holds at position ${discontinuity.position} an entry of another log, ${discontinuity.logId}`;
  }
}

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
