import { setImmediate } from 'node:timers/promises';
import type { LogEntry } from '@seguridad-abc/contracts';
import type { Logger } from '@seguridad-abc/platform';
import { type Checkpoint, INITIAL_CHECKPOINT, type ReadModelRecords } from '../domain/read-model.js';
import { splitIntoBatches } from '../domain/log-batches.js';
import {
  deriveRecords,
  parseEntries,
  type Projection,
  projectRecords,
  type ReadModelChanges,
  type SetAsideEntry,
} from '../domain/projection.js';
import type { ProjectionStore } from '../db/projection-store.js';

export interface ApplierOptions {
  readonly store: ProjectionStore;
  /** Told after each commit, when the things can be read. */
  readonly onCommitted: (things: ReadModelRecords) => void;
  /** Sends out changes that can now be read. Called in the order of the log. */
  readonly publish: (changes: ReadModelChanges) => Promise<void>;
  readonly logger: Logger;
}

export interface SetAsideSummary {
  readonly count: number;
  /** The position of the first, where there is one. */
  readonly first: number | undefined;
}

/** Brings entries into the read model. One call at a time. */
export interface Applier {
  readonly checkpoint: Checkpoint;
  /** Entries that wait for newer software. */
  readonly setAside: SetAsideSummary;
  /** Goes on where the read model stands, and takes up what was set aside and is understood by now. */
  load(): Promise<void>;
  /** Settles which log is followed, before its first entry. */
  adopt(logId: string): Promise<void>;
  /** @param entries what comes next after the checkpoint */
  apply(entries: readonly LogEntry[]): Promise<void>;
}

export function createApplier({ store, onCommitted, publish, logger }: ApplierOptions): Applier {
  let checkpoint = INITIAL_CHECKPOINT;
  let setAside = summaryOf([]);

  const projected = async (entries: readonly LogEntry[]) => {
    const batch = parseEntries(entries);
    const told = deriveRecords(batch.events);
    return { ...projectRecords(told, await store.findStored(told)), setAside: batch.setAside };
  };

  const announce = async ({ records, changes }: Projection) => {
    onCommitted(records);
    await publish(changes);
  };

  /** @returns those that are still not understood */
  const takeUp = async (entries: readonly LogEntry[]) => {
    const { setAside: still, ...projection } = await projected(entries);
    const waiting = new Set(still.map(({ entry }) => entry.position));
    const takenUp = entries.map(({ position }) => position).filter((position) => !waiting.has(position));
    if (takenUp.length > 0) {
      await store.commit({
        from: checkpoint,
        to: checkpoint,
        records: projection.records,
        projectedSetAside: takenUp,
      });
      logger.info({ positions: takenUp }, 'log entries that were set aside are understood now');
      await announce(projection);
    }
    return still;
  };

  const applyPortion = async (entries: readonly LogEntry[]) => {
    const last = entries.at(-1);
    if (!last) return;
    const { setAside: aside, ...projection } = await projected(entries);
    const to = { logId: last.logId, position: last.position };
    await store.commit({ from: checkpoint, to, records: projection.records, setAside: aside });
    checkpoint = to;
    const more = summaryOf(aside);
    setAside = { count: setAside.count + more.count, first: setAside.first ?? more.first };
    for (const { entry, reason } of aside) {
      logger.error({ position: entry.position, reason }, 'a log entry is not understood and set aside');
    }
    await announce(projection);
  };

  return {
    get checkpoint() {
      return checkpoint;
    },
    get setAside() {
      return setAside;
    },

    async load() {
      checkpoint = await store.readCheckpoint();
      const waiting = await store.readSetAside();
      setAside = summaryOf(await takeUp(waiting.map(({ entry }) => entry)));
      if (setAside.count > 0)
        logger.error(setAside, 'log entries are set aside: this software is too old for them');
    },

    async adopt(logId) {
      const to = { logId, position: checkpoint.position };
      await store.commit({ from: checkpoint, to });
      checkpoint = to;
    },

    async apply(entries) {
      for (const [index, portion] of splitIntoBatches(entries).entries()) {
        // What has come meanwhile is answered in between.
        if (index > 0) await setImmediate();
        await applyPortion(portion);
      }
    },
  };
}

const summaryOf = (entries: readonly SetAsideEntry[]): SetAsideSummary => ({
  count: entries.length,
  first: entries[0]?.entry.position,
});
