/** How far a reader has processed which log. */
export interface LogCheckpoint {
  /** `null` until the log id is known. */
  readonly logId: string | null;
  /** The position of the last processed entry; 0 before the first. */
  readonly position: number;
  /** The mark of that entry. A log with another mark at this position has another history. Absent if it is not known. */
  readonly mark?: string | undefined;
}

/** An entry as a live source delivers it: possibly late, repeated, unreadable, or after a gap. */
export interface LiveEntry<Entry> {
  /** `undefined` if the live source delivered data without a position. */
  readonly position: number | undefined;
  /** The position of the entry before this one. If it is `undefined`, entries before this one may be missing. */
  readonly previous: number | undefined;
  /** `undefined` if the live source does not carry it. */
  readonly logId?: string | undefined;
  /** `undefined` if the live source does not carry it. */
  readonly mark?: string | undefined;
  /** `undefined` if it cannot be decoded. */
  readonly entry: Entry | undefined;
}

/** The result of one read of a live source. */
export interface LiveBatch<Entry> {
  readonly entries: readonly LiveEntry<Entry>[];
  /** Whether the follower must read the log next: the live source may have lost entries, or it only notifies. */
  readonly mayLackEntries?: boolean;
}

/**
 * Delivers new entries. It may lose, repeat and reorder them.
 * These are plain promises on purpose: an async generator queues `return()` behind a pending `next()`, so that an abort
 * would leave its subscription open.
 */
export interface LiveSource<Entry> {
  /**
   * How the source carries entries:
   * - `stream`: it stores them, so that they can be read again. The log is needed only where the stream lacks entries.
   * - `messages`: it delivers each entry once. Missed entries are in the log only.
   * - `notifications`: it carries no entries. The log must be readable.
   */
  readonly kind: 'stream' | 'messages' | 'notifications';
  /**
   * Resolves with entries after a position, or with none after `waitMs` at the latest. 0 does not wait; `Infinity` waits
   * without limit. It also resolves, or rejects, when the signal is aborted.
   */
  read(after: number | undefined, waitMs: number, signal: AbortSignal): Promise<LiveBatch<Entry>>;
  /** Resolves when the connection can be used, or when the signal is aborted. */
  waitUntilConnected?(signal: AbortSignal): Promise<void>;
  /** An error while this is false is a lost connection: the follower waits for the next one. */
  isConnected?(): boolean;
  /**
   * The position of the newest entry that the source has carried. The follower reads it before the log: a position beyond
   * the end of the log means that the source carries another history.
   */
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
  /** In log order, without a gap after the checkpoint. */
  readonly next: readonly Entry[];
  /** The checkpoint after `next`. */
  readonly checkpoint: LogCheckpoint | undefined;
  /** How many live entries are in `next` or were skipped. */
  readonly consumed: number;
  /** Why the first live entry that is not consumed cannot follow. */
  readonly discontinuity?: Discontinuity;
}

/** Creates a checkpoint. Its mark is absent if it is not known. */
export const createCheckpoint = (
  logId: string | null,
  position: number,
  mark: string | null | undefined,
): LogCheckpoint => ({ logId, position, ...(typeof mark === 'string' && { mark }) });

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
  for (const { position, previous, logId, mark, entry } of received) {
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
      checkpoint = createCheckpoint(logId ?? checkpoint.logId, position, mark);
    }
    consumed += 1;
  }
  return { next, checkpoint, consumed };
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

/** Creates a live source of pushed entries. It keeps them until the follower reads them. */
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
    kind: 'messages',
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
