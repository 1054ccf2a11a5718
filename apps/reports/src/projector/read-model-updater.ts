import { setImmediate } from 'node:timers/promises';
import { ALARM_CHANGES_CHANNEL, RULE_CHANGES_CHANNEL, type LogEntry } from '@seguridad-abc/contracts';
import {
  createCheckpoint,
  DurationHistogram,
  type LogEpoch,
  type Logger,
  type RedisPubSubClient,
} from '@seguridad-abc/platform';
import type { ProjectionStore } from '../db/projection-store.js';
import {
  splitIntoTransactionBatches,
  deriveReadModelRecords,
  findUserErasures,
  parseLogEntries,
  mergeIntoStoredRecords,
  type ProjectionResult,
  type RuleAndAlarmChangesToPublish,
  type SetAsideEntry,
  type UserErasure,
} from '../domain/projection.js';
import {
  INITIAL_CHECKPOINT,
  NO_READ_MODEL_RECORDS,
  type ReadModelCheckpoint,
  type ReadModelRecords,
} from '../domain/read-model.js';

export interface ReadModelUpdaterOptions {
  readonly store: ProjectionStore;
  /** Called after each commit, when queries can read the changed records. */
  readonly onCommitted: (records: ReadModelRecords) => void;
  /** Publishes changes that can now be read. Called in log order. */
  readonly publish: (changes: RuleAndAlarmChangesToPublish) => Promise<void>;
  /** Maximum weight of a transaction. @default {@link MAX_BATCH_WEIGHT} */
  readonly maxBatchWeight?: number;
  /** What another updater has loaded from the same database. @default nothing is loaded */
  readonly loaded?: Pick<ReadModelUpdater, 'checkpoint' | 'setAside' | 'unpublishedUpTo'>;
  /** Receives what is projected. @default statistics of this updater alone */
  readonly statistics?: ProjectionStatistics;
  readonly logger: Logger;
}

export interface SetAsideSummary {
  readonly count: number;
  /** The position of the first. `undefined` if none is set aside. */
  readonly first: number | undefined;
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
  /** The instant of the last projected event, in milliseconds since 1970. */
  lastEntryAtMs: number | undefined;
}

/** Writes log entries into the read model. One call at a time. */
export interface ReadModelUpdater {
  readonly statistics: ProjectionStatistics;
  /** The position up to which the read model holds the log, as of the last commit. */
  readonly checkpoint: ReadModelCheckpoint;
  /** Entries that wait for a newer software version. */
  readonly setAside: SetAsideSummary;
  /** Changes up to this position of the log are not published. */
  readonly unpublishedUpTo: number;
  /** Reads the checkpoint, and applies entries that were set aside and that this version can read. */
  load(): Promise<void>;
  /**
   * Commits entries together with the checkpoint, in transactions of limited size.
   * @param entries the next ones after the checkpoint; empty: only the checkpoint is written
   * @param to the checkpoint after these entries
   */
  apply(entries: readonly LogEntry[], to: ReadModelCheckpoint): Promise<void>;
  /**
   * Follows a log that was restored. Removes all records, unless the checkpoint belongs to the new epoch. Changes up to the
   * present end of the log are not published: subscribers ask for the new state.
   */
  startEpoch(epoch: LogEpoch): Promise<void>;
}

export function createReadModelUpdater(options: ReadModelUpdaterOptions): ReadModelUpdater {
  const { store, onCommitted, publish, maxBatchWeight, loaded, logger } = options;
  let checkpoint = loaded?.checkpoint ?? INITIAL_CHECKPOINT;
  let setAside = loaded?.setAside ?? summarizeSetAside([]);
  let unpublishedUpTo = loaded?.unpublishedUpTo ?? 0;
  const { statistics = new ProjectionStatistics() } = options;

  const projectEntries = async (entries: readonly LogEntry[]) => {
    const { events, setAside: unread } = parseLogEntries(entries);
    const incoming = deriveReadModelRecords(events);
    const stored = await store.findStored(incoming);
    return {
      ...mergeIntoStoredRecords(incoming, stored),
      setAside: unread,
      erasures: findUserErasures(events),
    };
  };

  /** Erases users' records before the checkpoint passes the erasure. Repeated after a restart, it changes nothing. */
  const eraseUsers = async (erasures: readonly UserErasure[]) => {
    for (const erasure of erasures) while (await store.eraseSome(erasure)) await setImmediate();
  };

  const announce = async ({ records, changes }: ProjectionResult) => {
    onCommitted(records);
    const isPublished = ({ position }: { readonly position: number }) => position > unpublishedUpTo;
    await publish({
      rules: changes.rules.filter(isPublished),
      alarms: changes.alarms.filter(isPublished),
    });
  };

  /** Applies entries of one transaction that were set aside, and that this version can read. */
  const retrySetAside = async (entries: readonly LogEntry[]) => {
    const { setAside: unread, erasures, ...projection } = await projectEntries(entries);
    const unreadPositions = new Set(unread.map(({ entry }) => entry.position));
    const projectedSetAside = entries
      .map(({ position }) => position)
      .filter((position) => !unreadPositions.has(position));
    if (projectedSetAside.length > 0) {
      await eraseUsers(erasures);
      await store.commit({
        from: checkpoint,
        to: checkpoint,
        records: projection.records,
        projectedSetAside,
      });
      logger.info(
        { positions: projectedSetAside },
        'log entries that were set aside can be read now and are applied',
      );
      await announce(projection);
    }
  };

  const recordProjected = (entries: readonly LogEntry[]) => {
    const last = entries.at(-1);
    if (!last) return;
    statistics.entryCount += entries.length;
    statistics.lastEntryAtMs = Date.parse(last.at);
    // A clock of another machine may be ahead.
    statistics.delays.addMs(Math.max(0, Date.now() - statistics.lastEntryAtMs));
  };

  const readSetAsideSummary = async () => summarizeSetAside(await store.readSetAside());

  const applyInOneTransaction = async (entries: readonly LogEntry[], to: ReadModelCheckpoint) => {
    const { setAside: unread, erasures, ...projection } = await projectEntries(entries);
    await eraseUsers(erasures);
    const startedAt = performance.now();
    await store.commit({ from: checkpoint, to, records: projection.records, setAside: unread });
    statistics.commitDurations.addMs(performance.now() - startedAt);
    checkpoint = to;
    recordProjected(entries);
    if (erasures.length > 0) await store.removeErasedContent();
    // An erasure also deletes entries that are set aside.
    if (unread.length + erasures.length > 0) setAside = await readSetAsideSummary();
    for (const { entry, reason } of unread) {
      logger.error({ position: entry.position, reason }, 'a log entry cannot be read and is set aside');
    }
    await announce(projection);
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

    async load() {
      checkpoint = await store.readCheckpoint();
      const stored = await store.readSetAside();
      for (const batch of splitIntoTransactionBatches(stored.map(({ entry }) => entry)))
        await retrySetAside(batch);
      setAside = await readSetAsideSummary();
      // A crash during an erasure may have left erased content there.
      await store.removeErasedContent();
      if (setAside.count > 0)
        logger.error(setAside, 'log entries are set aside: install a newer version of reports to apply them');
    },

    async apply(entries, to) {
      if (entries.length === 0) {
        await store.commit({ from: checkpoint, to });
        checkpoint = to;
      }
      for (const [index, batch] of splitIntoTransactionBatches(entries, maxBatchWeight).entries()) {
        // Between transactions, queries that arrived meanwhile are answered.
        if (index > 0) await setImmediate();
        const { logId, position, mark } = batch.at(-1) ?? to;
        await applyInOneTransaction(batch, createCheckpoint(logId, position, mark));
      }
    },

    async startEpoch({ logId, head, hasCheckpoint }) {
      const to = hasCheckpoint ? { ...checkpoint, logId } : { ...INITIAL_CHECKPOINT, logId };
      await (hasCheckpoint ? store.commit({ from: checkpoint, to }) : store.clear(to));
      checkpoint = to;
      unpublishedUpTo = head;
      setAside = await readSetAsideSummary();
      // Queries that wait for a position of the earlier epoch end their wait.
      onCommitted(NO_READ_MODEL_RECORDS);
    },
  };
}

const summarizeSetAside = (entries: readonly SetAsideEntry[]): SetAsideSummary => ({
  count: entries.length,
  first: entries[0]?.entry.position,
});

/** Creates a function that publishes changes of rules and alarms to subscribers, once queries can read them. */
export function createChangePublisher(
  pubsub: Pick<RedisPubSubClient, 'publish'>,
): (changes: RuleAndAlarmChangesToPublish) => Promise<void> {
  const linkRuleChanges = createPreviousPositionAdder();
  const linkAlarmChanges = createPreviousPositionAdder();
  return async ({ rules, alarms }) => {
    await Promise.all([
      ...linkRuleChanges(rules).map((change) => pubsub.publish(RULE_CHANGES_CHANNEL, change)),
      ...linkAlarmChanges(alarms).map((change) => pubsub.publish(ALARM_CHANGES_CHANNEL, change)),
    ]);
  };
}

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
