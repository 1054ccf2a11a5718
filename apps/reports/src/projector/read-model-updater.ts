import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import {
  DEFAULT_REDIS_NAMES,
  UNREADABLE_EVENT_TYPE,
  type LogEntry,
  type RuleChange,
} from '@seguridad-abc/contracts';
import {
  createCheckpoint,
  DurationHistogram,
  endSpansWith,
  FollowerProblemError,
  getErrorMessage,
  getSampledTraceparent,
  startEntrySpans,
  type LogEntrySpan,
  type LogEpoch,
  type Logger,
  type RedisPubSubClient,
  type Tracing,
} from '@seguridad-abc/platform';
import type { ProjectionStore, SetAsideSummary, StoredSetAsideEntry } from '../db/projection-store.js';
import {
  splitIntoTransactionBatches,
  deriveReadModelRecords,
  findHistoryRemovals,
  findUserErasures,
  parseLogEntries,
  mergeIntoStoredRecords,
  type ProjectionResult,
  type RuleAndAlarmChangesToPublish,
  type SetAsideEntry,
  type HistoryRemoval,
  type UserErasure,
} from '../domain/projection.js';
import {
  INITIAL_CHECKPOINT,
  NO_READ_MODEL_RECORDS,
  type ReadModelCheckpoint,
  type ReadModelRecords,
} from '../domain/read-model.js';
import { isEntryFailure } from './entry-failure.js';

export interface ReadModelUpdaterOptions {
  readonly store: ProjectionStore;
  /** Called after each commit, when queries can read the changed records. */
  readonly onCommitted: (records: ReadModelRecords) => void;
  readonly publish: PublishChanges;
  /** Called when users were erased, before what was erased is removed from the files beside the database. */
  readonly onErased?: (() => Promise<void>) | undefined;
  /** Maximum weight of a transaction. @default {@link MAX_BATCH_WEIGHT} */
  readonly maxBatchWeight?: number;
  /** What another updater has loaded from the same database. @default nothing is loaded */
  readonly loaded?: Pick<ReadModelUpdater, 'checkpoint' | 'setAside' | 'unpublishedUpTo'>;
  /** Receives what is projected. @default statistics of this updater alone */
  readonly statistics?: ProjectionStatistics;
  /** Gives the projection of each traced commit a span. @default nothing is traced */
  readonly tracing?: Tracing | undefined;
  /** The name of the Redis Stream, for the spans. */
  readonly streamName?: string | undefined;
  readonly logger: Logger;
  /** The delays before an entry whose projection failed is tried again, in milliseconds. @default 250 and 1,000 */
  readonly retryDelaysMs?: readonly number[];
  /** Whether an entry whose projection fails is set aside. Otherwise the error is thrown. @default true */
  readonly setsAsideFailures?: boolean;
  /** @default 10,000 entries and 64 MiB */
  readonly setAsideLimits?: SetAsideLimits;
}

/** What changes have in common that are published together. */
export interface PublishedChangesContext {
  /** The id of the log to which their positions belong. */
  readonly logId: string | null;
  /** False: changes are passed in log order. True: these are changes of entries that were set aside. */
  readonly isLate: boolean;
}

/** Publishes changes that can now be read. Never rejects. */
export type PublishChanges = (
  changes: RuleAndAlarmChangesToPublish,
  context: PublishedChangesContext,
) => Promise<void>;

/** How many entries may be set aside. Beyond it the projector waits, because the fault is not that of single entries. */
export interface SetAsideLimits {
  readonly entries: number;
  /** Of the data of all entries. */
  readonly bytes: number;
}

/** Bounds of the time until an event can be read. */
const DELAY_BOUNDS_SECONDS: readonly number[] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600];

/** What was projected since the start. */
export class ProjectionStatistics {
  entryCount = 0;
  /** From the begin of a transaction until its commit. */
  readonly commitDurations = new DurationHistogram();
  /** From the instant of the last event of a transaction until its commit. */
  readonly delays = new DurationHistogram(DELAY_BOUNDS_SECONDS);
}

const RETRY_DELAYS_MS = [250, 1_000];
const SET_ASIDE_LIMITS: SetAsideLimits = { entries: 10_000, bytes: 64 * 1024 * 1024 };
/** How many entries that are set aside are read at once. */
const SET_ASIDE_PAGE_ENTRIES = 100;
/** Causes that are remembered: entries that fail for one of them are not tried again. */
const MAX_KNOWN_CAUSES = 100;
const MAX_CAUSE_LENGTH = 500;

/** What became of entries that were set aside and are tried again. */
export interface RetryResult {
  readonly applied: number;
  /** Their projection failed again, or this version still cannot read them. */
  readonly failed: number;
}

/** Writes log entries into the read model. Calls wait for each other. */
export interface ReadModelUpdater {
  readonly statistics: ProjectionStatistics;
  /** The position up to which the read model holds the log, as of the last commit. */
  readonly checkpoint: ReadModelCheckpoint;
  /** Entries that are not in the read model: this version cannot read them, or their projection failed. */
  readonly setAside: SetAsideSummary;
  /** Changes up to this position of the log are not published. */
  readonly unpublishedUpTo: number;
  /** Reads the checkpoint, and applies entries that were set aside and that this version can project. */
  load(): Promise<void>;
  /**
   * Commits entries together with the checkpoint, in transactions of limited size. An entry whose projection fails again and
   * again is set aside with the cause; those after it are applied.
   * @param entries the next ones after the checkpoint; empty: only the checkpoint is written. Those of a snapshot have gaps
   * @param to the checkpoint after these entries
   * @throws FollowerProblemError if too many entries are set aside
   */
  apply(entries: readonly LogEntry[], to: ReadModelCheckpoint): Promise<void>;
  /**
   * Follows a log that was restored. Removes all records, unless the checkpoint belongs to the new epoch. Changes up to the
   * present end of the log are not published: subscribers ask for the new state.
   */
  startEpoch(epoch: LogEpoch): Promise<void>;
  /** Reads entries that are set aside after a position, in log order. */
  readSetAside(after: number, limit: number): Promise<StoredSetAsideEntry[]>;
  /**
   * Tries entries again that were set aside.
   * @param positions undefined: all
   * @param readEntry reads an entry from the log. It is called for entries that were damaged there
   */
  retrySetAside(
    positions: readonly number[] | undefined,
    readEntry: (position: number) => Promise<LogEntry | undefined>,
  ): Promise<RetryResult>;
  /** Deletes entries that were set aside. They will not be in the read model. @returns how many */
  dropSetAside(positions: readonly number[]): Promise<number>;
}

export function createReadModelUpdater(options: ReadModelUpdaterOptions): ReadModelUpdater {
  const { store, onCommitted, publish, onErased, maxBatchWeight, loaded, tracing, logger } = options;
  const { streamName = DEFAULT_REDIS_NAMES.logStream } = options;
  const entrySpan = {
    name: `process ${streamName}`,
    stream: streamName,
    kind: 'consumer',
    operation: 'process',
  } as const;
  const {
    retryDelaysMs = RETRY_DELAYS_MS,
    setAsideLimits = SET_ASIDE_LIMITS,
    setsAsideFailures = true,
  } = options;
  let checkpoint = loaded?.checkpoint ?? INITIAL_CHECKPOINT;
  let setAside: SetAsideSummary = loaded?.setAside ?? { count: 0, first: undefined, bytes: 0 };
  let unpublishedUpTo = loaded?.unpublishedUpTo ?? 0;
  const { statistics = new ProjectionStatistics() } = options;
  const knownCauses = new Set<string>();
  const runAlone = createExclusiveRunner();

  const projectEntries = async (entries: readonly LogEntry[]) => {
    const { events, setAside: unread } = parseLogEntries(entries);
    const incoming = deriveReadModelRecords(events);
    const stored = await store.findStored(incoming);
    return {
      ...mergeIntoStoredRecords(incoming, stored),
      setAside: unread,
      erasures: findUserErasures(events),
      removals: findHistoryRemovals(events),
    };
  };

  /** Erases users' records before the checkpoint passes the erasure. Repeated after a restart, it changes nothing. */
  const eraseUsers = async (erasures: readonly UserErasure[]) => {
    for (const erasure of erasures) while (await store.eraseSome(erasure)) await setImmediate();
  };

  /** Removes old history before the checkpoint passes its removal. Repeated after a restart, it changes nothing. */
  const removeHistory = async (removals: readonly HistoryRemoval[]) => {
    for (const removal of removals) while (await store.removeSomeHistory(removal)) await setImmediate();
  };

  const announce = async (
    { records, changes }: ProjectionResult,
    spans: readonly LogEntrySpan[],
    isLate = false,
  ) => {
    onCommitted(records);
    const isPublished = ({ position }: { readonly position: number }) => position > unpublishedUpTo;
    const rules = changes.rules.filter(isPublished);
    const alarms = changes.alarms.filter(isPublished);
    const traceparents = listTraceparents(spans);
    await publish(
      {
        rules: traceparents ? rules.map((change) => addTraceparent(change, traceparents)) : rules,
        alarms: traceparents ? alarms.map((change) => addTraceparent(change, traceparents)) : alarms,
      },
      { logId: checkpoint.logId, isLate },
    );
  };

  const recordProjected = (entries: readonly LogEntry[]) => {
    const last = entries.at(-1);
    if (!last) return;
    statistics.entryCount += entries.length;
    // A clock of another machine may be ahead.
    statistics.delays.addMs(Math.max(0, Date.now() - Date.parse(last.at)));
  };

  const refreshSetAside = async () => (setAside = await store.summarizeSetAside());

  /** @throws FollowerProblemError if no entry may be set aside any more */
  const assertCanSetAside = (count: number) => {
    const { entries, bytes } = setAsideLimits;
    if (setAside.count + count <= entries && setAside.bytes < bytes) return;
    throw new FollowerProblemError(
      'waiting',
      `${setAside.count} log entries are set aside, and no more are`,
      'npm run dead-letters shows their causes: install a version that can project them, then retry or drop them',
    );
  };

  const reportSetAside = (entries: readonly SetAsideEntry[]) => {
    for (const { entry, reason, attempts } of entries) {
      const { position, type } = entry;
      if (attempts === undefined)
        logger.error({ position, reason }, 'a log entry cannot be read and is set aside');
      else
        logger.error(
          { position, type, reason, attempts },
          'a log entry cannot be projected and is set aside',
        );
    }
  };

  /**
   * Commits entries in one transaction, and announces their changes.
   * @throws the error of the projection, after which nothing is changed; or an error after the commit
   */
  const commitWithSpans = async (
    entries: readonly LogEntry[],
    to: ReadModelCheckpoint,
    spans: readonly LogEntrySpan[],
  ) => {
    const { setAside: unread, erasures, removals, ...projection } = await projectEntries(entries);
    if (unread.length > 0) assertCanSetAside(unread.length);
    await eraseUsers(erasures);
    await removeHistory(removals);
    const startedAt = performance.now();
    await store.commit({ from: checkpoint, to, records: projection.records, setAside: unread });
    statistics.commitDurations.addMs(performance.now() - startedAt);
    checkpoint = to;
    recordProjected(entries);
    reportSetAside(unread);
    // What follows may fail, and these entries are not projected again.
    await announce(projection, spans);
    if (erasures.length > 0) {
      await onErased?.();
      await store.removeErasedContent();
    }
    // Erasures and removals also delete entries that are set aside.
    if (unread.length + erasures.length + removals.length > 0) await refreshSetAside();
  };

  const commitEntries = (entries: readonly LogEntry[], to: ReadModelCheckpoint): Promise<void> => {
    if (!tracing) return commitWithSpans(entries, to, NO_SPANS);
    const spans = startEntrySpans(tracing, entries, entrySpan);
    return endSpansWith(spans, commitWithSpans(entries, to, spans));
  };

  /** Commits entries in one transaction. @returns the cause if the projection fails because of one of them */
  const tryToCommit = async (
    entries: readonly LogEntry[],
    to: ReadModelCheckpoint,
  ): Promise<ProjectionFailure | undefined> => {
    const from = checkpoint;
    try {
      await commitEntries(entries, to);
      return undefined;
    } catch (error) {
      if (!setsAsideFailures || checkpoint !== from) throw error;
      if (error instanceof FollowerProblemError || !isEntryFailure(error)) throw error;
      return { cause: describeCause(error), error };
    }
  };

  /** Projects one entry, again after a while if that fails, and sets it aside at last. */
  const applyEntry = async (entry: LogEntry) => {
    const { logId, position, mark } = entry;
    const to = createCheckpoint(logId, position, mark);
    for (let attempts = 1; ; attempts++) {
      const failure = await tryToCommit([entry], to);
      if (!failure) return;
      const { cause, error } = failure;
      const delayMs = retryDelaysMs[attempts - 1];
      if (delayMs === undefined || knownCauses.has(cause)) {
        assertCanSetAside(1);
        const failed = [{ entry, reason: cause, attempts }];
        await store.commit({ from: checkpoint, to, setAside: failed });
        checkpoint = to;
        if (knownCauses.size < MAX_KNOWN_CAUSES) knownCauses.add(cause);
        await refreshSetAside();
        reportSetAside(failed);
        return;
      }
      logger.warn(
        { position, attempts, err: error },
        'the projection of a log entry failed; it is tried again',
      );
      await delay(delayMs);
    }
  };

  const applyInOneTransaction = async (entries: readonly LogEntry[], to: ReadModelCheckpoint) => {
    if (entries.length > 1 && !(await tryToCommit(entries, to))) return;
    // One of the entries fails: the others are not to fail with it.
    for (const entry of entries) await applyEntry(entry);
  };

  /** Applies entries that were set aside, in one transaction. @returns the positions that this version cannot read */
  const commitSetAside = async (entries: readonly LogEntry[]) => {
    const { setAside: unread, erasures, removals, ...projection } = await projectEntries(entries);
    const unreadPositions = new Set(unread.map(({ entry }) => entry.position));
    const projectedSetAside = entries
      .map(({ position }) => position)
      .filter((position) => !unreadPositions.has(position));
    if (projectedSetAside.length > 0) {
      await eraseUsers(erasures);
      await removeHistory(removals);
      await store.commit({
        from: checkpoint,
        to: checkpoint,
        records: projection.records,
        projectedSetAside,
      });
      logger.info({ positions: projectedSetAside }, 'log entries that were set aside are applied');
    }
    return { projection, unread, applied: projectedSetAside.length };
  };

  /** Tries entries again that are set aside. */
  const retryEntries = async (entries: readonly SetAsideEntry[]): Promise<number> => {
    let applied = 0;
    const retry = async (some: readonly SetAsideEntry[]): Promise<void> => {
      try {
        const result = await commitSetAside(some.map(({ entry }) => entry));
        applied += result.applied;
        if (result.applied > 0) await announce(result.projection, NO_SPANS, true);
      } catch (error) {
        if (!isEntryFailure(error)) throw error;
        const [single, ...others] = some;
        if (single && others.length === 0) {
          const attempts = (single.attempts ?? 0) + 1;
          await store.updateSetAside(single.entry.position, describeCause(error), attempts);
        } else for (const each of some) await retry([each]);
      }
    };
    for (const batch of splitIntoTransactionBatches(entries.map(({ entry }) => entry))) {
      const positions = new Set(batch.map(({ position }) => position));
      await retry(entries.filter(({ entry }) => positions.has(entry.position)));
    }
    return applied;
  };

  /** Tries all entries again that are set aside, or those at some positions. */
  const retryStored = async (
    isWanted: (position: number) => boolean,
    refresh: (entry: SetAsideEntry) => Promise<SetAsideEntry>,
  ): Promise<RetryResult> => {
    let applied = 0;
    let tried = 0;
    for (let after = 0; ;) {
      const page = await store.readSetAside(after, SET_ASIDE_PAGE_ENTRIES);
      const last = page.at(-1);
      if (!last) break;
      after = last.entry.position;
      const wanted = page.filter(({ entry }) => isWanted(entry.position));
      tried += wanted.length;
      applied += await retryEntries(await Promise.all(wanted.map(refresh)));
      await setImmediate();
    }
    await refreshSetAside();
    return { applied, failed: tried - applied };
  };

  return {
    statistics,
    get checkpoint() {
      return checkpoint;
    },
    get setAside() {
      return setAside;
    },
    get unpublishedUpTo() {
      return unpublishedUpTo;
    },

    load: () =>
      runAlone(async () => {
        checkpoint = await store.readCheckpoint();
        await retryStored(
          () => true,
          (entry) => Promise.resolve(entry),
        );
        // A crash during an erasure may have left erased content there.
        await store.removeErasedContent();
        if (setAside.count > 0)
          logger.error(
            { count: setAside.count, first: setAside.first },
            'log entries are set aside: npm run dead-letters lists them',
          );
      }),

    apply: (entries, to) =>
      runAlone(async () => {
        for (const [index, batch] of splitIntoTransactionBatches(entries, maxBatchWeight).entries()) {
          // Between transactions, queries that arrived meanwhile are answered.
          if (index > 0) await setImmediate();
          const { logId, position, mark } = batch.at(-1) ?? to;
          await applyInOneTransaction(batch, createCheckpoint(logId, position, mark));
        }
        const last = entries.at(-1);
        // A snapshot ends at a position that it may have no entry of.
        if (!last || last.position < to.position) {
          await store.commit({ from: checkpoint, to });
          checkpoint = to;
        }
      }),

    startEpoch: ({ logId, head, hasCheckpoint }) =>
      runAlone(async () => {
        const to = hasCheckpoint ? { ...checkpoint, logId } : { ...INITIAL_CHECKPOINT, logId };
        await (hasCheckpoint ? store.commit({ from: checkpoint, to }) : store.clear(to));
        checkpoint = to;
        unpublishedUpTo = head;
        await refreshSetAside();
        // Queries that wait for a position of the earlier epoch end their wait.
        onCommitted(NO_READ_MODEL_RECORDS);
      }),

    readSetAside: (after, limit) => store.readSetAside(after, limit),

    retrySetAside: (positions, readEntry) =>
      runAlone(async () => {
        const wanted = positions && new Set(positions);
        knownCauses.clear();
        return retryStored(
          (position) => wanted?.has(position) ?? true,
          async (stored) => {
            const { entry } = stored;
            if (entry.type !== UNREADABLE_EVENT_TYPE) return stored;
            return { ...stored, entry: (await readEntry(entry.position)) ?? entry };
          },
        );
      }),

    dropSetAside: (positions) =>
      runAlone(async () => {
        const dropped = await store.dropSetAside(positions);
        logger.warn({ positions, dropped }, 'log entries that were set aside are dropped');
        await refreshSetAside();
        return dropped;
      }),
  };
}

const NO_SPANS: readonly LogEntrySpan[] = [];

/** The contexts of spans by the positions of their entries. @returns undefined if there are none */
function listTraceparents(spans: readonly LogEntrySpan[]): ReadonlyMap<number, string> | undefined {
  if (spans.length === 0) return undefined;
  const traceparents = new Map<number, string>();
  for (const { span, positions } of spans) {
    const traceparent = getSampledTraceparent(span);
    if (traceparent === undefined) continue;
    for (const position of positions) traceparents.set(position, traceparent);
  }
  return traceparents;
}

const addTraceparent = <Change extends { readonly position: number }>(
  change: Change,
  traceparents: ReadonlyMap<number, string>,
): Change => {
  const traceparent = traceparents.get(change.position);
  return traceparent === undefined ? change : { ...change, traceparent };
};

/** Why the projection of an entry failed. */
interface ProjectionFailure {
  readonly cause: string;
  readonly error: unknown;
}

/** The cause of a failure, in one line of limited length. */
const describeCause = (error: unknown): string => {
  const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
  return `${name}${getErrorMessage(error)}`.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_CAUSE_LENGTH);
};

/** Creates a function that runs asynchronous work one after the other. */
function createExclusiveRunner() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}

/** Gateways connect to Redis again within this time, each at its own moment. */
const LATE_PUBLISH_DELAY_MS = 2_000;

/** Publishes changes of rules and alarms. */
export interface ChangePublisher {
  readonly publish: PublishChanges;
  /**
   * The next changes have no `since`, so that gateways look for changes before them. To be called if this instance has passed
   * changes that it did not publish.
   */
  breakChains(): void;
}

/**
 * Publishes changes of rules and alarms to subscribers, once queries can read them. While Redis is away, gateways ask reports for
 * changes, but not for those of entries that were set aside: they are kept until Redis is back.
 * @param options.tracing gives the publication of each traced change a span
 */
export function createChangePublisher(
  pubsub: Pick<RedisPubSubClient, 'publish' | 'publisher' | 'names'>,
  {
    tracing,
    lateDelayMs = LATE_PUBLISH_DELAY_MS,
  }: { readonly tracing?: Tracing | undefined; readonly lateDelayMs?: number } = {},
): ChangePublisher {
  let linkRuleChanges = createPreviousPositionAdder();
  let linkAlarmChanges = createPreviousPositionAdder();
  const publish = async (channel: string, change: PublishedChange): Promise<void> => {
    const { traceparent } = change;
    if (!tracing || traceparent === undefined) return pubsub.publish(channel, change);
    const span = tracing.startSpan(`publish ${channel}`, {
      kind: 'producer',
      parent: { traceparent },
      attributes: {
        'messaging.system': 'redis',
        'messaging.destination.name': channel,
        'messaging.operation.type': 'send',
        'seguridad.log.position': change.position,
      },
    });
    await pubsub.publish(channel, { ...change, traceparent: getSampledTraceparent(span) });
    span.end();
  };
  let lateChanges: Parameters<PublishChanges>[] = [];
  const publishNow: PublishChanges = async ({ rules, alarms }, { logId, isLate }) => {
    // Gateways receive the changes of every instance, at different positions and at times of different epochs of the log.
    const marks = { ...(logId !== null && { log: logId }), ...(isLate && { late: true as const }) };
    await Promise.all([
      ...linkRuleChanges(rules).map((change) =>
        publish(pubsub.names.ruleChangesChannel, { ...change, ...marks }),
      ),
      ...linkAlarmChanges(alarms).map((change) =>
        publish(pubsub.names.alarmChangesChannel, { ...change, ...marks }),
      ),
    ]);
  };
  const publishLateChanges = () => {
    if (pubsub.publisher.status !== 'ready') return;
    const changes = lateChanges;
    lateChanges = [];
    for (const each of changes) void publishNow(...each);
  };
  pubsub.publisher.on('ready', () => {
    if (lateChanges.length > 0) setTimeout(publishLateChanges, lateDelayMs).unref();
  });
  return {
    async publish(changes, context) {
      if (context.isLate && pubsub.publisher.status !== 'ready') lateChanges.push([changes, context]);
      else await publishNow(changes, context);
    },
    breakChains() {
      linkRuleChanges = createPreviousPositionAdder();
      linkAlarmChanges = createPreviousPositionAdder();
    },
  };
}

type PublishedChange = Pick<RuleChange, 'position' | 'traceparent' | 'log' | 'late'>;

/**
 * Creates a function that adds to each change the position of the change published before it (`since`). A subscriber
 * thus notices a lost message. The first change of a process has no `since`, because its predecessor is not known.
 */
export function createPreviousPositionAdder(): <Change extends { readonly position: number }>(
  changes: readonly Change[],
) => readonly (Change & { readonly since?: number })[] {
  let last: number | undefined;
  return (changes) =>
    changes.map((change) => {
      const since = last;
      last = Math.max(change.position, since ?? 0);
      // The change of an entry that was set aside comes late and follows no other.
      return since === undefined || since >= change.position ? change : { ...change, since };
    });
}
